import { readFileSync } from "node:fs";
import { Validator } from "@seriousme/openapi-schema-validator";
import { describe, expect, test } from "vitest";
import manifest from "../../package.json" with { type: "json" };
import { ROUTES } from "../routes/routes.js";
import { openApiDocument } from "./open-api-document.js";

interface Operation {
  readonly operationId: string;
  readonly tags: readonly string[];
  readonly security?: unknown;
  readonly deprecated?: boolean;
  readonly parameters?: readonly { readonly name: string; readonly in: string; readonly required: boolean }[];
  readonly responses: Readonly<Record<string, { readonly content?: Readonly<Record<string, { readonly example?: unknown }>> }>>;
}

function operationsOf(document: object): readonly Operation[] {
  const { paths } = document as { readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>> };
  return Object.values(paths).flatMap((path) => Object.values(path));
}

const version = "0.0.0";

const NAMES = `HealthOutput GraphInfo GraphListResponse SnapshotOutput SnapshotDatasetOutput QueryRequest ReadRequest ReadOutput LegacyReadOutput
  ReadTargetOutput ChangeRequest ChangeOutput CommitOutput CommitListOutput QueriesCatalogOutput QueryCatalogEntry ParamDescriptor ParamKind
  InvokeStoredQueryRequest InvokeStoredQueryResponse SchemaOutput SchemaApplyRequest SchemaApplyOutput IngestRequest IngestOutput
  GraphBatchLoadOutput GraphBatchDeclarationOutput LoadMode ExportRequest BranchListOutput BranchCreateRequest BranchCreateOutput
  BranchDeleteOutput BranchMergeRequest BranchMergeOutput BranchMergeOutcome CommitChangesOutput ChangeFeedOutput ChangeBlockOutput
  ChangeCauseOutput EntityChangeOutput EntityKindOutput ChangeTypeOutput ChangeImageOutput ChangeEndpointsOutput ChangeOpOutput
  ChangeBaselineRequest ChangeBaselineRecord ChangeBaselineOutput BlobEntityKind BlobRangeOutput ErrorOutput ErrorCode ChangeErrorOutput
  MergeConflictOutput MergeConflictKindOutput KeyConflictOutput ReadSetConflictOutput PublishedDatasetVersionConflictOutput
  ResourceLimitOutput RecoveryRequiredOutput WriterBusyOutput GraphUnavailableOutput PreconditionFailureOutput ExternalBlobSourceOutput
  ChangeFeedGapOutput ChangeDiffRefusalOutput ChangeDiffRefusalReason`.split(/\s+/);

describe("21.1 the document is valid OpenAPI 3.1", () => {
  test.each([{}, { isOpen: true }, { isFlat: true }, { isFlat: true, isOpen: true }])("%o", async (variant) => {
    const document = openApiDocument({ version, ...variant });
    expect(document).toMatchObject({ openapi: "3.1.0", info: { title: "Omnigraph API", version } });
    expect(await new Validator().validate(JSON.parse(JSON.stringify(document)) as Record<string, unknown>)).toEqual({ valid: true });
  });
});

test("21.2 every route has one of the documented tags, and every tag a route", () => {
  const document = openApiDocument({ version }) as unknown as { readonly tags: readonly { readonly name: string }[] };
  const names = document.tags.map(({ name }) => name);
  expect([...names].sort()).toEqual(["blobs", "branches", "changes", "commits", "health", "management", "mutations", "queries", "schema", "snapshots"]);
  expect([...new Set(operationsOf(openApiDocument({ version })).flatMap(({ tags }) => tags))].sort()).toEqual([...names].sort());
});

test("21.3 ids: prefixed with the graph first, or bare", () => {
  const served = operationsOf(openApiDocument({ version }));
  const bare = new Set(["health", "listGraphs"]);
  expect(served.map(({ operationId }) => operationId)).toEqual(Object.keys(ROUTES).map((id) => (bare.has(id) ? id : `cluster_${id}`)));
  for (const { operationId, parameters } of served) {
    if (!bare.has(operationId)) expect(parameters?.[0]).toMatchObject({ name: "graph_id", in: "path", required: true });
  }
  expect(operationsOf(openApiDocument({ version, isFlat: true })).map(({ operationId }) => operationId)).toEqual(Object.keys(ROUTES));
});

test("21.4 security: none in open mode, and never of health", () => {
  const open = openApiDocument({ version, isOpen: true });
  expect(JSON.stringify(open)).not.toMatch(/"securitySchemes"|"security"/);
  expect(operationsOf(open).some(({ responses }) => "401" in responses)).toBe(false);
  for (const { operationId, security, responses } of operationsOf(openApiDocument({ version }))) {
    expect([security, "401" in responses]).toEqual(operationId === "health" ? [undefined, false] : [[{ bearer_token: [] }], true]);
  }
});

test("21.5 names of the shapes", () => {
  const { components } = openApiDocument({ version }) as unknown as { readonly components: { readonly schemas: Readonly<Record<string, object>> } };
  expect(NAMES.filter((name) => !(name in components.schemas))).toEqual([]);
  expect(components.schemas["InvokeStoredQueryResponse"]).toHaveProperty("oneOf");
});

test("H12 405 of the list of graphs is documented for flat mode only", () => {
  const find = (isFlat: boolean): Operation | undefined => operationsOf(openApiDocument({ version, isFlat })).find(({ operationId }) => operationId === "listGraphs");
  expect([find(true), find(false)].map((operation) => "405" in (operation?.responses ?? {}))).toEqual([true, false]);
});

test("every route has an example of its answer", () => {
  for (const { operationId, responses } of operationsOf(openApiDocument({ version }))) {
    if (operationId === "cluster_headBlob") continue;
    const [content] = Object.values(responses["200"]?.content ?? {});
    expect([operationId, content?.example]).not.toEqual([operationId, undefined]);
  }
});

test("21.6 the committed document is the one that is made", () => {
  const committed = readFileSync(new URL("../../../../docs/reference/openapi.json", import.meta.url), "utf8");
  expect(JSON.parse(committed), "run: node scripts/render-openapi.mjs").toEqual(openApiDocument({ version: manifest.version }));
});
