import { join } from "node:path";
import { Graph, type GraphComponents } from "@omnigraphdb/engine";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { type Library, loadedLibrary } from "./library.js";

let library: Library;
beforeEach(async () => {
  library = await loadedLibrary();
});
afterEach(() => library[Symbol.dispose]());

interface Datasets {
  readonly datasets: readonly Readonly<Record<string, unknown>>[];
}

const json = async (...argv: string[]): Promise<Datasets> => JSON.parse(await library.succeed(...argv, "--json")) as Datasets;

/** Takes a row away as a program would that knows nothing of the manifest. */
async function deleteBehindTheManifest(typeKey: string, id: string): Promise<void> {
  type Storage = Parameters<GraphComponents["wrapStorage"]>[0];
  const captured: Storage[] = [];
  const components = { wrapStorage: (storage: Storage) => (captured.push(storage), storage) };
  const graph = await Graph.open(join(library.directory, "g.omni"), { mode: "ro", components });
  const entry = (await graph.snapshot()).entries.get(typeKey);
  if (entry === undefined) throw new Error(typeKey);
  for (const { datasets } of captured) await datasets.applyEffect(entry.location, { kind: "deleteByIds", ids: [id] }, entry.publishedVersion);
  await graph.close();
}

describe("optimize (§10.16)", () => {
  test("the document, in field order", async () => {
    const first = await library.succeed("optimize", "g.omni", "--json");
    expect(JSON.parse(first)).toMatchObject({ uri: "g.omni" });
    const { datasets } = JSON.parse(first) as Datasets;
    expect(datasets.map((dataset) => dataset["type_key"])).toEqual(["__manifest", "edge:Wrote", "node:Author", "node:Book"]);
    expect(Object.keys(datasets[1] ?? {})).toEqual([
      "type_key",
      "fragments_removed",
      "fragments_added",
      "committed",
      "skipped",
      "published_dataset_version",
      "lance_head_version",
      "pending_indexes",
    ]);
    expect(datasets[2]).toMatchObject({ committed: true, skipped: null, pending_indexes: [] });
  });

  test("for people: what changed, and no-op the second time", async () => {
    expect(await library.succeed("optimize", "g.omni")).toMatch(/^optimize g\.omni — 4 datasets\n__manifest: .*\nedge:Wrote: indexes updated\n/);
    expect(await library.succeed("optimize", "g.omni")).toContain("node:Author: no-op\nnode:Book: no-op\n");
  });

  test("§7.1 announces its target, unless told to be quiet; §4.2 refuses --as", async () => {
    expect((await library.run(["optimize", "g.omni"])).stderr).toBe("omnigraph optimize → g.omni (direct, local)\n");
    expect((await library.run(["optimize", "g.omni", "--quiet"])).stderr).toBe("");
    expect(await library.run(["optimize", "g.omni", "--as", "me"])).toMatchObject({ exitCode: 2 });
  });

  test("a branch by name; an unknown one is refused", async () => {
    await library.succeed("branch", "create", "review", "--store", "g.omni");
    expect(await library.succeed("optimize", "g.omni", "--branch", "review")).toContain("node:Author: indexes updated");
    expect(await library.run(["optimize", "g.omni", "--branch", "reveiw"])).toMatchObject({ exitCode: 1, stderr: expect.stringContaining("reveiw") });
  });
});

describe("ensure-indices", () => {
  test("IX-20 what was built and what is pending", async () => {
    library.write("indexed.pg", "node Author {\n  handle: String @key\n  born: Date? @index\n  face: Vector(4)? @index\n}\n");
    await library.succeed("init", "--schema", "indexed.pg", "i.omni");
    expect(JSON.parse(await library.succeed("ensure-indices", "i.omni", "--json"))).toEqual({
      uri: "i.omni",
      built: [{ type_key: "node:Author", property: "born" }],
      pending: [{ type_key: "node:Author", property: "face", reason: "property has no non-null vectors to train on yet" }],
      skipped: [],
    });
    expect(await library.succeed("ensure-indices", "i.omni")).toBe(
      "ensure-indices i.omni — 0 built\nnode:Author.face: pending (property has no non-null vectors to train on yet)\n",
    );
  });
});

