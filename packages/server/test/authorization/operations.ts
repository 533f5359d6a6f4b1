/** Every route of http-api §23 and every MCP tool of server.md 12.4: how it is called, and what policy.md §5.2 says is asked for it. */
import type { OperationId } from "@omnigraphdb/api-types";
import type { PolicyRequest } from "@omnigraphdb/common";
import type { Graph } from "@omnigraphdb/engine";
import type { Call } from "./policy-app.js";

export const SCHEMA = "node Account {\n  code: String @key\n  logo: Blob?\n}\n";
/** In the data of the graphs, and in no answer to who may not read it. */
export const SECRET = "seen-by-readers-only";
export const RECORD = `{"type":"Account","data":{"code":"${SECRET}"}}`;
const READ = "query q() { match { $a: Account } return { $a.code } }";
/** Changes nothing, so that what is allowed stays as it was. */
const WRITE = 'query w() { delete Account where code = "nobody-has-this" }';
export const QUERIES: Readonly<Record<string, string>> = { codes: READ.replace("query q", "query codes"), prune: WRITE.replace("query w", "query prune") };
const UNKNOWN_COMMIT = "01J8Z5W6T4Q8M3N2K1H0G9F8E7";

export interface Place {
  /** Branches there are. */
  readonly existing: ReadonlySet<string>;
  /** Head of main. */
  readonly commitId: string;
  /** A commit that was made on `draft`. */
  readonly draftCommitId: string;
  readonly branch: string;
  readonly other: string;
}

export interface Operation {
  readonly call: (place: Place) => Call;
  /** In any order: all of it has to be allowed. */
  readonly asks: (place: Place) => readonly PolicyRequest[];
  /** The same, asked of the engine; for writes. */
  readonly engine?: (graph: Graph, actor: string, place: Place) => Promise<unknown>;
  /** A denial of the first question answers as this call does. */
  readonly mask?: (place: Place) => Call;
  /** The same as an MCP tool. */
  readonly tool?: Tool;
}

export interface Tool {
  readonly name: string;
  readonly args: (place: Place) => object;
}

const get = (path: string): Call => ({ method: "GET", path });
const post = (path: string, body: unknown, headers?: Readonly<Record<string, string>>): Call => ({ method: "POST", path, body, ...(headers === undefined ? {} : { headers }) });
const named = (branch: string): string => `branch=${encodeURIComponent(branch)}`;
const condition = ({ commitId }: Place): Readonly<Record<string, string>> => ({ "omnigraph-if-graph-commit": commitId });
const blob = ({ branch }: Place): string => `/blob?entity=node&type=Account&id=${SECRET}&property=logo&${named(branch)}`;
const readsBranch = ({ branch }: Place): readonly PolicyRequest[] => [{ action: "read", branch }];
const readsAny = (): readonly PolicyRequest[] => [{ action: "read" }];
const changesBranch = ({ branch }: Place): readonly PolicyRequest[] => [{ action: "change", branch }];
const exportsBranch = ({ branch }: Place): readonly PolicyRequest[] => [{ action: "export", branch }];
const forks = ({ existing, branch, other }: Place): readonly PolicyRequest[] => [
  { action: "change", branch },
  ...(existing.has(branch.trim()) ? [] : [{ action: "branch_create", branch: other, targetBranch: branch } as const]),
];
const onBranch = ({ branch }: Place): object => ({ branch });
const unknownQuery = ({ branch }: Place): Call => post("/queries/nothing", { branch });

