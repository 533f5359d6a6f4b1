import { makeScratchDir, type TempDir } from "@omnigraphdb/testkit";
import type { GraphComponents } from "../../src/graph-components.js";
import { Graph } from "../../src/graph.js";
import { MergeConflictsError } from "../../src/merge/errors.js";
import type { MergeConflict } from "../../src/merge/merge-conflict.js";

/** A graph in a directory of its own, with what merge tests do again and again. */
export class MergeGraph implements AsyncDisposable {
  readonly graph: Graph;
  readonly #dir: TempDir;

  private constructor(graph: Graph, dir: TempDir) {
    this.graph = graph;
    this.#dir = dir;
  }

  static async create(schema: string, components: Partial<GraphComponents> = {}): Promise<MergeGraph> {
    const dir = await makeScratchDir();
    return new MergeGraph(await Graph.init(dir.path, schema, { components, settings: { durability: "process", stagingDirectory: dir.path } }), dir);
  }

  load(branch: string, records: readonly object[], mode: "merge" | "append" | "overwrite" = "merge"): Promise<unknown> {
    return this.graph.load(records.map((record) => JSON.stringify(record)).join("\n"), { mode, branch });
  }

  /** One mutation of one statement. */
  mutate(branch: string, statement: string): Promise<unknown> {
    return this.graph.mutate(`query change() { ${statement} }`, { branch });
  }

  /** Everything a user sees of a branch, as the records of an export. */
  async content(branch: string): Promise<readonly string[]> {
    const decoder = new TextDecoder();
    let text = "";
    for await (const chunk of this.graph.exportJsonl({ target: { branch } })) text += decoder.decode(chunk, { stream: true });
    return text.split("\n").filter((line) => line !== "");
  }

  async records(branch: string): Promise<readonly Readonly<Record<string, unknown>>[]> {
    return (await this.content(branch)).map((line) => JSON.parse(line) as Record<string, unknown>);
  }

  /** The conflicts of a merge that must fail with some; checks that the target stays as it is (MG-5). */
  async conflicts(source: string, target: string): Promise<readonly MergeConflict[]> {
    const head = await this.graph.headCommitId(target);
    try {
      await this.graph.branchMerge(source, target);
    } catch (error) {
      if (!(error instanceof MergeConflictsError)) throw error;
      if ((await this.graph.headCommitId(target)) !== head) throw new Error("a merge with conflicts moved its target");
      return error.conflicts;
    }
    throw new Error("the merge had no conflicts");
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.graph.close();
    await this.#dir[Symbol.asyncDispose]();
  }
}
