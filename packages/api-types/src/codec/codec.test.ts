import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type * as z from "zod";
import { parseAnswerJson } from "../json/parse-json.js";
import { stringifyJson } from "../json/stringify-json.js";
import type { GraphCommit } from "../models/commit.js";
import type { CellJson } from "../models/entity.js";
import type { ExplainStep } from "../models/explanation.js";
import { branchCreateOutputSchema, branchDeleteOutputSchema, branchListOutputSchema, branchMergeOutputSchema } from "../wire/branch.js";
import { changeBaselineOutputSchema, changeFeedOutputSchema, commitChangesOutputSchema } from "../wire/changes.js";
import { commitListOutputSchema, commitOutputSchema } from "../wire/commit.js";
import { graphDiffOutputSchema } from "../wire/diff.js";
import { explanationOutputSchema } from "../wire/explanation.js";
import { ingestOutputSchema } from "../wire/load.js";
import { changeOutputSchema } from "../wire/mutation.js";
import { schemaApplyOutputSchema } from "../wire/schema.js";
import { graphListResponseSchema, healthOutputSchema } from "../wire/server.js";
import { snapshotOutputSchema } from "../wire/snapshot.js";
import { queriesCatalogOutputSchema } from "../wire/stored-query.js";
import * as branch from "./branch.js";
import * as changes from "./changes.js";
import * as commits from "./commit.js";
import * as diffs from "./diff.js";
import * as explanations from "./explanation.js";
import * as loads from "./load.js";
import * as mutations from "./mutation.js";
import * as schemas from "./schema.js";
import * as servers from "./server.js";
import * as snapshots from "./snapshot.js";
import * as storedQueries from "./stored-query.js";

const text = fc.string({ unit: "grapheme" });
const count = fc.nat({ max: Number.MAX_SAFE_INTEGER });
const nullable = <T>(arbitrary: fc.Arbitrary<T>): fc.Arbitrary<T | null> => fc.option(arbitrary, { nil: null });
const kind = fc.constantFrom("node" as const, "edge" as const);
const op = fc.constantFrom("insert" as const, "update" as const, "delete" as const);
const thousandths = fc.integer({ min: 0, max: 1e9 }).map((value) => value / 1_000);

const commit: fc.Arbitrary<GraphCommit> = fc.record({
  graphCommitId: text,
  graphBranch: nullable(text),
  graphManifestVersion: count,
  parentCommitId: nullable(text),
  mergedParentCommitId: nullable(text),
  actorId: nullable(text),
  createdAt: count,
});

// Integers that a double holds are numbers after their way over the wire, whatever they were before.
const cell: fc.Arbitrary<CellJson> = fc.letrec<{ cell: CellJson }>((tie) => ({
  cell: fc.oneof({ maxDepth: 2 }, fc.constant(null), fc.boolean(), fc.double({ noNaN: true, noDefaultInfinity: true, min: -1e15, max: 1e15 }).map((value) => (Object.is(value, -0) ? 0 : value)), fc.bigInt({ min: 2n ** 53n, max: 2n ** 63n - 1n }), text, fc.array(tie("cell"))),
})).cell;

const image = fc.record(
  { properties: fc.dictionary(fc.stringMatching(/^[a-z]{1,8}$/), cell, { noNullPrototype: true }), endpoints: fc.record({ from: text, to: text }) },
  { requiredKeys: ["properties"] },
);

const change = fc.record({ kind, type: fc.record({ id: text, name: text }), id: text, op, before: image, after: image }, { requiredKeys: ["kind", "type", "id", "op"] });

const block = fc.record({
  cause: fc.record({ graphCommitId: text, parentCommitId: nullable(text), mergedParentCommitId: nullable(text), authoredBranch: text, actorId: nullable(text), authoredAt: count }),
  changes: fc.array(change, { maxLength: 4 }),
});

const step: fc.Arbitrary<ExplainStep> = fc.letrec<{ step: ExplainStep }>((tie) => ({
  step: fc.record({
    operator: fc.constantFrom("scan" as const, "expand" as const, "antiJoin" as const),
    variable: nullable(text),
    type: nullable(text),
    description: text,
    conditions: fc.array(text, { maxLength: 2 }),
    estimatedRows: thousandths,
    access: nullable(fc.record({ kind: fc.constantFrom("memory" as const, "csr" as const), detail: text }, { requiredKeys: ["kind"] })),
    measured: nullable(fc.record({ inputRows: count, outputRows: count, elapsedMs: nullable(thousandths), bytesRead: count, cacheHits: count, cacheMisses: count })),
    children: fc.oneof({ maxDepth: 2, withCrossShrink: true }, fc.constant([]), fc.array(tie("step"), { maxLength: 2 })),
  }),
})).step;

interface Pair {
  readonly name: string;
  readonly models: fc.Arbitrary<unknown>;
  readonly schema: z.ZodType;
  readonly encode: (model: never) => unknown;
  readonly decode: (wire: never) => unknown;
}

