import type { OperationId } from "@omnigraphdb/api-types";
import type { GraphHandler, ServerHandler } from "../request-context.js";
import { getBlob, headBlob } from "./blob.js";
import { createBranch, deleteBranch, listBranches, mergeBranches } from "./branches.js";
import { captureChangeBaseline } from "./changes-baseline.js";
import { getCommitChanges, pollChanges } from "./changes.js";
import { getCommit, listCommits } from "./commits.js";
import { diff } from "./diff.js";
import { explain } from "./explain.js";
import { exportGraph } from "./export.js";
import { listGraphs } from "./graphs.js";
import { health } from "./health.js";
import { ingest, load, loadNdjson } from "./load.js";
import { mutate, mutateIfGraphCommit } from "./mutate.js";
import { query, read } from "./query.js";
import { applySchema, getSchema } from "./schema.js";
import { getSnapshot } from "./snapshot.js";
import { invokeQuery, invokeQueryIfGraphCommit, listQueries } from "./stored-queries.js";

type ServerOperationId = "health" | "listGraphs";

/** Operations that are about no graph. */
export const SERVER_HANDLERS: { readonly [Id in ServerOperationId]: ServerHandler } = { health, listGraphs };

export function isServerOperation(operationId: OperationId): operationId is ServerOperationId {
  return Object.hasOwn(SERVER_HANDLERS, operationId);
}

/** One handler for every other operation of the route table: one that is missing, or too many, is an error of types. */
export const GRAPH_HANDLERS: { readonly [Id in Exclude<OperationId, ServerOperationId>]: GraphHandler<Id> } = {
  getSnapshot,
  query,
  read,
  mutate,
  change: mutate,
  mutate_if_graph_commit: mutateIfGraphCommit,
  list_queries: listQueries,
  invoke_query: invokeQuery,
  invoke_query_if_graph_commit: invokeQueryIfGraphCommit,
  getSchema,
  applySchema,
  load,
  loadNdjson,
  ingest,
  export: exportGraph,
  listBranches,
  createBranch,
  deleteBranch,
  mergeBranches,
  listCommits,
  getCommit,
  getCommitChanges,
  pollChanges,
  captureChangeBaseline,
  getBlob,
  headBlob,
  explain,
  diff,
};
