import type { Pacer } from "@omnigraphdb/common";
import type { CommitGraph } from "../commit-graph/commit-graph.js";
import { ManifestCorruptError } from "../manifest/errors.js";
import type { ManifestStore } from "../manifest/manifest-store.js";
import { type CommitRecord, MAIN_INCARNATION } from "../manifest/manifest.js";
import type { Catalog } from "@omnigraphdb/compiler";
import type { ChangeScope } from "./change-filter.js";
import type { GraphState } from "./changed-type.js";
import type { TokenBinding } from "./change-token.js";
import type { EntityChanges } from "./entity-changes.js";

/** What reading changes needs of its graph. */
export interface ChangeContext {
  readonly manifest: ManifestStore;
  readonly commits: CommitGraph;
  readonly entities: EntityChanges;
  /** The schema a commit was written under. */
  readonly catalogOf: (record: CommitRecord) => Promise<Catalog>;
  readonly pacer: Pacer;
}

export async function graphStateOf(record: CommitRecord, { catalogOf }: ChangeContext): Promise<GraphState> {
  return { record, catalog: await catalogOf(record) };
}

/** The first parent of a commit; undefined for the first commit of a graph. */
export async function findParent({ incarnation, commit }: CommitRecord, { manifest, commits }: ChangeContext): Promise<CommitRecord | undefined> {
  const { parentCommitId, graphManifestVersion } = commit;
  if (parentCommitId === null) return undefined;
  const before = await manifest.findCommit(incarnation, graphManifestVersion - 1);
  return before?.commit.graphCommitId === parentCommitId ? before : commits.record(parentCommitId);
}

/** @param scope what the token is about, besides graph and filter */
export async function bindingOf(scope: string, filter: ChangeScope, { manifest }: ChangeContext): Promise<TokenBinding> {
  const { graph } = await manifest.readState(null);
  const genesis = await manifest.findCommit(MAIN_INCARNATION, 1);
  if (genesis === undefined) throw new ManifestCorruptError("the row of the first commit is missing");
  return { graphId: graph.graphId, genesisCommitId: genesis.commit.graphCommitId, filterDigest: filter.digest, scope };
}
