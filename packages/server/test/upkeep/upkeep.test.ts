import { writeAppliedCluster } from "@omnigraphdb/cluster/test-support";
import { Graph } from "@omnigraphdb/engine";
import { makeTempDir, type TempDir } from "@omnigraphdb/testkit";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { startTestServer, type TestServer } from "../../test-support/index.js";
import { ADD_PERSON, ask, namesOf } from "../boot/fixtures.js";

let directory: TempDir;
let uri: string;

/** Where so many texts are indexed, writes put compaction off until there are 39 fragments; from 32 on it is worth while. */
const INDEXED = "node Person { name: String @key\n bio: String? @index }\n";
const ROWS = 30_000;
const WRITES = 34;
const DATA = Array.from({ length: ROWS }, (_, index) => `{"type":"Person","data":{"name":"row${index}","bio":"b"}}\n`).join("");

beforeEach(async () => {
  directory = await makeTempDir();
  const cluster = await writeAppliedCluster(directory.path, { graphs: { crm: { schema: INDEXED, data: DATA } } });
  uri = cluster.graphUri("crm");
});
afterEach(() => directory[Symbol.asyncDispose]());

async function fragment(server: TestServer): Promise<void> {
  for (let index = 0; index < WRITES; index++) await ask(server.url, "/graphs/crm/mutate", { body: { query: ADD_PERSON, params: { name: `p${index}` } } });
}

const OPEN = ["--unauthenticated", "--metrics"];

describe("upkeep in the background", () => {
  test("a graph that needs it and is quiet is optimized, by nobody's request, seen in logs and metrics", async () => {
    await using server = await startTestServer({ cluster: directory.path, args: OPEN, env: { OMNIGRAPH_UPKEEP_INTERVAL_MS: "50", OMNIGRAPH_UPKEEP_QUIET_MS: "100" } });
    await fragment(server);
    expect(await server.logged("upkeep optimized a branch")).toMatchObject({ graph_id: "crm", branch: "main", commit: expect.any(String) as string });
    await using graph = await Graph.open(uri, { mode: "ro" });
    expect(await graph.needsOptimize()).toBe(false);
    expect(await namesOf(server.url)).toHaveLength(ROWS + WRITES);
    const metrics = await fetch(`${server.url}/metrics`).then((response) => response.text());
    expect(metrics).toContain('omnigraph_upkeep_seconds_count{outcome="done"} 1');
  });

  test("OMNIGRAPH_UPKEEP=0 switches it off", async () => {
    await using server = await startTestServer({ cluster: directory.path, args: OPEN, env: { OMNIGRAPH_UPKEEP: "0", OMNIGRAPH_UPKEEP_INTERVAL_MS: "10", OMNIGRAPH_UPKEEP_QUIET_MS: "0" } });
    await fragment(server);
    await new Promise((resolve) => setTimeout(resolve, 300));
    expect(server.logs.filter(({ message }) => message.startsWith("upkeep"))).toEqual([]);
  });
});
