import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type Library, loadedLibrary } from "./library.js";

const OLDER = {
  graph_commit_id: "01JZ0VD2AAAAAAAAAAAAAAAAAA",
  recovery_kind: "RolledBack",
  recovery_for_actor: "act-maria",
  operation_id: "01JZ0V9M3XK7B1N5Q8R2T4W6YZ",
  sidecar_writer_kind: "Load",
  per_table_outcomes: [{ table_key: "node:Author", from_version: 6, to_version: 5 }],
  created_at: 1780000123456789,
};
const NEWER = {
  graph_commit_id: "01JZ0VD2BBBBBBBBBBBBBBBBBB",
  recovery_kind: "OrphanedBranchDiscarded",
  recovery_for_actor: null,
  operation_id: "01JZ0V9M3XK7B1N5Q8R2T4W6ZZ",
  sidecar_writer_kind: "Mutation",
  per_table_outcomes: [],
  created_at: 1780000999000000,
};

describe("recovery list", () => {
  let library: Library;

  beforeAll(async () => {
    library = await loadedLibrary();
    const directory = join(library.directory, "g.omni", "__audit");
    mkdirSync(directory);
    for (const record of [OLDER, NEWER]) writeFileSync(join(directory, `${record.operation_id}.json`), JSON.stringify(record));
  });
  afterAll(() => library[Symbol.dispose]());

  test("RC-60 RC-61 one line per interrupted write, newest first", async () => {
    expect(await library.succeed("recovery", "list", "g.omni")).toBe(
      "2026-05-28T20:43:19.000Z OrphanedBranchDiscarded Mutation operation=01JZ0V9M3XK7B1N5Q8R2T4W6ZZ graph_commit_id=01JZ0VD2BBBBBBBBBBBBBBBBBB\n" +
        "2026-05-28T20:28:43.456Z RolledBack Load actor=act-maria operation=01JZ0V9M3XK7B1N5Q8R2T4W6YZ graph_commit_id=01JZ0VD2AAAAAAAAAAAAAAAAAA node:Author=6->5\n",
    );
  });

  test("RC-60 RC-61 --json has the stored records, --actor those of one actor", async () => {
    const list = async (...flags: string[]): Promise<unknown> => JSON.parse(await library.succeed("recovery", "list", "--store", "g.omni", "--json", ...flags)) as unknown;
    expect(await list()).toEqual({ recoveries: [NEWER, OLDER] });
    expect(await list("--actor", "act-maria")).toEqual({ recoveries: [OLDER] });
    expect(await list("--actor", "nobody")).toEqual({ recoveries: [] });
  });

  test("a damaged record is named", async () => {
    const path = join(library.directory, "g.omni", "__audit", "01JZ0V9M3XK7B1N5Q8R2T4W6AA.json");
    writeFileSync(path, "{");
    const { exitCode, stderr } = await library.run(["recovery", "list", "g.omni"]);
    expect(exitCode).toBe(1);
    expect(stderr).toContain("__audit/01JZ0V9M3XK7B1N5Q8R2T4W6AA.json cannot be read");
  });
});
