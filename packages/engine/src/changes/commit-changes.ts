import type { CommitRecord } from "../manifest/manifest.js";
import { HistoricalVersionReclaimedError } from "../storage/errors.js";
import { type ChangeFilter, ChangeScope } from "./change-filter.js";
import { bindingOf, type ChangeContext, findParent, graphStateOf } from "./change-context.js";
import { decodeToken, encodeToken } from "./change-token.js";
import { type ChangeBlock, causeOf, type EntityChange } from "./change.js";
import { changedTypes, schemaBoundary } from "./changed-type.js";
import type { ChangePosition } from "./entity-changes.js";
import { ChangeFeedGapError, ChangesRefusedError } from "./errors.js";
import { Page, type PageSize } from "./page.js";

export interface CommitChangesOptions extends ChangeFilter, PageSize {
  /** Continues an answer: `nextPageToken` of the page before, with the same filter (CH-28). */
  readonly pageToken?: string;
  readonly signal?: AbortSignal;
}

/** One page of the changes of a commit. */
export interface CommitChangesPage extends ChangeBlock {
  /** Absent on the last page. */
  readonly nextPageToken?: string;
}

/**
 * What a commit changed, entity by entity, against its first parent (CH-20 … CH-29).
 *
 * @throws CommitNotFoundError; ChangesRefusedError; ChangeFeedGapError when a cleanup took the data; ChangeCursorRejectedError for the
 *   page token; InvalidChangeRequestError, ResourceLimitExceededError for the size of the page
 */
export async function readCommitChanges(graphCommitId: string, options: CommitChangesOptions, context: ChangeContext): Promise<CommitChangesPage> {
  const page = new Page(options);
  const scope = new ChangeScope(options);
  const record = await context.commits.record(graphCommitId);
  const binding = await bindingOf(graphCommitId, scope, context);
  const from = options.pageToken === undefined ? undefined : decodeToken(options.pageToken, "commit-page", binding).entity;
  const { changes, last } = await fillPage(page, record, { scope, from, signal: options.signal }, context);
  const nextPageToken = last === undefined ? {} : { nextPageToken: encodeToken("commit-page", binding, { entity: last }) };
  return { cause: causeOf(record), changes, ...nextPageToken };
}

interface BlockReading {
  readonly scope: ChangeScope;
  readonly from: ChangePosition | undefined;
  readonly signal: AbortSignal | undefined;
  /** Of the feed that reads the block. */
  readonly cursor?: string | undefined;
}

/** The part of a block that a page has room for. */
export interface BlockPart {
  readonly changes: readonly EntityChange[];
  /** Where the rest begins: behind this entity. Undefined when the block is complete. */
  readonly last: ChangePosition | undefined;
  /** Room ran out before the first change. */
  readonly isUntouched: boolean;
}

/** @throws ChangesRefusedError, ChangeFeedGapError, ChangeCursorRejectedError */
export async function fillPage(page: Page, record: CommitRecord, reading: BlockReading, context: ChangeContext): Promise<BlockPart> {
  const { scope, from, signal } = reading;
  const { graphCommitId } = record.commit;
  const parent = await findParent(record, context);
  if (parent === undefined) throw new ChangesRefusedError("parentless_commit", graphCommitId);
  const [before, after] = [await graphStateOf(parent, context), await graphStateOf(record, context)];
  const boundary = schemaBoundary(before, after, scope);
  if (boundary !== undefined) throw new ChangesRefusedError("schema_boundary", graphCommitId, boundary);
  const types = [...changedTypes(before, after, scope)].sort((a, b) => (a.kind === b.kind ? (a.id < b.id ? -1 : 1) : a.kind === "node" ? -1 : 1));
  const changes: EntityChange[] = [];
  let last = from;
  try {
    for await (const { change } of context.entities.read({ before, after, types, scope, parts: "all", from, signal })) {
      if (!page.take(change)) return { changes, last, isUntouched: changes.length === 0 };
      changes.push(change);
      last = { typeId: change.type.id, entityId: change.id };
    }
  } catch (error) {
    if (error instanceof HistoricalVersionReclaimedError) throw new ChangeFeedGapError(graphCommitId, reading.cursor, { cause: error });
    throw error;
  }
  return { changes, last: undefined, isUntouched: false };
}
