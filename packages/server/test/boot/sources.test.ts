import { mkdir, writeFile } from "node:fs/promises";
import { writeAppliedCluster } from "@omnigraphdb/cluster/test-support";
import { parseS3Environment } from "@omnigraphdb/engine";
import { makeTempDir, startS3Server } from "@omnigraphdb/testkit";
import { expect, test } from "vitest";
import { startTestServer } from "../../test-support/index.js";
import { ask, namesOf, PEOPLE_GRAPH } from "./fixtures.js";

const SPEC = { graphs: { crm: PEOPLE_GRAPH } };

test("server.md §13.3 boots from a directory, its storage key and a file:// root; routes are nested for one graph too", async () => {
  await using directory = await makeTempDir();
  await writeAppliedCluster(directory.path, SPEC);
  const config = `${directory.path}/config`;
  await mkdir(config);
  await writeFile(`${config}/cluster.yaml`, "version: 1\nstorage: ..\ngraphs: {other: {schema: missing.pg}}\n");
  for (const cluster of [directory.path, config, `file://${directory.path}`]) {
    await using server = await startTestServer({ cluster, args: ["--unauthenticated"] });
    expect(await namesOf(server.url)).toEqual(["ann", "bo"]);
    expect((await ask(server.url, "/snapshot")).status).toBe(404);
  }
});

test("server.md §13.3 boots from an S3-compatible store without any local file", async () => {
  await using s3 = await startS3Server();
  const env = s3.environment;
  await writeAppliedCluster("s3://served/prod", SPEC, { s3: parseS3Environment(env) });
  await using server = await startTestServer({ cluster: "s3://served/prod", args: ["--unauthenticated"], env });
  expect(await namesOf(server.url)).toEqual(["ann", "bo"]);
});

test("server.md §13.4 what is not applied is not served", async () => {
  await using directory = await makeTempDir();
  await writeAppliedCluster(directory.path, SPEC);
  await writeFile(`${directory.path}/cluster.yaml`, "version: 1\ngraphs: {crm: {schema: x}, more: {schema: y}}\n");
  await using server = await startTestServer({ cluster: directory.path, args: ["--unauthenticated"] });
  expect((await ask(server.url, "/graphs/more/snapshot")).status).toBe(404);
});
