import { join } from "node:path";
import { makeTempDir, type TempDir } from "@omnigraphdb/testkit";
import { Graph } from "../../src/graph.js";
import type { OpenOptions } from "../../src/open/open-graph.js";
import { resultRows } from "../../src/result/result-rows.js";
import type { GraphStorage } from "../../src/storage/dataset-gateway.js";
import { openGraphStorage } from "../../src/storage/lance/open-graph-storage.js";

const SCHEMA = `node Author {
  handle: String @key
  age: I32? @index
  genre: enum(essay, novel)? @index
  bio: String? @index
  tags: [String]?
  face: Vector(4)? @index
}

node Shelf {
  name: String @key
}

edge Wrote: Author -> Shelf {
  year: I32? @index
}
`;

const QUERIES = `query add($handle: String, $age: I32?) { insert Author { handle: $handle, age: $age } }
query shelve($name: String) { insert Shelf { name: $name } }
query age($handle: String, $age: I32) { update Author set { age: $age } where handle = $handle }
query remove($handle: String) { delete Author where handle = $handle }
query authors() { match { $a: Author } return { $a.handle, $a.age } order { $a.handle asc } }
query aged($age: I32) { match { $a: Author $a.age >= $age } return { $a.handle } order { $a.handle asc } }
`;

/** A graph of its own, opened for writing, and what tests of maintenance do with it. */
export class MaintainedGraph implements AsyncDisposable {
  readonly #dir: TempDir;
  readonly graph: Graph;
  /** The same root as somebody without manifest and protocol sees it: foreign hands. */
  readonly foreign: GraphStorage;

  private constructor(dir: TempDir, graph: Graph) {
    this.#dir = dir;
    this.graph = graph;
    this.foreign = openGraphStorage(graph.uri);
  }

  static async create(options: Partial<OpenOptions> = {}, schema: string = SCHEMA): Promise<MaintainedGraph> {
    const dir = await makeTempDir();
    const graph = await Graph.init(join(dir.path, "g.omni"), schema, options);
    return new MaintainedGraph(dir, graph);
  }

  get uri(): string {
    return this.graph.uri;
  }

  async add(handle: string, age: number | null = null, branch?: string): Promise<void> {
    await this.graph.mutate(QUERIES, { name: "add", params: { handle, age }, ...(branch === undefined ? {} : { branch }) });
  }

  /** One commit per author. */
  async addMany(prefix: string, count: number, branch?: string): Promise<void> {
    for (let index = 0; index < count; index++) await this.add(`${prefix}${index}`, index, branch);
  }

  async shelve(name: string): Promise<void> {
    await this.graph.mutate(QUERIES, { name: "shelve", params: { name } });
  }

  async run(name: "age" | "remove", params: object): Promise<void> {
    await this.graph.mutate(QUERIES, { name, params });
  }

  async load(...records: readonly object[]): Promise<void> {
    await this.graph.load(records.map((record) => JSON.stringify(record)).join("\n"), { mode: "append" });
  }

  async authors(target: { branch?: string; snapshot?: string } = {}): Promise<readonly string[]> {
    const rows = resultRows(await this.graph.query(QUERIES, { name: "authors", target }));
    return Array.from(rows, (row) => `${String(row["a.handle"])}=${String(row["a.age"])}`);
  }

  async olderThan(age: number): Promise<readonly string[]> {
    return Array.from(resultRows(await this.graph.query(QUERIES, { name: "aged", params: { age } })), (row) => String(row["a.handle"]));
  }

  async pin(typeKey: string, branch?: string): Promise<{ location: { directory: string; nativeBranch: string | null }; publishedVersion: number }> {
    const { entries } = await this.graph.snapshot(branch === undefined ? {} : { branch });
    const entry = entries.get(typeKey);
    if (entry === undefined) throw new Error(`${typeKey} is not in the snapshot`);
    return entry;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.foreign.close();
    await this.graph.close();
    await this.#dir[Symbol.asyncDispose]();
  }
}
