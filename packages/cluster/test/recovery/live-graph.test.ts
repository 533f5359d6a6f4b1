import { mkdir, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { Graph, parseS3Environment } from "@omnigraphdb/engine";
import { makeTempDir, type S3TestServer, startS3Server, type TempDir } from "@omnigraphdb/testkit";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { contentDigest } from "../../src/digests.js";
import { probeGraph, settleGraph } from "../../src/graphs/live-graph.js";
import type { ClusterSession } from "../../src/run/cluster-environment.js";
import { leaveCrashImage } from "../../test-support/crash-image.js";
import { testSession } from "../../test-support/test-session.js";

const SCHEMA = "node Person {\n  name: String @key\n}\n";
const WITH_AGE = "node Person {\n  name: String @key\n  age: I64?\n}\n";
const settings = { durability: "process" } as const;

let dir: TempDir;
let count = 0;
beforeAll(async () => {
  dir = await makeTempDir();
});
afterAll(() => dir[Symbol.asyncDispose]());

/** A storage root of its own, with a graph `g` if there is a schema for it. */
async function clusterWith(schema?: string): Promise<{ readonly session: ClusterSession; readonly root: string }> {
  const session = await testSession(join(dir.path, `c${count++}`));
  const root = session.store.layout.graphRoot("g");
  if (schema !== undefined) await (await Graph.init(root, schema, { settings })).close();
  return { session, root };
}

describe("cluster.md 4.2, C4: what lies at a root", () => {
  test("nothing is absent, also below empty directories", async () => {
    const { session, root } = await clusterWith();
    expect(await probeGraph(session, "g")).toEqual({ state: "absent" });
    await mkdir(join(root, "nodes"), { recursive: true });
    expect(await probeGraph(session, "g")).toEqual({ state: "absent" });
  });

  test("a graph opens, with the digest of its schema and its version", async () => {
    const { session } = await clusterWith(SCHEMA);
    expect(await probeGraph(session, "g")).toMatchObject({ state: "opens", schemaDigest: contentDigest(SCHEMA), schemaSource: SCHEMA, manifestVersion: 1 });
  });

  test.each(["nodes/x.lance/data", "__manifest.lance/junk", "_schema.pg"])("files that are no graph are a remnant: %s", async (name) => {
    const { session, root } = await clusterWith();
    const file = join(root, name);
    await mkdir(join(file, ".."), { recursive: true });
    await writeFile(file, "left");
    expect(await probeGraph(session, "g")).toMatchObject({ state: "unverifiable", isRemnant: true });
  });

  test("a file in place of a root is never absence", async () => {
    const { session, root } = await clusterWith();
    await mkdir(join(root, ".."), { recursive: true });
    await writeFile(root, "x");
    expect(await probeGraph(session, "g")).toMatchObject({ state: "unverifiable" });
  });

  test("a graph whose schema files are damaged is unverifiable, and no remnant", async () => {
    const { session, root } = await clusterWith(SCHEMA);
    await writeFile(join(root, "__schema_state.json"), "{}");
    expect(await probeGraph(session, "g")).toMatchObject({ state: "unverifiable", isRemnant: false });
  });

  test("whichever file is missing, empty or garbage, a graph is never absent, and looking never throws", async () => {
    const { session, root } = await clusterWith(SCHEMA);
    const files = (await readdir(root, { recursive: true, withFileTypes: true })).filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
    expect(files.length).toBeGreaterThan(5);
    const damages = [rm, (file: string) => writeFile(file, ""), (file: string) => writeFile(file, "\0garbage {")];
    for (const file of files) {
      const content = await readFile(file);
      for (const damage of damages) {
        await damage(file);
        expect((await probeGraph(session, "g")).state, file).not.toBe("absent");
        await writeFile(file, content);
      }
    }
    expect(await probeGraph(session, "g")).toMatchObject({ state: "opens", schemaDigest: contentDigest(SCHEMA) });
  });

  test("an abort is no finding", async () => {
    const stop = new AbortController();
    stop.abort();
    const { session } = await clusterWith();
    const stopped = { ...session, environment: { ...session.environment, signal: stop.signal } };
    await expect(probeGraph(stopped, "g")).rejects.toMatchObject({ code: "CANCELLED" });
  });

  describe("on object storage", () => {
    let server: S3TestServer;
    beforeAll(async () => {
      server = await startS3Server();
    });
    afterAll(() => server[Symbol.asyncDispose]());

    test("absent, remnant and graph are told apart, and a refused request is none of them", async () => {
      const s3 = parseS3Environment(server.environment);
      const session = await testSession("s3://bucket/c", { s3 });
      expect(await probeGraph(session, "g")).toEqual({ state: "absent" });
      await session.store.objects.writeText(`${session.store.layout.graphRoot("h")}/nodes/left`, "x");
      expect(await probeGraph(session, "h")).toMatchObject({ state: "unverifiable", isRemnant: true });
      await (await Graph.init(session.store.layout.graphRoot("g"), SCHEMA, { settings: { s3 } })).close();
      expect(await probeGraph(session, "g")).toMatchObject({ state: "opens", schemaDigest: contentDigest(SCHEMA) });
      server.injectFaults(() => ({ kind: "fail", status: 403 }));
      const refused = await Promise.all(["g", "h", "i"].map((graphId) => probeGraph(session, graphId)));
      for (const live of refused) expect(live).toMatchObject({ state: "unverifiable", isRemnant: false });
      server.injectFaults(undefined);
    });
  });
});

describe("a root whose creation was killed", () => {
  test.each([
    ["init.after_schema_pg_written", { state: "unverifiable", isRemnant: true }],
    ["init.after_schema_contract_written", { state: "unverifiable", isRemnant: true }],
    ["init.after_coordinator_init", { state: "opens", schemaDigest: contentDigest(SCHEMA) }],
  ])("at %s", async (failpoint, expected) => {
    const { session, root } = await clusterWith();
    await leaveCrashImage(root, failpoint, async (failpoints) => {
      await (await Graph.init(root, SCHEMA, { settings, components: { failpoints } })).close();
    });
    expect(await probeGraph(session, "g")).toMatchObject(expected);
  });
});

describe("ADR 0027 a graph whose schema apply was killed: a reader may see what the store will not keep", () => {
  const old = { state: "opens", schemaDigest: contentDigest(SCHEMA) };
  const young = { state: "opens", schemaDigest: contentDigest(WITH_AGE) };
  const unreadable = { state: "unverifiable", isRemnant: false };
  test.each([
    ["schema_apply.before_staging_write", old, old],
    ["schema_apply.after_staging_write", old, young],
    ["graph_publish.before_commit", old, young],
    ["schema_apply.after_manifest_commit", unreadable, young],
  ])("at %s", async (failpoint, seen, settled) => {
    const { session, root } = await clusterWith(SCHEMA);
    await leaveCrashImage(root, failpoint, async (failpoints) => {
      await using graph = await Graph.open(root, { mode: "rw", settings, components: { failpoints } });
      await graph.applySchema(WITH_AGE);
    });
    expect(await probeGraph(session, "g")).toMatchObject(seen);
    expect(await settleGraph(session, "g")).toMatchObject(settled);
    expect(await probeGraph(session, "g")).toMatchObject(settled);
  });
});
