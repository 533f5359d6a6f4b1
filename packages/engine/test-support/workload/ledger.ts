import { expect } from "vitest";
import { Graph } from "../../src/graph.js";
import type { GraphSettingsInput } from "../../src/graph-settings.js";
import { openGraph } from "../../src/open/open-graph.js";
import { expectAtRest } from "../writes/check-graph.js";
import { type BranchContent, findTornNames, readBranch } from "./branch-content.js";
import type { Acknowledgement } from "./worker-task.js";

const COMMITS: Readonly<Record<Acknowledgement["op"], number>> = { add: 1, age: 1, gone: 2, merge: 1, create: 0, delete: 0, schema: 1 };

interface ExpectedBranch {
  readonly names: Set<string>;
  readonly ages: Map<string, number>;
  readonly gone: Set<string>;
  readonly commits: Set<string>;
}

/**
 * Everything that was acknowledged to anybody, and the comparison of a graph with it. What is there beyond that came from
 * calls whose caller died before the reply: whole, or not at all.
 */
export class Ledger {
  readonly #branches = new Map<string, ExpectedBranch>();
  acknowledgedCount = 0;
  /** Merges that had nothing to do are counted too. */
  commitCount = 0;

  /** Adds what one worker printed since the last call, in the order it printed it. */
  add(output: string): void {
    // Sequential calls of one worker: what it added to a branch before it merged that branch is in the merge.
    const own = new Map<string, Set<string>>();
    for (const [, json] of output.matchAll(/^ack (\{.*\})$/gm)) {
      const what = JSON.parse(json ?? "") as Acknowledgement;
      this.acknowledgedCount++;
      this.commitCount += COMMITS[what.op];
      this.#addOne(what, own);
    }
  }

  #addOne(what: Acknowledgement, own: Map<string, Set<string>>): void {
    switch (what.op) {
      case "add":
        this.#branch(what.branch).names.add(what.name);
        this.#branch(what.branch).commits.add(what.commit);
        own.set(what.branch, (own.get(what.branch) ?? new Set()).add(what.name));
        return;
      case "age":
        this.#branch(what.branch).ages.set(what.name, what.age);
        return;
      case "gone":
        this.#branch(what.branch).gone.add(what.name);
        return;
      case "merge":
        for (const name of own.get(what.source) ?? []) {
          this.#branch(what.target).names.add(name);
          own.set(what.target, (own.get(what.target) ?? new Set()).add(name));
        }
        return;
      case "delete":
        this.#branches.delete(what.branch);
        return;
      case "create":
      case "schema":
        return;
    }
  }

  #branch(name: string): ExpectedBranch {
    let branch = this.#branches.get(name);
    if (branch === undefined) this.#branches.set(name, (branch = { names: new Set(), ages: new Map(), gone: new Set(), commits: new Set() }));
    return branch;
  }

  /**
   * G-1 … G-7 and G-11: a reader that recovers nothing sees whole commits only; a read-write open settles what is left; a
   * second one finds nothing to do; everything acknowledged is there.
   */
  async expectSound(root: string, settings: GraphSettingsInput = {}): Promise<void> {
    await this.#expectReadable(root, settings);
    await settle(root, settings);
    const settled = await this.#expectReadable(root, settings);
    await settle(root, settings);
    expect(await this.#expectReadable(root, settings), "a second recovery changes nothing").toEqual(settled);
  }

  async #expectReadable(root: string, settings: GraphSettingsInput): Promise<ReadonlyMap<string, BranchContent>> {
    const contents = new Map<string, BranchContent>();
    await using graph = await Graph.open(root, { mode: "ro", settings });
    for (const branch of await graph.branchList()) {
      const content = await readBranch(graph, { branch });
      contents.set(branch, content);
      expect(findTornNames(content), `commits of ${branch} that are there by parts`).toEqual([]);
      await this.#expectAcknowledged(graph, branch, content);
    }
    // A branch of a worker that died while deleting it may be gone; the others are there.
    const missing = [...this.#branches.keys()].filter((name) => !contents.has(name) && !name.startsWith("tmp-"));
    expect(missing, "branches").toEqual([]);
    return contents;
  }

  async #expectAcknowledged(graph: Graph, branch: string, { persons, companies }: BranchContent): Promise<void> {
    const expected = this.#branches.get(branch);
    if (expected === undefined) return;
    expect([...expected.names].filter((name) => !persons.has(name)), `acknowledged, not in ${branch}`).toEqual([]);
    expect([...expected.gone].filter((name) => companies.has(name)), `deleted, still in ${branch}`).toEqual([]);
    const younger = [...expected.ages].filter(([name, age]) => (persons.get(name) ?? -1) < age);
    expect(younger, `updates lost in ${branch}`).toEqual([]);
    const history = (await graph.listCommits(branch)).map(({ graphCommitId }) => graphCommitId);
    expect(new Set(history).size).toBe(history.length);
    const known = new Set(history);
    expect([...expected.commits].filter((commit) => !known.has(commit)), `commits not in the history of ${branch}`).toEqual([]);
  }
}

async function settle(root: string, settings: GraphSettingsInput): Promise<void> {
  const graph = await openGraph(root, { mode: "rw", settings });
  try {
    await expectAtRest(graph);
  } finally {
    await graph.resources.dispose();
  }
}
