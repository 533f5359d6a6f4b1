/** The life of a cluster with the real programs: `omnigraph` in two working copies, and a server that knows the URI of the storage only. */
import { contentDigest } from "@omnigraphdb/cluster";
import type { DeclaredCluster } from "@omnigraphdb/cluster/test-support";
import type { SpawnedServer } from "@omnigraphdb/server/test-support";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { buildBinary } from "./binary.js";
import { type Document, makeTeam, type StorageKind, type Team } from "./cluster-scenarios/team.js";

beforeAll(() => buildBinary(), 120_000);

const PERSON = "node Person {\n  name: String @key\n}\n";
const PERSON_WITH_CITY = "node Person {\n  name: String @key\n  city: String?\n}\n";
const PERSON_OUT_OF_BAND = "node Person {\n  name: String @key\n  city: String?\n  nickname: String?\n}\n";
const PEOPLE = "query people() { match { $p: Person } return { $p.name } order { $p.name } }\n";
const PEOPLE_WITH_CITY = "query people() { match { $p: Person } return { $p.name, $p.city } order { $p.name } }\n";

const FLEET = { fleet: { schema: PERSON, queries: { people: PEOPLE } } };
const BOTH: DeclaredCluster = { graphs: { ...FLEET, crm: { schema: PERSON, queries: { people: PEOPLE } } } };
const CRM_EVOLVED = { crm: { schema: PERSON_WITH_CITY, queries: { people: PEOPLE_WITH_CITY } } };
const EVOLVED: DeclaredCluster = { graphs: { ...FLEET, ...CRM_EVOLVED } };
const SURVIVOR: DeclaredCluster = { graphs: CRM_EVOLVED };

const CONVERGED = { exitCode: 0, ok: true, converged: true, state_written: true, diagnostics: [] };

/** `operation resource disposition` of each change, in order. */
function changesOf({ changes }: Document): readonly string[] {
  return (changes as readonly Readonly<Record<"operation" | "resource" | "disposition", string>>[]).map(({ operation, resource, disposition }) => `${operation} ${resource} ${disposition}`);
}

async function post(server: SpawnedServer, path: string, body: unknown): Promise<{ readonly status: number; readonly body: Readonly<Record<string, unknown>> }> {
  const response = await fetch(server.url + path, { method: "POST", headers: { "content-type": "application/json" }, body: JSON.stringify(body) });
  return { status: response.status, body: (await response.json()) as Record<string, unknown> };
}

/** What the stored query `people` answers: its rows, or the status when there is no such graph. */
async function people(server: SpawnedServer, graph: string): Promise<unknown> {
  const { status, body } = await post(server, `/graphs/${graph}/queries/people`, {});
  return status === 200 ? body["rows"] : status;
}

async function add(server: SpawnedServer, graph: string, name: string): Promise<void> {
  const { status, body } = await post(server, `/graphs/${graph}/mutate`, { query: "query add($name: String) { insert Person { name: $name } }", params: { name } });
  expect(status, JSON.stringify(body)).toBe(200);
}

async function expectNothingLeftBehind({ store: { layout, objects } }: Team): Promise<void> {
  expect(await objects.exists(layout.lock)).toBe(false);
  expect(await objects.listDir(layout.recoveriesDirectory)).toEqual([]);
}

