import * as blobs from "./blob-routes.js";
import * as branches from "./branch-routes.js";
import * as changes from "./change-routes.js";
import * as reads from "./read-routes.js";
import type { OperationId } from "./route-inputs.js";
import type { Route } from "./route.js";
import * as server from "./server-routes.js";
import * as storedQueries from "./stored-query-routes.js";
import * as writes from "./write-routes.js";

/** Every route of the interface, in the order of §23. What is not in here is not served, documented or called. */
export const ROUTES: Readonly<Record<OperationId, Route>> = {
  health: server.health,
  listGraphs: server.listGraphs,
  getSnapshot: reads.getSnapshot,
  query: reads.query,
  explain: reads.explain,
  read: reads.read,
  mutate: writes.mutate,
  change: writes.change,
  mutate_if_graph_commit: writes.mutateIfGraphCommit,
  list_queries: storedQueries.listQueries,
  invoke_query: storedQueries.invokeQuery,
  invoke_query_if_graph_commit: storedQueries.invokeQueryIfGraphCommit,
  getSchema: writes.getSchema,
  applySchema: writes.applySchema,
  load: writes.load,
  loadNdjson: writes.loadNdjson,
  ingest: writes.ingest,
  export: reads.exportRoute,
  listBranches: branches.listBranches,
  createBranch: branches.createBranch,
  deleteBranch: branches.deleteBranch,
  mergeBranches: branches.mergeBranches,
  listCommits: branches.listCommits,
  getCommit: branches.getCommit,
  diff: branches.diff,
  getCommitChanges: changes.getCommitChanges,
  pollChanges: changes.pollChanges,
  captureChangeBaseline: changes.captureChangeBaseline,
  getBlob: blobs.getBlob,
  headBlob: blobs.headBlob,
};