const uri = "file:///g";
const loaded = fc.array(fc.record({ name: text, entitiesLoaded: count }), { maxLength: 2 });
const mode = fc.constantFrom("merge" as const, "append" as const, "overwrite" as const);
const sortedBy = <T>(items: readonly T[], key: (item: T) => string): readonly T[] => [...new Map(items.map((item) => [key(item), item])).values()].sort((a, b) => (key(a) < key(b) ? -1 : 1));

const PAIRS: readonly Pair[] = [
  { name: "commit", models: commit, schema: commitOutputSchema, encode: commits.encodeCommit, decode: commits.decodeCommit },
  { name: "commits", models: fc.array(commit, { maxLength: 3 }), schema: commitListOutputSchema, encode: commits.encodeCommits, decode: commits.decodeCommits },
  {
    name: "snapshot",
    models: fc.record({
      graphBranch: text,
      graphManifestVersion: count,
      graphCommitId: text,
      internalSchemaVersion: count,
      datasets: fc.array(fc.record({ entityKind: kind, typeName: text, datasetPath: text, publishedDatasetVersion: count, nativeDatasetBranch: nullable(text), entityCount: count }), { maxLength: 2 }),
    }),
    schema: snapshotOutputSchema,
    encode: snapshots.encodeSnapshot,
    decode: snapshots.decodeSnapshot,
  },
  {
    name: "health",
    models: fc.record({ status: fc.constant("ok"), version: text, internalSchemaVersion: count, sourceVersion: text }, { requiredKeys: ["status", "version", "internalSchemaVersion"] }),
    schema: healthOutputSchema,
    encode: servers.encodeHealth,
    decode: servers.decodeHealth,
  },
  { name: "graphs", models: fc.array(fc.record({ graphId: text, uri: text })).map((graphs) => sortedBy(graphs, ({ graphId }) => graphId)), schema: graphListResponseSchema, encode: servers.encodeGraphs, decode: servers.decodeGraphs },
  {
    name: "mutation",
    models: fc.record({ branch: text, queryName: text, affectedNodes: count, affectedEdges: count, actorId: nullable(text), commit: nullable(commit) }),
    schema: changeOutputSchema,
    encode: mutations.encodeMutation,
    decode: mutations.decodeMutation,
  },
  {
    name: "load",
    models: fc.record({ branch: text, baseBranch: nullable(text), branchCreated: fc.boolean(), mode, nodes: loaded, edges: loaded, totalEntities: count, actorId: nullable(text), commit }),
    schema: ingestOutputSchema,
    encode: (receipt) => loads.encodeIngest(uri, receipt),
    decode: loads.decodeLoad,
  },
  { name: "branches", models: fc.array(text), schema: branchListOutputSchema, encode: branch.encodeBranches, decode: branch.decodeBranches },
  { name: "branch created", models: fc.record({ uri: text, name: text, from: text, actorId: nullable(text) }), schema: branchCreateOutputSchema, encode: branch.encodeBranchCreated, decode: branch.decodeBranchCreated },
  { name: "branch deleted", models: fc.record({ uri: text, name: text, actorId: nullable(text) }), schema: branchDeleteOutputSchema, encode: branch.encodeBranchDeleted, decode: branch.decodeBranchDeleted },
  {
    name: "merge",
    models: fc.record(
      { source: text, target: text, outcome: fc.constantFrom("already_up_to_date", "fast_forward", "merged"), actorId: nullable(text), commit: nullable(commit), branchDeleted: fc.boolean(), branchDeleteError: text },
      { requiredKeys: ["source", "target", "outcome", "actorId", "commit"] },
    ),
    schema: branchMergeOutputSchema,
    encode: branch.encodeMerge,
    decode: branch.decodeMerge,
  },
  {
    name: "commit changes",
    models: fc.tuple(block, fc.record({ nextPageToken: text }, { requiredKeys: [] })).map(([page, rest]) => ({ ...page, ...rest })),
    schema: commitChangesOutputSchema,
    encode: changes.encodeCommitChanges,
    decode: changes.decodeCommitChanges,
  },
  {
    name: "change feed",
    models: fc.record({ blocks: fc.array(block, { maxLength: 2 }), nextPageToken: text, cursor: text, caughtUp: fc.boolean() }, { requiredKeys: ["blocks"] }),
    schema: changeFeedOutputSchema,
    encode: changes.encodeChangeFeed,
    decode: changes.decodeChangeFeed,
  },
  {
    name: "diff",
    models: fc.record({
      fromGraphManifestVersion: count,
      toGraphManifestVersion: count,
      graphBranch: nullable(text),
      changes: fc.array(
        fc.record({ kind, typeName: text, id: text, op, publishedDatasetVersion: count, endpoints: fc.record({ src: text, dst: text }), before: image, after: image }, { requiredKeys: ["kind", "typeName", "id", "op", "publishedDatasetVersion"] }),
        { maxLength: 3 },
      ),
      stats: fc.record({ inserts: count, updates: count, deletes: count, typesAffected: fc.array(text, { maxLength: 2 }) }),
    }),
    schema: graphDiffOutputSchema,
    encode: diffs.encodeDiff,
    decode: diffs.decodeDiff,
  },
  {
    name: "schema apply",
    models: fc.record({
      supported: fc.constant(true),
      applied: fc.boolean(),
      steps: fc.array(fc.record({ kind: text, description: text, name: text, added_values: fc.array(text, { maxLength: 2 }) }), { maxLength: 2 }),
      graphManifestVersion: count,
      actorId: nullable(text),
      commit: nullable(commit),
    }),
    schema: schemaApplyOutputSchema,
    encode: (receipt) => schemas.encodeSchemaApply(uri, receipt),
    decode: schemas.decodeSchemaApply,
  },
  {
    name: "explanation",
    models: fc.record({
      queryName: text,
      target: fc.oneof(fc.record({ branch: text, snapshot: fc.constant(null) }), fc.record({ branch: fc.constant(null), snapshot: text })),
      graphCommitId: text,
      steps: fc.array(step, { maxLength: 2 }),
      measured: nullable(fc.record({ rowCount: count, elapsedMs: thousandths, loadMs: thousandths, bytesRead: count, cacheHits: count, cacheMisses: count, memoryPeakBytes: count })),
    }),
    schema: explanationOutputSchema,
    encode: explanations.encodeExplanation,
    decode: explanations.decodeExplanation,
  },
  {
    name: "query catalog",
    models: fc
      .array(
        fc.record(
          {
            name: text,
            toolName: text,
            description: text,
            instruction: text,
            isMutation: fc.boolean(),
            params: fc.array(fc.record({ name: text, kind: fc.constantFrom("int", "list", "vector"), item_kind: fc.constant("string"), vector_dim: count, nullable: fc.boolean() }, { requiredKeys: ["name", "kind", "nullable"] }), { maxLength: 2 }),
          },
          { requiredKeys: ["name", "toolName", "isMutation", "params"] },
        ),
        { maxLength: 3 },
      )
      .map((entries) => sortedBy(entries, ({ name }) => name)),
    schema: queriesCatalogOutputSchema,
    encode: storedQueries.encodeQueryCatalog,
    decode: storedQueries.decodeQueryCatalog,
  },
];

