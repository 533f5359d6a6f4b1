import type { BaselineHandshake, ChangeBlock, ChangeCause, ChangeFeedPage, CommitChangesPage, EntityChange, EntityImage } from "../models/changes.js";
import type { CellJson } from "../models/entity.js";
import type { ChangeBaselineOutput, ChangeBlockOutput, ChangeCauseOutput, ChangeFeedOutput, ChangeImageOutput, CommitChangesOutput, EntityChangeOutput } from "../wire/changes.js";

export function encodeCommitChanges({ cause, changes, nextPageToken }: CommitChangesPage): CommitChangesOutput {
  return { ...encodeChangeBlock({ cause, changes }), ...(nextPageToken === undefined ? {} : { next_page_token: nextPageToken }) };
}

export function decodeCommitChanges({ cause, changes, next_page_token: nextPageToken }: CommitChangesOutput): CommitChangesPage {
  return { ...decodeChangeBlock({ cause, changes }), ...(nextPageToken === undefined ? {} : { nextPageToken }) };
}

export function encodeChangeFeed({ blocks, nextPageToken, cursor, caughtUp }: ChangeFeedPage): ChangeFeedOutput {
  return {
    blocks: blocks.map(encodeChangeBlock),
    ...(nextPageToken === undefined ? {} : { next_page_token: nextPageToken }),
    ...(cursor === undefined ? {} : { cursor }),
    ...(caughtUp === undefined ? {} : { caught_up: caughtUp }),
  };
}

export function decodeChangeFeed({ blocks, next_page_token: nextPageToken, cursor, caught_up: caughtUp }: ChangeFeedOutput): ChangeFeedPage {
  return {
    blocks: blocks.map(decodeChangeBlock),
    ...(nextPageToken === undefined ? {} : { nextPageToken }),
    ...(cursor === undefined ? {} : { cursor }),
    ...(caughtUp === undefined ? {} : { caughtUp }),
  };
}

function encodeChangeBlock({ cause, changes }: ChangeBlock): ChangeBlockOutput {
  return { cause: encodeCause(cause), changes: changes.map(encodeChange) };
}

function decodeChangeBlock({ cause, changes }: ChangeBlockOutput): ChangeBlock {
  return { cause: decodeCause(cause), changes: changes.map(decodeChange) };
}

/** What a cause does not have is absent. */
export function encodeCause(cause: ChangeCause): ChangeCauseOutput {
  return {
    graph_commit_id: cause.graphCommitId,
    ...(cause.parentCommitId === null ? {} : { parent_commit_id: cause.parentCommitId }),
    ...(cause.mergedParentCommitId === null ? {} : { merged_parent_commit_id: cause.mergedParentCommitId }),
    authored_branch: cause.authoredBranch,
    ...(cause.actorId === null ? {} : { actor_id: cause.actorId }),
    authored_at: cause.authoredAt,
  };
}

function decodeCause(cause: ChangeCauseOutput): ChangeCause {
  return {
    graphCommitId: cause.graph_commit_id,
    parentCommitId: cause.parent_commit_id ?? null,
    mergedParentCommitId: cause.merged_parent_commit_id ?? null,
    authoredBranch: cause.authored_branch,
    actorId: cause.actor_id ?? null,
    authoredAt: cause.authored_at,
  };
}

export function encodeChange({ kind, type, id, op, before, after }: EntityChange): EntityChangeOutput {
  return {
    kind,
    type: { id: type.id, name: type.name },
    id,
    op,
    ...(before === undefined ? {} : { before: encodeImage(before) }),
    ...(after === undefined ? {} : { after: encodeImage(after) }),
  };
}

function decodeChange({ kind, type, id, op, before, after }: EntityChangeOutput): EntityChange {
  return {
    kind,
    type: { id: type.id, name: type.name },
    id,
    op,
    ...(before === undefined ? {} : { before: decodeImage(before) }),
    ...(after === undefined ? {} : { after: decodeImage(after) }),
  };
}

export function encodeImage({ properties, endpoints }: EntityImage): ChangeImageOutput {
  return { properties, ...(endpoints === undefined ? {} : { endpoints: { from: endpoints.from, to: endpoints.to } }) };
}

export function decodeImage({ properties, endpoints }: ChangeImageOutput): EntityImage {
  return { properties: properties as Readonly<Record<string, CellJson>>, ...(endpoints === undefined ? {} : { endpoints: { from: endpoints.from, to: endpoints.to } }) };
}

export function encodeBaseline({ snapshotCommitId, resumeCursor }: BaselineHandshake): ChangeBaselineOutput {
  return { baseline: { snapshot_commit_id: snapshotCommitId, resume_cursor: resumeCursor } };
}
