/** The executable itself: signals and exit codes. */
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { writeAppliedCluster } from "@omnigraphdb/cluster/test-support";
import { Graph } from "@omnigraphdb/engine";
import { makeTempDir, type TempDir } from "@omnigraphdb/testkit";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { spawnTestServer } from "../../test-support/index.js";
import { ADD_PERSON, ask, namesOf, PEOPLE_GRAPH, SCHEMA } from "../boot/fixtures.js";

let directory: TempDir;

beforeEach(async () => {
  directory = await makeTempDir();
  await writeAppliedCluster(directory.path, { graphs: { crm: PEOPLE_GRAPH, empty: { schema: SCHEMA } } });
});
afterEach(() => directory[Symbol.asyncDispose]());

const OPEN = ["--unauthenticated"];

describe("the process", () => {
  test("says where it listens on stdout and nothing else; SIGTERM and SIGINT end it with 0, no handle keeps it", async () => {
    for (const signal of ["SIGTERM", "SIGINT"] as const) {
      await using server = await spawnTestServer({ cluster: directory.path, args: OPEN });
      expect(await namesOf(server.url)).toEqual(["ann", "bo"]);
      const { exitCode, stdout, stderr } = await server.process.kill(signal);
      expect({ exitCode, stdout }).toEqual({ exitCode: 0, stdout: `OMNIGRAPH_LISTEN_ADDR=${new URL(server.url).host}\n` });
      for (const line of stderr.trim().split("\n")) expect(JSON.parse(line)).toHaveProperty("msg");
    }
  });

  test("S3 a second signal does not wait for running requests", async () => {
    await using server = await spawnTestServer({ cluster: directory.path, args: OPEN });
    const body = new ReadableStream<Uint8Array>({ start: (controller) => controller.enqueue(new TextEncoder().encode("{")) });
    const hanging = fetch(`${server.url}/graphs/crm/load/ndjson?mode=append`, { method: "POST", headers: { "content-type": "application/x-ndjson" }, body, duplex: "half" }).catch(() => undefined);
    await new Promise((resolve) => setTimeout(resolve, 200));
    process.kill(server.process.pid, "SIGTERM");
    await expect.poll(() => server.process.stderr).toContain("shutdown signal");
    const { exitCode } = await server.process.kill("SIGTERM");
    expect(exitCode).toBe(143);
    await hanging;
  });

  test("SIGHUP reloads and does not end it", async () => {
    await using server = await spawnTestServer({ cluster: directory.path, args: OPEN });
    await writeAppliedCluster(directory.path, { graphs: { crm: PEOPLE_GRAPH, empty: { schema: SCHEMA }, more: { schema: SCHEMA } } });
    process.kill(server.process.pid, "SIGHUP");
    await expect.poll(() => server.process.stderr, { timeout: 10_000 }).toContain('"reloaded"');
    expect((await ask(server.url, "/graphs/more/snapshot")).status).toBe(200);
  });

  test("server.md 6.1 a writer of another process is not starved by the lease that the server keeps warm", async () => {
    await using server = await spawnTestServer({ cluster: directory.path, args: OPEN });
    await using graph = await Graph.open(`${directory.path}/graphs/empty.omni`, { mode: "rw", settings: { durability: "process", lease: { idleMs: 0 } } });
    const waits: number[] = [];
    for (let round = 0; round < 3; round++) {
      await ask(server.url, "/graphs/empty/mutate", { body: { query: ADD_PERSON, params: { name: `server${round}` } } });
      const startedAt = performance.now();
      await graph.mutate(ADD_PERSON, { params: { name: `other${round}` } });
      waits.push(performance.now() - startedAt);
    }
    expect(Math.max(...waits), waits.join(", ")).toBeLessThan(5_000);
    expect(await namesOf(server.url, "/graphs/empty")).toHaveLength(6);
  });

  test("policy.md 1.3 tokens from AWS Secrets Manager, through the optional client of the executable", async () => {
    let text: string | undefined = '{"ann":"aws-token"}';
    const secrets = createServer((_, response) => {
      response.setHeader("content-type", "application/x-amz-json-1.1").end(JSON.stringify(text === undefined ? { SecretBinary: "e30=" } : { SecretString: text }));
    });
    await new Promise<void>((resolve) => secrets.listen(0, "127.0.0.1", resolve));
    const env = {
      OMNIGRAPH_SERVER_BEARER_TOKENS_AWS_SECRET: "prod/tokens",
      AWS_ENDPOINT_URL_SECRETS_MANAGER: `http://127.0.0.1:${(secrets.address() as AddressInfo).port}`,
      AWS_ACCESS_KEY_ID: "test",
      AWS_SECRET_ACCESS_KEY: "test",
      AWS_REGION: "us-east-1",
      OMNIGRAPH_SERVER_BEARER_TOKEN: "ignored",
    };
    try {
      await using server = await spawnTestServer({ cluster: directory.path, env });
      const status = (token: string): Promise<number> => ask(server.url, "/graphs/crm/snapshot", { token }).then((answer) => answer.status);
      expect([await status("aws-token"), await status("ignored")]).toEqual([200, 401]);
      expect(server.process.stderr).toContain('"source":"aws-secrets-manager"');
      expect(server.process.stderr).not.toContain("aws-token");
      text = undefined;
      await expect(spawnTestServer({ cluster: directory.path, env })).rejects.toThrow("OMNIGRAPH_SERVER_BEARER_TOKENS_AWS_SECRET: the secret holds no text");
    } finally {
      secrets.close();
      secrets.closeAllConnections();
    }
  });
});
