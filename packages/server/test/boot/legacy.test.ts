import { mkdir, writeFile } from "node:fs/promises";
import { Graph } from "@omnigraphdb/engine";
import { makeTempDir, type TempDir } from "@omnigraphdb/testkit";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { refusedStart, startTestServer } from "../../test-support/index.js";
import { ADD_PERSON, ALL_PEOPLE, ANN, ask, BUNDLE, namesOf, PEOPLE, SCHEMA, SERVER_BUNDLE } from "./fixtures.js";

const OPEN = ["--unauthenticated"];
let directory: TempDir;

beforeEach(async () => {
  directory = await makeTempDir();
  for (const name of ["crm", "kb"]) {
    const graph = await Graph.init(`${directory.path}/${name}.omni`, SCHEMA, { settings: { durability: "process" } });
    if (name === "crm") await graph.load(PEOPLE, { mode: "append" });
    await graph.close();
  }
  await mkdir(`${directory.path}/q`);
  await writeFile(`${directory.path}/q/people.gq`, ALL_PEOPLE);
  await writeFile(`${directory.path}/q/add.gq`, ADD_PERSON);
  await writeFile(`${directory.path}/team.yaml`, BUNDLE);
  await writeFile(`${directory.path}/house.yaml`, SERVER_BUNDLE);
});
afterEach(() => directory[Symbol.asyncDispose]());

const config = (text: string): Promise<void> => writeFile(`${directory.path}/omnigraph.yaml`, text);
const GRAPHS = "graphs:\n  crm: { uri: crm.omni }\n  kb: { uri: kb.omni }\n";

describe("server.md 11.2: which way it is, first match wins", () => {
  test("1: an address serves one anonymous graph on flat routes", async () => {
    await config(`${GRAPHS}server: { graph: kb }\n`);
    await using server = await startTestServer({ cwd: directory.path, args: [...OPEN, "crm.omni"] });
    expect(await namesOf(server.url, "")).toEqual(["ann", "bo"]);
    expect((await ask(server.url, "/graphs/crm/snapshot")).status).toBe(404);
    expect((await ask(server.url, "/graphs")).status).toBe(405);
  });

  test("2: --target serves one named graph, and beats server.graph", async () => {
    await config(`${GRAPHS}server: { graph: kb }\n`);
    await using server = await startTestServer({ cwd: directory.path, args: [...OPEN, "--target", "crm"] });
    expect(await namesOf(server.url, "")).toEqual(["ann", "bo"]);
  });

  test("3: server.graph serves one named graph, also with --config", async () => {
    await config(`${GRAPHS}server: { graph: crm }\n`);
    for (const args of [[], ["--config", "omnigraph.yaml"]]) {
      await using server = await startTestServer({ cwd: directory.path, args: [...OPEN, ...args] });
      expect(await namesOf(server.url, "")).toEqual(["ann", "bo"]);
    }
  });

  test("4: --config with graphs serves all of them on nested routes", async () => {
    await config(GRAPHS);
    await using server = await startTestServer({ cwd: "/", args: [...OPEN, "--config", `${directory.path}/omnigraph.yaml`] });
    expect(await namesOf(server.url)).toEqual(["ann", "bo"]);
    expect((await ask(server.url, "/graphs/kb/snapshot")).status).toBe(200);
  });

  test.each([
    ["5: graphs without --config", GRAPHS, []],
    ["5: an empty file", "{}\n", ["--config", "omnigraph.yaml"]],
    ["a target that is not there", GRAPHS, ["--target", "nope"]],
    ["a file that is not there", GRAPHS, ["--config", "nope.yaml"]],
    ["a server as a graph", "graphs:\n  far: { uri: https://example.org }\n", ["--target", "far"]],
    ["a name that no route carries", "graphs:\n  a_b: { uri: crm.omni }\n", ["--config", "omnigraph.yaml"]],
    ["two names for one graph", "graphs:\n  a: { uri: crm.omni }\n  b: { uri: ./crm.omni/ }\n", ["--config", "omnigraph.yaml"]],
    ["a graph that does not open", "graphs:\n  a: { uri: crm.omni }\n  b: { uri: none.omni }\n", ["--config", "omnigraph.yaml", "--quarantine"]],
    ["11.3 a top-level policy beside a named graph", `${GRAPHS}policy: { file: team.yaml }\n`, ["--target", "crm"]],
    ["11.3 top-level queries beside all graphs", `${GRAPHS}queries: { all_people: { file: q/people.gq } }\n`, ["--config", "omnigraph.yaml"]],
    ["7.3 two exposed queries with one tool name", "graphs:\n  crm: { uri: crm.omni, queries: { all_people: { file: q/people.gq, mcp: { tool_name: t } }, add: { file: q/add.gq, mcp: { tool_name: t } } } }\n", ["--target", "crm"]],
    ["11.4 a stored query of another name", "graphs:\n  crm: { uri: crm.omni, queries: { other: { file: q/people.gq } } }\n", ["--target", "crm"]],
  ])("%s refuses to start", async (_, text, args) => {
    await config(text);
    expect((await refusedStart({ cwd: directory.path, args: [...OPEN, ...args] })).exitCode).toBe(1);
  });

  test("11.5 without a cluster no graph is set aside, and none is told how", async () => {
    await config("graphs:\n  a: { uri: crm.omni }\n  b: { uri: none.omni }\n");
    const { stderr } = await refusedStart({ cwd: directory.path, args: [...OPEN, "--config", "omnigraph.yaml"] });
    expect(stderr).toContain("there is no graph at");
    expect(stderr).not.toContain("--quarantine");
  });

  test("S4 OMNIGRAPH_NO_LEGACY_CONFIG switches it off", async () => {
    const { stderr } = await refusedStart({ cwd: directory.path, args: [...OPEN, "crm.omni"], env: { OMNIGRAPH_NO_LEGACY_CONFIG: "1" } });
    expect(stderr).toContain("a cluster is expected");
  });
});

test("11.3, 11.4, http-api 22.2 bundles, exposure and tool names of named graphs; the list follows the bundle of the server", async () => {
  await config(`server: { policy: { file: house.yaml } }
graphs:
  crm:
    uri: crm.omni
    policy: { file: team.yaml }
    queries:
      all_people: { file: q/people.gq, mcp: { expose: false } }
  kb:
    uri: kb.omni
    policy: { file: team.yaml }
    queries:
      all_people: { file: q/people.gq, mcp: { tool_name: people } }
`);
  await using server = await startTestServer({ cwd: directory.path, env: ANN, args: ["--config", "omnigraph.yaml"] });
  const token = "ann-token";
  const listed = async (graph: string): Promise<unknown> => (await ask(server.url, `/graphs/${graph}/queries`, { token })).body["queries"];
  expect(await listed("crm")).toEqual([]);
  expect(await listed("kb")).toMatchObject([{ name: "all_people", tool_name: "people" }]);
  expect((await ask(server.url, "/graphs/crm/queries/all_people", { token, body: {} })).status).toBe(200);
  expect([(await ask(server.url, "/graphs", { token })).status, (await ask(server.url, "/graphs", { token: "bo-token" })).status]).toEqual([200, 403]);
});

test("11.5 schema/apply works", async () => {
  await using server = await startTestServer({ cwd: directory.path, args: [...OPEN, "crm.omni"] });
  const { status } = await ask(server.url, "/schema/apply", { body: { schema_source: `${SCHEMA}node Place { name: String @key }\n` } });
  expect(status).toBe(200);
});
