import { makeScratchDir, type TempDir } from "@omnigraphdb/testkit";
import type { ChangeBlock, EntityChange } from "../../src/changes/change.js";
import type { ChangeFeedPage, ChangesOptions } from "../../src/changes/change-feed.js";
import type { CommitChangesOptions } from "../../src/changes/commit-changes.js";
import { Graph } from "../../src/graph.js";
import type { GraphCommit } from "../../src/manifest/graph-commit.js";
import type { GraphComponents } from "../../src/graph-components.js";

const LIBRARY = `node Author {
  slug: String @key
  name: String
  born: Date?
}

node Book {
  isbn: String @key
  title: String
}

edge Wrote: Author -> Book {
  year: I32?
}
`;

/** A graph in a directory of its own, with what tests of changes do again and again. */
export class ChangingGraph implements AsyncDisposable {
  readonly graph: Graph;
  readonly path: string;
  readonly #dir: TempDir;

  private constructor(graph: Graph, dir: TempDir) {
    this.graph = graph;
    this.path = dir.path;
    this.#dir = dir;
  }

  static async create(schema: string = LIBRARY, components: Partial<GraphComponents> = {}): Promise<ChangingGraph> {
    const dir = await makeScratchDir();
    return new ChangingGraph(await Graph.init(dir.path, schema, { components, settings: { durability: "process", stagingDirectory: dir.path } }), dir);
  }

  async load(records: readonly object[], mode: "merge" | "append" | "overwrite" = "merge", branch = "main"): Promise<GraphCommit> {
    return (await this.graph.load(records.map((record) => JSON.stringify(record)).join("\n"), { mode, branch })).commit;
  }

  async mutate(statement: string, branch = "main", actor?: string): Promise<GraphCommit | null> {
    return (await this.graph.mutate(`query change() { ${statement} }`, { branch, ...(actor === undefined ? {} : { actor }) })).commit;
  }

  /** All changes of a commit, page by page. */
  async changesOf(graphCommitId: string, options: CommitChangesOptions = {}): Promise<readonly EntityChange[]> {
    const changes: EntityChange[] = [];
    let page = await this.graph.commitChanges(graphCommitId, options);
    changes.push(...page.changes);
    while (page.nextPageToken !== undefined) {
      page = await this.graph.commitChanges(graphCommitId, { ...options, pageToken: page.nextPageToken });
      changes.push(...page.changes);
    }
    return changes;
  }

  /** One whole poll: blocks that lie on several pages are put together. */
  async poll(options: ChangesOptions): Promise<{ readonly blocks: readonly ChangeBlock[]; readonly last: ChangeFeedPage }> {
    const blocks: ChangeBlock[] = [];
    let last = await this.graph.changes(options);
    for (;;) {
      for (const block of last.blocks) {
        const open = blocks.at(-1);
        if (open?.cause.graphCommitId === block.cause.graphCommitId) blocks[blocks.length - 1] = { cause: open.cause, changes: [...open.changes, ...block.changes] };
        else blocks.push(block);
      }
      if (last.nextPageToken === undefined) return { blocks, last };
      const { start: _, cursor: __, ...rest } = options;
      last = await this.graph.changes({ ...rest, pageToken: last.nextPageToken });
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.graph.close();
    await this.#dir[Symbol.asyncDispose]();
  }
}

/** `op kind type id`, for assertions on order. */
export function brief(changes: readonly EntityChange[]): readonly string[] {
  return changes.map(({ op, kind, type, id }) => `${op} ${kind} ${type.name} ${id}`);
}