export const OPERATIONS: Readonly<Record<Exclude<OperationId, "health" | "listGraphs"> | "snapshotOfDraft", Operation>> = {
  getSnapshot: { call: ({ branch }) => get(`/snapshot?${named(branch)}`), asks: readsBranch, tool: { name: "snapshot", args: onBranch } },
  query: { call: ({ branch }) => post("/query", { query: READ, branch }), asks: readsBranch, tool: { name: "query", args: ({ branch }) => ({ query: READ, branch }) } },
  read: { call: ({ branch }) => post("/read", { query_source: READ, branch }), asks: readsBranch, tool: { name: "read", args: ({ branch }) => ({ querySource: READ, branch }) } },
  snapshotOfDraft: {
    call: ({ draftCommitId }) => post("/query", { query: READ, snapshot: draftCommitId }),
    asks: () => [{ action: "read", branch: "draft" }],
    tool: { name: "query", args: ({ draftCommitId }) => ({ query: READ, snapshot: draftCommitId }) },
  },
  explain: { call: ({ branch }) => post("/explain", { query: READ, branch, analyze: true }), asks: readsBranch },
  mutate: {
    call: ({ branch }) => post("/mutate", { query: WRITE, branch }),
    asks: changesBranch,
    engine: (graph, actor, { branch }) => graph.mutate(WRITE, { actor, branch }),
    tool: { name: "mutate", args: ({ branch }) => ({ query: WRITE, branch }) },
  },
  change: { call: ({ branch }) => post("/change", { query_source: WRITE, branch }), asks: changesBranch, tool: { name: "change", args: ({ branch }) => ({ querySource: WRITE, branch }) } },
  mutate_if_graph_commit: {
    call: (place) => post("/mutate/if-graph-commit", { query: WRITE, branch: place.branch }, condition(place)),
    asks: changesBranch,
    tool: { name: "mutate", args: ({ branch, commitId }) => ({ query: WRITE, branch, if_graph_commit: commitId }) },
  },
  list_queries: { call: () => get("/queries"), asks: () => [{ action: "read", branch: "main" }] },
  invoke_query: {
    call: ({ branch }) => post("/queries/codes", { branch }),
    asks: (place) => [{ action: "invoke_query" }, ...readsBranch(place)],
    mask: unknownQuery,
    tool: { name: "codes", args: ({ branch }) => ({ _branch: branch }) },
  },
  invoke_query_if_graph_commit: {
    call: (place) => post("/queries/prune/if-graph-commit", { branch: place.branch }, condition(place)),
    asks: (place) => [{ action: "invoke_query" }, ...changesBranch(place)],
    mask: (place) => post("/queries/nothing/if-graph-commit", { branch: place.branch }, condition(place)),
    tool: { name: "prune", args: ({ branch }) => ({ _branch: branch }) },
  },
  getSchema: { call: () => get("/schema"), asks: readsAny, tool: { name: "schema_get", args: () => ({}) } },
  applySchema: { call: () => post("/schema/apply", { schema_source: SCHEMA }), asks: () => [{ action: "schema_apply", targetBranch: "main" }], engine: (graph, actor) => graph.applySchema(SCHEMA, { actor }) },
  load: {
    call: ({ branch, other }) => post("/load", { branch, from: other, mode: "merge", data: RECORD }),
    asks: forks,
    engine: (graph, actor, { branch, other }) => graph.load(RECORD, { actor, branch, base: other, mode: "merge" }),
  },
  ingest: { call: ({ branch, other }) => post("/ingest", { branch, from: other, mode: "merge", data: RECORD }), asks: forks },
  loadNdjson: {
    call: ({ branch, other }) => post(`/load/ndjson?${named(branch)}&from=${encodeURIComponent(other)}`, RECORD),
    asks: forks,
    tool: { name: "load", args: ({ branch, other }) => ({ branch, from: other, data: RECORD }) },
  },
  export: { call: ({ branch }) => post("/export", { branch }), asks: exportsBranch },
  listBranches: { call: () => get("/branches"), asks: readsAny, tool: { name: "branches_list", args: () => ({}) } },
  createBranch: {
    call: ({ branch, other }) => post("/branches", { name: branch, from: other }),
    asks: ({ branch, other }) => [{ action: "branch_create", branch: other, targetBranch: branch }],
    engine: (graph, actor, { branch, other }) => graph.branchCreateFrom(other, branch, { actor }),
    tool: { name: "branches_create", args: ({ branch, other }) => ({ name: branch, from: other }) },
  },
  deleteBranch: {
    call: ({ branch }) => ({ method: "DELETE", path: `/branches/${encodeURIComponent(branch)}` }),
    asks: ({ branch }) => [{ action: "branch_delete", targetBranch: branch }],
    engine: (graph, actor, { branch }) => graph.branchDelete(branch, { actor }),
    tool: { name: "branches_delete", args: ({ branch }) => ({ name: branch }) },
  },
  mergeBranches: {
    call: ({ branch, other }) => post("/branches/merge", { source: branch, target: other }),
    asks: ({ branch, other }) => [{ action: "branch_merge", branch, targetBranch: other }],
    engine: (graph, actor, { branch, other }) => graph.branchMerge(branch, other, { actor }),
    tool: { name: "branches_merge", args: ({ branch, other }) => ({ source: branch, target: other }) },
  },
  listCommits: { call: ({ branch }) => get(`/commits?${named(branch)}`), asks: readsBranch, tool: { name: "commits_list", args: onBranch } },
  getCommit: { call: ({ draftCommitId }) => get(`/commits/${draftCommitId}`), asks: readsAny, tool: { name: "commits_get", args: ({ draftCommitId }) => ({ commit_id: draftCommitId }) } },
  getCommitChanges: {
    call: ({ draftCommitId }) => get(`/commits/${draftCommitId}/changes`),
    asks: () => [{ action: "read", branch: "draft" }],
    mask: () => get(`/commits/${UNKNOWN_COMMIT}/changes`),
    tool: { name: "commit_changes", args: ({ draftCommitId }) => ({ commit_id: draftCommitId }) },
  },
  pollChanges: { call: ({ branch }) => get(`/changes?${named(branch)}`), asks: readsBranch },
  captureChangeBaseline: { call: ({ branch }) => post("/changes/baseline", { branch }), asks: exportsBranch },
  diff: {
    call: ({ branch, other }) => get(`/diff?from=${encodeURIComponent(branch)}&to=${encodeURIComponent(other)}`),
    asks: ({ branch, other }) => [{ action: "read", branch }, { action: "read", branch: other }],
    tool: { name: "diff", args: ({ branch, other }) => ({ from: branch, to: other }) },
  },
  getBlob: { call: (place) => get(blob(place)), asks: readsBranch },
  headBlob: { call: (place) => ({ method: "HEAD", path: blob(place) }), asks: readsBranch },
};

/** A request as it would be about names that nothing has: what is equal then says nothing of what exists. */
export function neutral(text: string, { draftCommitId }: Place): string {
  return text.replaceAll(UNKNOWN_COMMIT, "…").replaceAll(draftCommitId, "…");
}
