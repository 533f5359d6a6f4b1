import { ResourceLimitExceededError } from "../errors.js";
import { DIFF_BYTES_MAX } from "../limits.js";
import type { CommitRecord } from "../manifest/manifest.js";
import { type ChangeFilter, ChangeScope } from "./change-filter.js";
import { type ChangeContext, graphStateOf } from "./change-context.js";
import { changeByteCount } from "./change-json.js";
import type { ChangeOp, EntityChange, EntityImage, EntityKind } from "./change.js";
import { type ChangedType, changedTypes } from "./changed-type.js";

export interface DiffOptions extends ChangeFilter {
  /** Also show the entities before and after; default false. */
  readonly images?: boolean;
  readonly signal?: AbortSignal;
}

/** One entity that differs between two states of the graph. */
export interface EntityDifference {
  readonly kind: EntityKind;
  readonly typeName: string;
  readonly id: string;
  readonly op: ChangeOp;
  /** Version of the type that the later state shows; of a dropped type, the earlier one. */
  readonly publishedDatasetVersion: number;
  /** Of edges: as the later state has them, of deleted ones as the earlier. */
  readonly endpoints?: { readonly src: string; readonly dst: string };
  /** With `images`, and only where the entity exists. */
  readonly before?: EntityImage;
  readonly after?: EntityImage;
}

/**
 * What differs between two states (CH-1 … CH-6): edges before nodes, then ascending by type name and id. Entities with equal values are
 * equal, whoever wrote them when; properties that only one of the schemas has are not compared.
 */
export interface GraphDiff {
  readonly fromGraphManifestVersion: number;
  readonly toGraphManifestVersion: number;
  /** Of the later state; null = main. */
  readonly graphBranch: string | null;
  readonly changes: readonly EntityDifference[];
  readonly stats: {
    readonly inserts: number;
    readonly updates: number;
    readonly deletes: number;
    /** Ascending. */
    readonly typesAffected: readonly string[];
  };
}

/**
 * @param branch that `to` was named by; null = main
 * @throws HistoricalVersionReclaimedError; ResourceLimitExceededError when the result has more than 256 MiB
 */
export async function diffRecords(from: CommitRecord, to: CommitRecord, branch: string | null, options: DiffOptions, context: ChangeContext): Promise<GraphDiff> {
  const { images = false, signal } = options;
  const scope = new ChangeScope(options);
  const [before, after] = [await graphStateOf(from, context), await graphStateOf(to, context)];
  const types = [...changedTypes(before, after, scope)].sort(compareTypes);
  const changes: EntityDifference[] = [];
  const counts: Record<ChangeOp, number> = { insert: 0, update: 0, delete: 0 };
  let byteCount = 0;
  for await (const { change, type } of context.entities.read({ before, after, types, scope, parts: images ? "all" : "endpoints", signal })) {
    byteCount += changeByteCount(change);
    if (byteCount > DIFF_BYTES_MAX) throw new ResourceLimitExceededError("diff result bytes", DIFF_BYTES_MAX, byteCount, "Filter by kind, type or operation, or read the changes commit by commit.");
    changes.push(differenceOf(change, type, images));
    counts[change.op]++;
  }
  return {
    fromGraphManifestVersion: from.commit.graphManifestVersion,
    toGraphManifestVersion: to.commit.graphManifestVersion,
    graphBranch: branch,
    changes,
    stats: { inserts: counts.insert, updates: counts.update, deletes: counts.delete, typesAffected: [...new Set(changes.map(({ typeName }) => typeName))].sort() },
  };
}

function differenceOf({ kind, type, id, op, before, after }: EntityChange, changed: ChangedType, images: boolean): EntityDifference {
  const endpoints = (after ?? before)?.endpoints;
  return {
    kind,
    typeName: type.name,
    id,
    op,
    publishedDatasetVersion: (changed.after ?? changed.before)?.pin.publishedVersion ?? 0,
    ...(endpoints === undefined ? {} : { endpoints: { src: endpoints.from, dst: endpoints.to } }),
    ...(images && before !== undefined ? { before } : {}),
    ...(images && after !== undefined ? { after } : {}),
  };
}

/** Edges before nodes (CH-6). */
function compareTypes(a: ChangedType, b: ChangedType): number {
  if (a.kind !== b.kind) return a.kind === "edge" ? -1 : 1;
  return a.name === b.name ? (a.id < b.id ? -1 : 1) : a.name < b.name ? -1 : 1;
}
