/**
 * The feed of a branch: what its commits changed, oldest first (CH-40 … CH-49). Nothing is stored per consumer: a cursor says how far
 * one has come, and is bound to the graph, the branch's incarnation and the filter.
 */
import { must, throwIfAborted } from "@omnigraphdb/common";
import { CommitNotFoundError } from "../commit-graph/errors.js";
import { FEED_COMMITS_DEFAULT, FEED_COMMITS_MAX } from "../limits.js";
import { type BranchState, branchDisplayName, type CommitRecord } from "../manifest/manifest.js";
import { type ChangeFilter, ChangeScope } from "./change-filter.js";
import { bindingOf, type ChangeContext } from "./change-context.js";
import { decodeToken, encodeToken, type HistoryPosition, type TokenBinding } from "./change-token.js";
import { type ChangeBlock, causeOf } from "./change.js";
import { fillPage } from "./commit-changes.js";
import type { ChangePosition } from "./entity-changes.js";
import { ChangeCursorRejectedError, InvalidChangeRequestError } from "./errors.js";
import { checkSize, Page, type PageSize } from "./page.js";

/** Where a feed begins: behind the newest commit, behind the first one, or behind a commit of the branch's history (CH-41). */
export type FeedStart = "now" | "beginning" | `after:${string}`;

/** At most one of `start`, `cursor` and `pageToken`; without any, `start` is `now`. */
export interface ChangesOptions extends ChangeFilter, PageSize {
  /** Default: the bound branch. */
  readonly branch?: string;
  readonly start?: FeedStart;
  readonly cursor?: string;
  /** Continues a poll: `nextPageToken` of the page before, with the same branch and filter. */
  readonly pageToken?: string;
  /** Commits of one poll; default 128, at most 512 (CH-42). */
  readonly commitLimit?: number;
  readonly signal?: AbortSignal;
}

/**
 * One page of a poll. `nextPageToken` is there while the poll goes on; `cursor` and `caughtUp` on its last page only (CH-43). A commit
 * may be spread over pages: its block is then on each of them, with the same cause.
 */
export interface ChangeFeedPage {
  readonly blocks: readonly ChangeBlock[];
  readonly nextPageToken?: string;
  /** To be stored together with what was made of the blocks, and given to the next poll. */
  readonly cursor?: string;
  /** False when more commits are waiting already. */
  readonly caughtUp?: boolean;
}

/** A poll, or what is left of one. */
interface Poll {
  readonly after: HistoryPosition;
  /** Commits behind it belong to the next poll. */
  readonly cut: HistoryPosition;
  /** Part of the first block that earlier pages have. */
  readonly entity: ChangePosition | undefined;
}

/**
 * @param branch null = main
 * @throws BranchNotFoundError; InvalidChangeRequestError, ResourceLimitExceededError; ChangeCursorRejectedError; ChangeFeedGapError;
 *   ChangesRefusedError for a schema boundary
 */
export async function pollChanges(branch: string | null, options: ChangesOptions, context: ChangeContext): Promise<ChangeFeedPage> {
  checkPosition(options);
  const page = new Page(options);
  const commitLimit = checkSize("change feed commits per poll", options.commitLimit ?? FEED_COMMITS_DEFAULT, FEED_COMMITS_MAX);
  const scope = new ChangeScope(options);
  const state = await context.manifest.readState(branch);
  const binding = await feedBinding(state, scope, context);
  const poll = await beginPoll(state, binding, options, commitLimit, context);
  const blocks: ChangeBlock[] = [];
  let { after, entity } = poll;
  const cursor = (): string => encodeToken("feed-cursor", binding, { after });
  for (const record of await context.commits.recordsBetween(state, after.version, poll.cut.version)) {
    const part = await fillPage(page, record, { scope, from: entity, signal: options.signal, cursor: cursor() }, context);
    if (!part.isUntouched) blocks.push({ cause: causeOf(record), changes: part.changes });
    if (part.isUntouched || part.last !== undefined) {
      const rest = part.last === undefined ? {} : { entity: part.last };
      await checkIncarnation(state, context);
      return { blocks, nextPageToken: encodeToken("feed-page", binding, { after, cut: poll.cut, ...rest }) };
    }
    after = positionOf(record);
    entity = undefined;
  }
  // What found nothing has read nothing: a caller that polls again at once would keep the process from all other work.
  if (blocks.length === 0) await context.pacer.turn();
  throwIfAborted(options.signal, "reading changes");
  const head = await checkIncarnation(state, context);
  return { blocks, cursor: cursor(), caughtUp: after.version === head.version };
}

