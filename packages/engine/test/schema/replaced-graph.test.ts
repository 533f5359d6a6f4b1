import { rm } from "node:fs/promises";
import { makeTempDir } from "@omnigraphdb/testkit";
import { expect, test } from "vitest";
import { Graph } from "../../src/graph.js";
import { SchemaArtifactMissingError } from "../../src/schema/errors.js";

const SETTINGS = { settings: { durability: "process" } } as const;
const PERSON = "node Person { name: String @key }";

test("OP-10 a handle can tell that its graph was removed and another one created in its place, and a migration is no other graph", async () => {
  await using directory = await makeTempDir();
  const uri = `${directory.path}/g.omni`;
  await using open = await Graph.init(uri, PERSON, SETTINGS);
  expect(await open.isReplaced()).toBe(false);
  {
    await using other = await Graph.open(uri, { mode: "rw", ...SETTINGS });
    await other.applySchema("node Person { name: String @key city: String? }");
  }
  expect(await open.isReplaced()).toBe(false);
  await rm(uri, { recursive: true });
  await expect(open.isReplaced()).rejects.toBeInstanceOf(SchemaArtifactMissingError);
  {
    await using created = await Graph.init(uri, PERSON, SETTINGS);
    expect(await created.isReplaced()).toBe(false);
  }
  expect(await open.isReplaced()).toBe(true);
});