describe("repair (§10.17)", () => {
  test("--force requires --confirm", async () => {
    expect(await library.run(["repair", "g.omni", "--force"])).toMatchObject({ exitCode: 2, stderr: expect.stringContaining("repair --force requires --confirm") });
  });

  test("MT-43 preview, refusal with the document first, and force", async () => {
    await deleteBehindTheManifest("node:Author", "cy");
    const preview = await json("repair", "g.omni");
    expect(preview).toMatchObject({ uri: "g.omni", confirm: false, force: false, graph_manifest_version: null });
    expect(preview.datasets[1]).toEqual({
      type_key: "node:Author",
      published_dataset_version: expect.any(Number),
      lance_head_version: expect.any(Number),
      classification: "suspicious",
      action: "preview",
      operations: ["Delete"],
      error: null,
    });
    const refused = await library.run(["repair", "g.omni", "--confirm", "--json"]);
    expect(refused.exitCode).toBe(1);
    expect((JSON.parse(refused.stdout) as Datasets).datasets[1]).toMatchObject({ action: "refused" });
    expect(refused.stderr).toContain("repair left node:Author as it is");
    expect(await library.succeed("repair", "g.omni", "--confirm", "--force")).toMatch(/node:Author: forced, suspicious .*: Delete\)\n[^]*published as graph version \d+\n$/);
    expect(await library.succeed("query", "--store", "g.omni", "--query", "library.gq", "authors")).not.toContain("cy");
    expect(await library.succeed("repair", "g.omni")).toContain("node:Author: no drift");
  });
});

describe("cleanup (§10.18)", () => {
  test("without --confirm: one line on stderr, nothing done, also with --json", async () => {
    const before = await library.state();
    for (const argv of [["cleanup", "g.omni", "--keep", "3", "--older-than", "7d"], ["cleanup", "g.omni", "--keep", "3", "--older-than", "7d", "--json"]]) {
      expect(await library.run(argv)).toEqual({
        exitCode: 0,
        stdout: "",
        stderr: "cleanup of g.omni would remove versions that are beyond the newest 3 of each dataset and older than 7d; nothing was done, add --confirm to do it\n",
      });
    }
    expect(await library.state()).toBe(before);
  });

  test("an age without a unit is shown as the seconds it means", async () => {
    expect((await library.run(["cleanup", "g.omni", "--older-than", "7"])).stderr).toContain("older than 7s; nothing was done");
  });

  test.each([
    [[], "cleanup requires at least one of --keep or --older-than"],
    [["--keep", "-1"], "--keep '-1'"],
    [["--keep", "many"], "--keep 'many'"],
    [["--older-than", "7 days"], "--older-than '7 days'"],
    [["--older-than", "1.5h"], "--older-than '1.5h'"],
    [["--older-than", ""], "--older-than ''"],
  ])("MT-60 %j is refused", async (flags, message) => {
    expect(await library.run(["cleanup", "g.omni", ...flags])).toMatchObject({ exitCode: 2, stderr: expect.stringContaining(message) });
  });

  test("MT-64 on a store that is not local --yes is needed as well", async () => {
    const refused = await library.run(["cleanup", "s3://bucket/g", "--keep", "1", "--confirm", "--json"]);
    expect(refused).toMatchObject({ exitCode: 1, stdout: "", stderr: expect.stringContaining("--yes") });
  });

  test("the document; the graph reads as before", async () => {
    await library.succeed("mutate", "--store", "g.omni", "--query", "library.gq", "rate", "--params", '{"handle":"ada","rating":1}');
    const exported = await library.succeed("export", "g.omni");
    const report = await json("cleanup", "g.omni", "--keep", "1", "--older-than", "0", "--confirm");
    expect(report).toMatchObject({ uri: "g.omni", keep_versions: 1, older_than_secs: 0 });
    expect(report.datasets.map((dataset) => dataset["type_key"])).toEqual(["edge:Wrote", "node:Author", "node:Book"]);
    expect(report.datasets[1]).toEqual({ type_key: "node:Author", bytes_removed: expect.any(Number), old_versions_removed: expect.any(Number), error: null });
    expect(await library.succeed("export", "g.omni")).toBe(exported);
    expect(await library.succeed("cleanup", "g.omni", "--keep", "1", "--confirm")).toBe("cleanup g.omni — 3 datasets, 0 versions and 0 bytes removed\n");
  });
});

describe("the hint", () => {
  const RECORDS = Array.from({ length: 10_000 }, (_, index) => `{"type":"Author","data":{"handle":"h${index}","name":"n"}}`).join("\n");

  test("after a large load, unless --json or --quiet", async () => {
    library.write("large.jsonl", RECORDS);
    const load = ["load", "g.omni", "--data", "large.jsonl", "--mode", "merge"];
    expect((await library.run(load)).stderr).toContain("hint: the new records are not in the indexes yet; 'omnigraph optimize g.omni' makes reads and writes faster\n");
    expect((await library.run([...load, "--quiet"])).stderr).toBe("");
    expect((await library.run([...load, "--json"])).stderr).not.toContain("hint");
  });

  test("not after a small one", async () => {
    expect((await library.run(["load", "g.omni", "--data", "library.jsonl", "--mode", "merge"])).stderr).not.toContain("hint");
  });
});