/** The cursor of a feed that begins behind the newest commit of `state`. */
export async function cursorBehind(state: BranchState, filter: ChangeFilter, context: ChangeContext): Promise<string> {
  const binding = await feedBinding(state, new ChangeScope(filter), context);
  return encodeToken("feed-cursor", binding, { after: positionOf(state.commit) });
}

function checkPosition({ start, cursor, pageToken }: ChangesOptions): void {
  if ([start, cursor, pageToken].filter((position) => position !== undefined).length > 1) {
    throw new InvalidChangeRequestError("a feed is read from one position", "Give a start, a cursor or a page token, and only one of them.");
  }
}

async function beginPoll(state: BranchState, binding: TokenBinding, options: ChangesOptions, commitLimit: number, context: ChangeContext): Promise<Poll> {
  if (options.pageToken !== undefined) {
    const { after, cut, entity } = decodeToken(options.pageToken, "feed-page", binding);
    if (after === undefined || cut === undefined || cut.version <= after.version || cut.version - after.version > FEED_COMMITS_MAX) {
      throw new ChangeCursorRejectedError("it is damaged");
    }
    return { after: await inHistory(after, state, context), cut: await inHistory(cut, state, context), entity };
  }
  const after = await startOf(state, binding, options, context);
  const [last] = await context.commits.recordsBetween(state, Math.min(state.head.version, after.version + commitLimit) - 1, after.version + commitLimit);
  return { after, cut: positionOf(must(last, "the head is in its own history")), entity: undefined };
}

async function startOf(state: BranchState, binding: TokenBinding, { start = "now", cursor }: ChangesOptions, context: ChangeContext): Promise<HistoryPosition> {
  if (cursor !== undefined) {
    const { after } = decodeToken(cursor, "feed-cursor", binding);
    if (after === undefined) throw new ChangeCursorRejectedError("it is damaged");
    return inHistory(after, state, context);
  }
  if (start === "now") return positionOf(state.commit);
  // The first commit shows an empty graph: nothing is missing without it.
  if (start === "beginning") return { version: 1, graphCommitId: binding.genesisCommitId };
  const [, graphCommitId] = /^after:(.+)$/s.exec(start) ?? [];
  if (graphCommitId === undefined) throw new InvalidChangeRequestError(`'${start}' is no start of a feed`, "Use now, beginning, or after: and a commit id.");
  return afterCommit(graphCommitId, state, context);
}

async function afterCommit(graphCommitId: string, state: BranchState, context: ChangeContext): Promise<HistoryPosition> {
  try {
    const { graphManifestVersion: version } = await context.commits.get(graphCommitId);
    const position = { version, graphCommitId };
    if (await isInHistory(position, state, context)) return position;
  } catch (error) {
    if (!(error instanceof CommitNotFoundError)) throw error;
  }
  const branch = branchDisplayName(state.branch);
  throw new InvalidChangeRequestError(`commit '${graphCommitId}' is not in the history of branch '${branch}'`, "List the commits of the branch to see which ones are.");
}

async function inHistory(position: HistoryPosition, state: BranchState, context: ChangeContext): Promise<HistoryPosition> {
  if (!(await isInHistory(position, state, context))) throw new ChangeCursorRejectedError("its commit is not in the history of the branch");
  return position;
}

async function isInHistory({ version, graphCommitId }: HistoryPosition, state: BranchState, { commits }: ChangeContext): Promise<boolean> {
  const [record] = version > state.head.version ? [] : await commits.recordsBetween(state, version - 1, version);
  return record?.commit.graphCommitId === graphCommitId;
}

/** A branch that was deleted and created again meanwhile is another one (CH-48). @returns its newest commit */
async function checkIncarnation(state: BranchState, { manifest }: ChangeContext): Promise<BranchState["head"]> {
  const { head } = await manifest.readState(state.branch);
  if (head.incarnation !== state.head.incarnation) throw new ChangeCursorRejectedError("its branch was deleted, and is another one now");
  return head;
}

function feedBinding(state: BranchState, scope: ChangeScope, context: ChangeContext): Promise<TokenBinding> {
  return bindingOf(JSON.stringify([branchDisplayName(state.branch), state.head.incarnation]), scope, context);
}

function positionOf({ commit }: CommitRecord): HistoryPosition {
  return { version: commit.graphManifestVersion, graphCommitId: commit.graphCommitId };
}