describe.each<[StorageKind, string]>([
  ["folder", "SIGHUP"],
  ["bucket", "--reload-poll"],
])("cluster.md §18.2.13, 14.4, two working copies and a server with the URI only, on a %s, reloaded by %s", (kind, how) => {
  let team: Team;
  beforeAll(async () => {
    team = await makeTeam(kind);
  });
  afterAll(() => team[Symbol.asyncDispose]());

  const isPolled = how === "--reload-poll";

  /** Until the server serves the revision that was applied. */
  async function reload(server: SpawnedServer, applied: Document): Promise<void> {
    const { state_revision: revision } = applied["state_observations"] as { readonly state_revision: number };
    if (!isPolled) process.kill(server.process.pid, "SIGHUP");
    const isReloaded = (line: string): boolean => line.includes('"reloaded"') && line.includes(`"revision":${revision},`);
    await expect.poll(() => server.process.stderr.split("\n").some(isReloaded), { timeout: 30_000, interval: 20 }).toBe(true);
  }

  test("declared, served, evolved, drifted, converged, one graph deleted, the survivor served, nothing to plan", { timeout: 240_000 }, async () => {
    const { ann, bo, store } = team;

    // Declared by Ann, and deployed.
    await ann.declare(BOTH);
    expect(await ann.cluster("import")).toMatchObject({ exitCode: 0, ok: true, state_observations: { state_revision: 1 } });
    expect(await ann.cluster("apply")).toMatchObject({ ...CONVERGED, applied_count: 6, state_observations: { state_revision: 2 } });

    await using server = await team.serve(...(isPolled ? ["--reload-poll", "0.2"] : []));
    for (const graph of ["crm", "fleet"]) await add(server, graph, "ada");
    expect(await people(server, "crm")).toEqual([{ "p.name": "ada" }]);

    // Schema and query at once, while it is served.
    await ann.declare(EVOLVED);
    const evolution = await ann.cluster("plan");
    expect(changesOf(evolution)).toEqual(["update graph.crm derived", "update query.crm.people applied", "update schema.crm applied"]);
    expect(evolution).toMatchObject({ exitCode: 0, changes: [{}, {}, { migration: { supported: true, steps: [{ kind: "add_property" }] } }] });
    const evolved = await ann.cluster("apply");
    expect(evolved).toMatchObject({ ...CONVERGED, applied_count: 2 });
    if (!isPolled) expect(await people(server, "crm")).toEqual([{ "p.name": "ada" }]);
    await reload(server, evolved);
    expect(await people(server, "crm")).toEqual([{ "p.name": "ada", "p.city": null }]);
    await add(server, "crm", "bea");

    // Somebody changes a schema and loses an object of the catalog; Bo, who pulled, sees both and puts them right.
    {
      await using graph = await team.openGraph("crm");
      await graph.applySchema(PERSON_OUT_OF_BAND);
    }
    const object = store.layout.queryObject("fleet", "people", contentDigest(PEOPLE));
    await store.objects.delete(object);
    await bo.declare(EVOLVED);
    const refreshed = await bo.cluster("refresh");
    expect(refreshed).toMatchObject({ exitCode: 0, ok: true, diagnostics: [{ code: "catalog_payload_missing", path: "query.fleet.people" }] });
    expect(refreshed["resource_statuses"]).toMatchObject({ "schema.crm": { status: "drifted", conditions: ["schema_mismatch"] }, "query.fleet.people": { status: "drifted", conditions: ["payload_missing"] } });
    const back = await bo.cluster("plan");
    expect(changesOf(back)).toEqual(["update graph.crm derived", "update graph.fleet derived", "create query.fleet.people applied", "update schema.crm applied"]);
    expect(back).toMatchObject({ changes: [{}, {}, {}, { migration: { supported: true, steps: [{ kind: "drop_property" }] } }] });
    const healed = await bo.cluster("apply");
    expect(healed).toMatchObject({ ...CONVERGED, applied_count: 2 });
    expect(await store.objects.readText(object)).toBe(PEOPLE);
    await reload(server, healed);

    // A graph goes: by Bo's approval, in Ann's apply.
    await bo.declare(SURVIVOR);
    expect(changesOf(await bo.cluster("plan"))).toEqual(["delete graph.fleet blocked", "delete query.fleet.people blocked", "delete schema.fleet blocked"]);
    expect(await bo.cluster("approve", "graph.fleet")).toMatchObject({ exitCode: 0, ok: true, approved_by: "bo" });
    expect(await people(server, "fleet")).toEqual([{ "p.name": "ada" }]);
    await ann.declare(SURVIVOR);
    const deleted = await ann.cluster("apply");
    expect(deleted).toMatchObject({ ...CONVERGED, actor: "ann", applied_count: 3 });
    expect(await store.objects.exists(store.layout.graphRoot("fleet"))).toBe(false);
    await reload(server, deleted);
    expect(await people(server, "fleet")).toBe(404);
    expect(await people(server, "crm")).toEqual([{ "p.name": "ada", "p.city": null }, { "p.name": "bea", "p.city": null }]);

    expect(await bo.cluster("plan")).toMatchObject({ exitCode: 0, ok: true, changes: [], diagnostics: [] });
    await expectNothingLeftBehind(team);
  });
});

describe("cluster.md §18.2.11, §12.6: what is lost is found and made again", () => {
  test("the ledger; the root of a graph; both at once, so that of two graphs one is absent", { timeout: 240_000 }, async () => {
    await using team = await makeTeam("bucket");
    const { ann, bo, store } = team;
    const ada = '{"type":"Person","data":{"name":"ada"}}\n';
    const { crm, fleet } = { ...FLEET, ...CRM_EVOLVED };
    await team.deploy({ graphs: { crm: { ...crm, data: ada }, fleet: { ...fleet, data: ada } } });
    const { resources } = await team.ledger();

    // Only what is seen is recorded; that queries were deployed is not, so these are created, as the objects that are there already.
    await store.objects.delete(store.layout.ledger);
    await ann.declare(EVOLVED);
    const imported = await ann.cluster("import");
    expect(imported).toMatchObject({ exitCode: 0, ok: true, diagnostics: [], state_observations: { state_revision: 1, resource_count: 4 } });
    const adopted = await ann.cluster("apply");
    expect(adopted).toMatchObject(CONVERGED);
    expect(changesOf(adopted)).toEqual(["update graph.crm derived", "update graph.fleet derived", "create query.crm.people applied", "create query.fleet.people applied"]);
    expect((await team.ledger()).resources).toEqual(resources);

    await store.objects.deletePrefix(store.layout.graphRoot("fleet"));
    await bo.declare(EVOLVED);
    expect(await bo.cluster("refresh")).toMatchObject({ exitCode: 0, resource_statuses: { "graph.crm": { status: "applied" }, "graph.fleet": { status: "drifted", conditions: ["graph_missing"] } } });
    const recreated = await bo.cluster("apply");
    expect(recreated).toMatchObject(CONVERGED);
    expect(changesOf(recreated)).toEqual(["create graph.fleet applied", "create schema.fleet applied"]);
    expect((await team.ledger()).resources).toEqual(resources);

    await store.objects.delete(store.layout.ledger);
    await store.objects.deletePrefix(store.layout.graphRoot("fleet"));
    expect(await ann.cluster("import")).toMatchObject({ exitCode: 0, ok: true, resource_statuses: { "graph.crm": { status: "applied" }, "graph.fleet": { status: "drifted", conditions: ["graph_missing"] } } });
    expect(await ann.cluster("apply")).toMatchObject(CONVERGED);
    expect((await team.ledger()).resources).toEqual(resources);

    await using server = await team.serve();
    expect(await people(server, "crm")).toEqual([{ "p.name": "ada", "p.city": null }]);
    expect(await people(server, "fleet")).toEqual([]);
    await expectNothingLeftBehind(team);
  });
});
