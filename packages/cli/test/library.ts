import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect } from "vitest";
import { type Captured, type CapturedIoOptions, runCaptured } from "./captured-io.js";

export const SCHEMA = `node Author {
    handle: String @key
    name: String
    born: Date?
    rating: F64?
    followers: I64?
}
node Book {
    isbn: String @key
    title: String
    copies: U32
    genre: enum(essay, novel, poetry)
    tags: [String]?
    released: DateTime?
}
edge Wrote: Author -> Book {
    role: String?
}
`;

export const RECORDS: readonly string[] = [
  '{"type":"Author","data":{"handle":"ada","name":"Ada","born":"1980-05-01","rating":4.5,"followers":9223372036854775807}}',
  '{"type":"Author","data":{"handle":"bo","name":"Bo","born":"1975-01-15"}}',
  '{"type":"Author","data":{"handle":"cy","name":"Cy","rating":3}}',
  '{"type":"Book","data":{"isbn":"b1","title":"Deep Water","copies":3,"genre":"novel","tags":["sea","classic"],"released":"2001-03-04T00:00:00Z"}}',
  '{"type":"Book","data":{"isbn":"b2","title":"Night, \\"Garden\\"","copies":1,"genre":"poetry","tags":[]}}',
  '{"edge":"Wrote","from":"ada","to":"b1","data":{"id":"w1","role":"author"}}',
  '{"edge":"Wrote","from":"bo","to":"b2","data":{"id":"w2"}}',
];

export const QUERIES = `query authors() { match { $a: Author } return { $a.handle, $a.rating } order { $a.handle asc } }
query named($name: String) { match { $a: Author $a.name = $name } return { $a.handle as handle, $a.followers as followers } }
query add($handle: String, $name: String) { insert Author { handle: $handle, name: $name } }
query rate($handle: String, $rating: F64) { update Author set { rating: $rating } where handle = $handle }
`;

/** A folder of its own with a schema, records, queries and, unless told otherwise, a loaded graph. */
export interface Library extends Disposable {
  readonly directory: string;
  run(argv: readonly string[], options?: CapturedIoOptions): Promise<Captured>;
  /** Fails the test unless the command succeeds; its stdout. */
  succeed(...argv: string[]): Promise<string>;
  write(name: string, content: string | Uint8Array): string;
  /** Everything a reader can see of the graph and its history. */
  state(): Promise<string>;
}

export function emptyLibrary(): Library {
  const directory = mkdtempSync(join(tmpdir(), "omnigraph-cli-"));
  const library: Library = {
    directory,
    run: (argv, options = {}) => runCaptured(argv, { cwd: directory, ...options }),
    async succeed(...argv) {
      const captured = await library.run(argv);
      expect(captured, argv.join(" ")).toMatchObject({ exitCode: 0 });
      return captured.stdout;
    },
    write(name, content) {
      writeFileSync(join(directory, name), content);
      return name;
    },
    state: async () => (await library.succeed("export", "g.omni")) + (await library.succeed("commit", "list", "g.omni")),
    [Symbol.dispose]: () => rmSync(directory, { recursive: true, force: true }),
  };
  library.write("library.pg", SCHEMA);
  library.write("library.jsonl", `${RECORDS.join("\n")}\n`);
  library.write("library.gq", QUERIES);
  return library;
}

export async function loadedLibrary(): Promise<Library> {
  const library = emptyLibrary();
  await library.succeed("init", "--schema", "library.pg", "g.omni");
  await library.succeed("load", "g.omni", "--data", "library.jsonl", "--mode", "append", "--as", "librarian");
  return library;
}

/** Replaces what differs from run to run. */
export function scrub(text: string): string {
  return text
    .replace(/\b[0-9A-HJKMNP-TV-Z]{26}\b/g, "<ulid>")
    .replace(/(created_at"?: )\d+/g, "$1<micros>")
    .replace(/[0-9a-f]{16}-[0-9a-f]{16}/g, "<dataset>");
}