describe("what is encoded, printed, parsed, checked and decoded is what it was", () => {
  test.each(PAIRS)("$name", ({ models, schema, encode, decode }) => {
    fc.assert(
      fc.property(models, (model) => {
        const wire = schema.parse(parseAnswerJson(stringifyJson(encode(model as never))));
        expect(decode(wire as never)).toEqual(model);
      }),
      { numRuns: 40 },
    );
  });
});

test("order of members: as the specification lists them", () => {
  const source: GraphCommit = { createdAt: 1, actorId: null, mergedParentCommitId: null, parentCommitId: null, graphManifestVersion: 1, graphBranch: null, graphCommitId: "c" };
  expect(stringifyJson(commits.encodeCommit(source))).toBe(
    '{"graph_commit_id":"c","graph_branch":null,"graph_manifest_version":1,"parent_commit_id":null,"merged_parent_commit_id":null,"actor_id":null,"created_at":1}',
  );
  expect(Object.keys(mutations.encodeMutation({ commit: null, actorId: null, affectedEdges: 0, affectedNodes: 0, queryName: "q", branch: "b" }))).toEqual(["branch", "query_name", "affected_nodes", "affected_edges", "actor_id", "commit"]);
});

test("18.7 the last line of a baseline", () => {
  const handshake = changes.encodeBaseline({ snapshotCommitId: "c", resumeCursor: "r" });
  expect(changeBaselineOutputSchema.parse(handshake)).toEqual(handshake);
  expect(stringifyJson(handshake)).toBe('{"baseline":{"snapshot_commit_id":"c","resume_cursor":"r"}}');
});

test("18.1 what a cause or an image does not have is left out", () => {
  const cause = { graphCommitId: "c", parentCommitId: null, mergedParentCommitId: null, authoredBranch: "main", actorId: null, authoredAt: 1 };
  expect(stringifyJson(changes.encodeCommitChanges({ cause, changes: [{ kind: "node", type: { id: "t", name: "T" }, id: "1", op: "insert", after: { properties: { big: 9007199254740993n, zero: -0 } } }] }))).toBe(
    '{"cause":{"graph_commit_id":"c","authored_branch":"main","authored_at":1},"changes":[{"kind":"node","type":{"id":"t","name":"T"},"id":"1","op":"insert","after":{"properties":{"big":9007199254740993,"zero":-0}}}]}',
  );
});
