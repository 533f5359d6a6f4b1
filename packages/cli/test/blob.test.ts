import { createHash } from "node:crypto";
import { existsSync, readFileSync } from "node:fs";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { emptyLibrary, type Library } from "./library.js";

const SCHEMA = "node Doc {\n  name: String @key\n  title: String?\n  file: Blob?\n}\nedge Cites: Doc -> Doc { scan: Blob }\n";
const LARGE = Buffer.alloc(5 * 1024 * 1024, "0123456789");
const blob = (bytes: Buffer): string => `base64:${bytes.toString("base64")}`;

let library: Library;
beforeAll(async () => {
  library = emptyLibrary();
  library.write("docs.pg", SCHEMA);
  const docs = [["none", null], ["empty", Buffer.alloc(0)], ["small", Buffer.from("hello")], ["large", LARGE]] as const;
  const records: object[] = docs.map(([name, file]) => ({ type: "Doc", data: { name, file: file === null ? null : blob(file) } }));
  records.push({ edge: "Cites", from: "small", to: "large", data: { id: "c1", scan: blob(Buffer.from("edge")) } });
  library.write("docs.jsonl", records.map((record) => JSON.stringify(record)).join("\n"));
  await library.succeed("init", "--schema", "docs.pg", "d.omni");
  await library.succeed("load", "d.omni", "--data", "docs.jsonl", "--mode", "append");
});
afterAll(() => library[Symbol.dispose]());

const get = (id: string, ...flags: string[]): readonly string[] => ["blob", "get", "node", "Doc", id, "file", "--store", "d.omni", ...flags];

describe("blob get (§10.9)", () => {
  test("whole, part and empty content, of nodes and edges", async () => {
    expect(await library.succeed(...get("small"))).toBe("hello");
    expect(await library.succeed(...get("small", "--offset", "1"))).toBe("ello");
    expect(await library.succeed(...get("small", "--length", "2"))).toBe("he");
    expect(await library.succeed(...get("small", "--offset", "1", "--length", "2"))).toBe("el");
    expect(await library.succeed(...get("small", "--offset", "3", "--length", "100"))).toBe("lo");
    expect(await library.succeed(...get("empty"))).toBe("");
    expect(await library.succeed("blob", "get", "edge", "Cites", "c1", "scan", "--store", "d.omni")).toBe("edge");
    expect(await library.succeed(...get("large", "--offset", "4194300", "--length", "10"))).toBe("0123456789");
  });

  test("--out is written in pieces, and only touched by a read that delivers", async () => {
    const out = path.join(library.directory, "out.bin");
    expect((await library.run(get("none", "--out", "out.bin"))).exitCode).toBe(1);
    expect(existsSync(out)).toBe(false);
    await library.succeed(...get("large", "--out", "out.bin"));
    expect(createHash("sha256").update(readFileSync(out)).digest("hex")).toBe(createHash("sha256").update(LARGE).digest("hex"));
    expect((await library.run(get("small", "--offset", "5", "--out", "out.bin"))).exitCode).toBe(1);
    expect(readFileSync(out).length).toBe(LARGE.length);
    await library.succeed(...get("empty", "--out", "out.bin"));
    expect(readFileSync(out).length).toBe(0);
    const { exitCode, stderr } = await library.run(get("small", "--out", "no/such/folder"));
    expect(exitCode).toBe(1);
    expect(stderr).toContain("cannot write 'no/such/folder': no such folder");
  });

  test.each([
    [2, ["--length", "0"], "--length 0 asks for nothing"],
    [2, ["--offset", "-1"], "--offset takes a number of bytes, not '-1'"],
    [2, ["--offset", "1e3"], "--offset takes a number of bytes, not '1e3'"],
    [2, ["--offset", "9007199254740991", "--length", "1"], "--offset and --length together are too large"],
    [1, ["--offset", "5"], "bytes 5 to 5 do not lie within a blob of 5 bytes"],
    [1, ["--offset", "7", "--length", "2"], "bytes 7 to 9 do not lie within a blob of 5 bytes"],
  ])("exit %i: %j", async (exitCode, flags, message) => {
    const result = await library.run(get("small", ...flags));
    expect({ exitCode: result.exitCode, stdout: result.stdout, stderr: result.stderr }).toEqual({ exitCode, stdout: "", stderr: expect.stringContaining(message) });
  });

  test("BL-6 what is not there, and what cannot be there", async () => {
    expect((await library.run(get("none"))).stderr).toContain("node Doc 'none' has no blob 'file'");
    expect((await library.run(get("nobody"))).stderr).toContain("node Doc 'nobody' has no blob 'file'");
    expect(await library.run(["blob", "get", "thing", "Doc", "small", "file", "--store", "d.omni"])).toMatchObject({ exitCode: 2, stderr: expect.stringContaining("'thing' is no kind of entity") });
    expect((await library.run(["blob", "get", "node", "Nope", "small", "file", "--store", "d.omni"])).stderr).toContain("there is no node type 'Nope'");
    expect((await library.run(["blob", "get", "node", "Doc", "small", "title", "--store", "d.omni"])).stderr).toContain("property 'title' of node:Doc is not a Blob");
    expect((await library.run(["blob", "get", "node", "Doc", "small", "file", "--length", "0"])).stderr).toContain("--length 0");
    expect((await library.run(["blob", "get", "node", "Doc", "small", "file"])).stderr).toContain("no graph addressed for 'blob get'");
  });
});

describe("blob stat (§10.9)", () => {
  const stat = (id: string, ...flags: string[]): readonly string[] => ["blob", "stat", "node", "Doc", id, "file", "--store", "d.omni", ...flags];

  test("BL-8 --json, and the same facts as lines", async () => {
    const shown = JSON.parse(await library.succeed(...stat("small", "--json"))) as { target: { resolved_snapshot: string } };
    const commit = shown.target.resolved_snapshot;
    const etag = expect.stringMatching(/^"[0-9a-f]{32}"$/) as string;
    const selector = { entity: "node", type: "Doc", id: "small", property: "file" };
    expect(shown).toEqual({ selector, kind: "managed", size: 5, etag, target: { branch: "main", resolved_snapshot: commit } });
    const lines = (await library.succeed(...stat("small", "--snapshot", commit))).trimEnd().split("\n");
    expect(lines.map((line) => line.split(": ")[0])).toEqual(["entity", "type", "id", "property", "kind", "size", "etag", "snapshot", "resolved_snapshot"]);
    expect(lines.slice(3, 6)).toEqual(["property: file", "kind: managed", "size: 5"]);
  });

  test("empty is not null", async () => {
    expect((JSON.parse(await library.succeed(...stat("empty", "--json"))) as { size: number }).size).toBe(0);
    expect((await library.run(stat("none"))).exitCode).toBe(1);
  });
});
