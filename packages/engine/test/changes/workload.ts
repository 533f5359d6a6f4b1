import { MergeConflictsError } from "../../src/merge/errors.js";
import { KeyConflictError } from "../../src/validate/errors.js";
import type { ChangingGraph } from "./changes-fixture.js";

/** Every kind of column that is compared or read apart from the others. */
export const SHELVES = `node Shelf {
  name: String @key
  room: I64?
}

node Item {
  code: String @key
  label: String?
  weight: F64?
  tags: [String]?
  position: Vector(2)?
  scan: Blob?
}

edge On: Item -> Shelf {
  since: Date?
}
`;

const SHELF_COUNT = 3;
const ITEM_COUNT = 7;
const EDGE_COUNT = 6;
const BRANCH = "side";

/** Random changes of all kinds on `main` and a branch; the same for the same seed. */
export class Workload {
  readonly #target: ChangingGraph;
  #state: number;
  #hasBranch = false;

  constructor(target: ChangingGraph, seed: number) {
    this.#target = target;
    this.#state = seed >>> 0;
  }

  async step(): Promise<void> {
    const { graph } = this.#target;
    const branch = this.#hasBranch && this.#below(2) === 0 ? BRANCH : "main";
    const dice = this.#below(20);
    if (dice < 9) await this.#load(branch, "merge");
    else if (dice < 11) await this.#load(branch, "overwrite");
    else if (dice < 13) await this.#target.mutate(`update Item set { label: "l${this.#below(3)}" } where code = "i${this.#below(ITEM_COUNT)}"`, branch);
    else if (dice < 15) await this.#target.mutate(`delete Item where code = "i${this.#below(ITEM_COUNT)}"`, branch);
    else if (dice < 16) await this.#target.mutate(`delete Shelf where name = "s${this.#below(SHELF_COUNT)}"`, branch);
    else if (dice < 17) await graph.optimize({ branch });
    else if (!this.#hasBranch) await this.#createBranch();
    else await this.#merge();
  }

  async #createBranch(): Promise<void> {
    await this.#target.graph.branchCreate(BRANCH);
    this.#hasBranch = true;
  }

  /** Into `main` or from it; sometimes the branch goes afterwards. */
  async #merge(): Promise<void> {
    const { graph } = this.#target;
    const [source, target] = this.#below(3) > 0 ? [BRANCH, "main"] : ["main", BRANCH];
    try {
      await graph.branchMerge(source, target);
    } catch (error) {
      if (!(error instanceof MergeConflictsError)) throw error;
    }
    if (this.#below(3) > 0) return;
    await graph.branchDelete(BRANCH);
    this.#hasBranch = false;
  }

  /** Shelves and items, and edges between those of this load. */
  async #load(branch: string, mode: "merge" | "overwrite"): Promise<void> {
    const shelves = this.#some(SHELF_COUNT).map((n) => ({ type: "Shelf", data: { name: `s${n}`, room: this.#of([null, 1, 9_007_199_254_740_993]) } }));
    const items = this.#some(ITEM_COUNT).map((n) => ({
      type: "Item",
      data: {
        code: `i${n}`,
        label: this.#of([null, "", "l1", "ü"]),
        weight: this.#of([null, 0.5, 1]),
        tags: this.#of([null, [], ["a", "b"]]),
        position: this.#of([null, [0.5, 1], [0.25, 1]]),
        scan: this.#of([null, "base64:", "base64:aGVsbG8="]),
      },
    }));
    const edges = this.#some(EDGE_COUNT).map((n) => ({
      edge: "On",
      from: this.#of(items).data.code,
      to: this.#of(shelves).data.name,
      data: { id: `e${n}`, since: this.#of([null, 19_782]) },
    }));
    try {
      await this.#target.load([...shelves, ...items, ...edges], mode, branch);
    } catch (error) {
      if (!(error instanceof KeyConflictError)) throw error;
    }
  }

  #some(count: number): readonly number[] {
    const first = this.#below(count);
    return Array.from({ length: 1 + this.#below(count - 1) }, (_, i) => (first + i) % count);
  }

  #of<T>(items: readonly T[]): T {
    return items[this.#below(items.length)] as T;
  }

  /** mulberry32 */
  #below(limit: number): number {
    this.#state = (this.#state + 0x6d2b_79f5) >>> 0;
    let t = this.#state;
    t = Math.imul(t ^ (t >>> 15), t | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) % limit;
  }
}
