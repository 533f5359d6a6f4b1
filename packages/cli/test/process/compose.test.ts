/** What `deploy/compose` runs, with the testkit's S3 server in the place of the store: the example is applied, repeated, and served. */
import { spawn } from "node:child_process";
import { chmodSync, copyFileSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { spawnTestServer } from "@omnigraphdb/server/test-support";
import { copyFolder, makeTempDir, startS3Server } from "@omnigraphdb/testkit";
import { beforeAll, expect, test } from "vitest";
import { parse } from "yaml";
import { BINARY, buildBinary } from "./binary.js";

const ROOT = fileURLToPath(new URL("../../../../", import.meta.url));

interface Service {
  readonly entrypoint?: readonly string[];
  readonly environment: Readonly<Record<string, string>>;
}

const { services } = parse(readFileSync(join(ROOT, "deploy/compose/compose.yaml"), "utf8"), { merge: true }) as { readonly services: Readonly<Record<"apply" | "server", Service>> };

beforeAll(() => buildBinary(), 120_000);

/** @returns what it printed; rejects unless it ends with 0 */
function shell(script: string, env: NodeJS.ProcessEnv): Promise<string> {
  return new Promise((resolve, reject) => {
    const child = spawn("sh", ["-c", script], { env });
    let output = "";
    for (const stream of [child.stdout, child.stderr]) stream.on("data", (chunk: Buffer) => (output += chunk.toString()));
    child.on("error", reject);
    child.on("close", (status) => (status === 0 ? resolve(output) : reject(new Error(`exit ${status}:\n${output}`))));
  });
}

/** What the containers see: `omnigraph` on the path, the example with the cluster.yaml of the compose file. */
function makeContainer(folder: string): { readonly config: string; readonly path: string } {
  const config = join(folder, "config");
  copyFolder(join(ROOT, "examples/company-brain"), config);
  copyFileSync(join(ROOT, "deploy/compose/cluster.yaml"), join(config, "cluster.yaml"));
  mkdirSync(join(folder, "bin"));
  const program = join(folder, "bin/omnigraph");
  writeFileSync(program, `#!/bin/sh\nexec "${process.execPath}" "${BINARY}" "$@"\n`);
  chmodSync(program, 0o755);
  return { config, path: `${join(folder, "bin")}:${process.env["PATH"] ?? ""}` };
}

test("the compose file applies the example to an empty bucket, a second time without changes, and serves it from the bucket alone", { timeout: 120_000 }, async () => {
  await using folder = await makeTempDir();
  await using store = await startS3Server();
  const { config, path } = makeContainer(folder.path);
  const storage = { ...services.apply.environment, ...store.environment };
  const script = services.apply.entrypoint?.at(-1)?.replaceAll("/config", config) ?? "";
  const apply = (): Promise<string> => shell(script, { ...storage, PATH: path, HOME: folder.path, OMNIGRAPH_DURABILITY: "process" });

  expect(await apply()).toMatch(/^Import: revision 1[^]*^Apply: 17 applied$[^]*converged: yes/m);
  expect(await apply()).toMatch(/^Apply: no changes$/m);

  const { OMNIGRAPH_CLUSTER: cluster = "" } = services.server.environment;
  await using server = await spawnTestServer({ cluster, env: { ...store.environment, OMNIGRAPH_SERVER_BEARER_TOKENS_JSON: '{"agent-1":"token-of-the-agent"}' }, cwd: folder.path });
  const answer = await fetch(`${server.url}/graphs/memory/queries/open_tasks`, { method: "POST", headers: { authorization: "Bearer token-of-the-agent", "content-type": "application/json" }, body: "{}" });
  expect([answer.status, await answer.json()]).toMatchObject([200, { rows: [] }]);
});
