import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type Library, loadedLibrary, RECORDS } from "./library.js";

let library: Library;
let before: string;
beforeAll(async () => {
  library = await loadedLibrary();
  before = await library.state();
});
afterAll(() => library[Symbol.dispose]());

const book = (fields: string): string => `{"type":"Book","data":{"isbn":"b9","title":"T","copies":1,"genre":"novel",${fields}}}\n`;

describe("bad data files leave the graph as it was and say what to do", () => {
  test.each<[string, string | Uint8Array, string]>([
    ["a schema instead of data", "node Author {\n  handle: String @key\n}\n", "invalid JSON at record 1"],
    ["a picture", Uint8Array.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a, 0, 0]), "record 1"],
    ["invalid UTF-8", Buffer.concat([Buffer.from('{"type":"Author","data":{"handle":"x","name":"'), Buffer.from([0xff, 0xfe]), Buffer.from('"}}\n')]), "UTF-8"],
    ["cut off in the middle", '{"type":"Author","data":{"handle":"x"', "invalid JSON at record 1"],
    ["good records before the bad one", `${RECORDS[0]?.replaceAll("ada", "new")}\n{"type":"Author","data":{"handle":1,"name":"X"}}\n`, "record 2"],
    ["duplicate members", '{"type":"Author","data":{"handle":"x","name":"X","name":"Y"}}\n', "name"],
    ["unknown type", '{"type":"Autor","data":{}}\n', "record 1: unknown node type 'Autor'"],
    ["unknown property", '{"type":"Author","data":{"handle":"x","name":"X","colour":"red"}}\n', "record 1: unknown input field 'colour'"],
    ["wrong type", '{"type":"Author","data":{"handle":"x","name":7}}\n', "name"],
    ["missing required property", '{"type":"Author","data":{"handle":"x"}}\n', "name"],
    ["missing endpoint", '{"edge":"Wrote","from":"ada","to":"b77"}\n', "b77"],
    ["number out of range", book('"copies":4294967296').replace('"copies":1,', ""), "copies"],
    ["bad date", '{"type":"Author","data":{"handle":"x","name":"X","born":"1.2.2003"}}\n', "invalid Date literal '1.2.2003'"],
    ["bad enum value", book('"tags":[]').replace("novel", "crime"), "invalid enum value 'crime'"],
    ["list of the wrong items", book('"tags":[1]'), "tags"],
    ["the same key twice", `${book('"tags":[]')}${book('"tags":[]')}`, "b9"],
    ["neither type nor edge", '{"data":{}}\n', "record 1: expected 'type' or 'edge' field"],
    ["a list of records", `[${RECORDS[0]}]\n`, "record 1"],
  ])("%s", async (name, content, expected) => {
    library.write("bad.jsonl", content);
    for (const mode of ["merge", "append", "overwrite"]) {
      const { exitCode, stdout, stderr } = await library.run(["load", "g.omni", "--data", "bad.jsonl", "--mode", mode, "--quiet"]);
      expect(stderr, `${name}, ${mode}`).toContain(expected);
      expect(stderr).toMatch(/^Error: /);
      expect(stderr).toMatch(/^ {2}hint: /m);
      expect(stderr).not.toMatch(/^\s+at |unexpected failure/m);
      expect({ exitCode, stdout }).toEqual({ exitCode: 1, stdout: "" });
    }
    expect(await library.state()).toBe(before);
  });

  test("a single line of 100 MB", async () => {
    const line = Buffer.alloc(100 * 1024 * 1024, 0x78);
    line.write('{"type":"Author","data":{"handle":"x","name":"', 0);
    library.write("long.jsonl", line);
    const { exitCode, stdout, stderr } = await library.run(["load", "g.omni", "--data", "long.jsonl", "--mode", "merge", "--quiet"]);
    expect({ exitCode, stdout }).toEqual({ exitCode: 1, stdout: "" });
    expect(stderr).toContain("record 1");
    expect(stderr.length).toBeLessThan(2_000);
    expect(await library.state()).toBe(before);
  });

  test("a missing data file, and a folder", async () => {
    for (const [path, expected] of [["absent.jsonl", "no such file"], ["g.omni", "it is a directory"]] as const) {
      const { exitCode, stderr } = await library.run(["load", "g.omni", "--data", path, "--mode", "merge", "--quiet"]);
      expect(exitCode).toBe(1);
      expect(stderr).toContain(expected);
    }
  });
});

describe("addresses that hold no graph", () => {
  const commands: readonly string[][] = [
    ["snapshot", "{}"],
    ["export", "{}"],
    ["commit", "list", "{}"],
    ["schema", "show", "{}"],
    ["schema", "plan", "{}", "--schema", "library.pg"],
    ["lint", "{}", "--query", "library.gq"],
    ["query", "authors", "--query", "library.gq", "--store", "{}"],
    ["mutate", "add", "--query", "library.gq", "--params", '{"handle":"x","name":"X"}', "--store", "{}"],
    ["load", "{}", "--data", "library.jsonl", "--mode", "merge", "--quiet"],
  ];

  test.each(commands.map((argv) => [argv.join(" "), argv] as const))("%s", async (_name, argv) => {
    mkdirSync(join(library.directory, "folder"), { recursive: true });
    writeFileSync(join(library.directory, "folder", "notes.txt"), "no graph here");
    const { existsSync, readdirSync } = await import("node:fs");
    for (const uri of ["absent.omni", "folder", "library.pg", "nowhere://x", "s3://"]) {
      const { exitCode, stdout, stderr } = await library.run(argv.map((word) => (word === "{}" ? uri : word)));
      expect({ exitCode, stdout }, uri).toEqual({ exitCode: 1, stdout: "" });
      expect(stderr, uri).toMatch(/^Error: /);
      expect(stderr, uri).toMatch(/^ {2}hint: /m);
      expect(stderr, uri).not.toMatch(/^\s+at |unexpected failure/m);
    }
    expect(existsSync(join(library.directory, "absent.omni"))).toBe(false);
    expect(readdirSync(join(library.directory, "folder"))).toEqual(["notes.txt"]);
  });
});
