import { must } from "@omnigraphdb/common";
import type { Block, Negation } from "../query/query-ast.js";

/** Endpoint or edge variable that is no variable at all (TY-9). */
export const ANONYMOUS = "_";

type VariableKind = "node" | "edge";

/** Names of one block's variables in the plan, and those of the `not` blocks inside it. */
export interface VariableNames {
  /** Plan name of the variable that `sourceName` means when this block mentions it. */
  nameOf(kind: VariableKind, sourceName: string): string;
  /** Names of a `not` block that is a direct clause of this one. */
  inside(negation: Negation): VariableNames;
}

/**
 * Gives every variable of a query a name of its own.
 *
 * A node variable belongs to the outermost enclosing block that mentions it in a binding or traversal, even textually
 * later: a `not` block sees every variable of its enclosing block (EX-3). Blocks that do not enclose each other have
 * different variables of one name; all but the first get a `#` suffix, which no source can spell. An edge variable
 * belongs to the block of its traversal.
 */
export function nameVariables(block: Block): VariableNames {
  return new BlockNames(block, undefined, new Map());
}

class BlockNames implements VariableNames {
  /** Plan names of the variables that belong to this block, by kind and written name. */
  readonly #own = new Map<string, string>();
  readonly #outer: BlockNames | undefined;
  readonly #nested = new Map<Negation, BlockNames>();

  /** `copies` counts the variables of each written name in the whole query. */
  constructor(block: Block, outer: BlockNames | undefined, copies: Map<string, number>) {
    this.#outer = outer;
    for (const [kind, sourceName] of introductions(block)) {
      const key = `${kind} ${sourceName}`;
      if (this.#own.has(key) || (kind === "node" && this.#find(key) !== undefined)) continue;
      const copy = (copies.get(sourceName) ?? 0) + 1;
      copies.set(sourceName, copy);
      this.#own.set(key, copy === 1 ? sourceName : `${sourceName}#${copy}`);
    }
    for (const clause of block.clauses) {
      if (clause.kind === "Negation") this.#nested.set(clause, new BlockNames(clause.block, this, copies));
    }
  }

  nameOf(kind: VariableKind, sourceName: string): string {
    return must(this.#find(`${kind} ${sourceName}`), "the block mentions the variable");
  }

  inside(negation: Negation): VariableNames {
    return must(this.#nested.get(negation), "the block is a direct clause of this one");
  }

  #find(key: string): string | undefined {
    return this.#own.get(key) ?? (this.#outer === undefined ? undefined : this.#outer.#find(key));
  }
}

function* introductions(block: Block): Generator<readonly [VariableKind, string]> {
  for (const clause of block.clauses) {
    if (clause.kind === "Binding") yield ["node", clause.variable.text];
    if (clause.kind !== "Traversal") continue;
    for (const endpoint of [clause.source, clause.destination]) {
      if (endpoint.text !== ANONYMOUS) yield ["node", endpoint.text];
    }
    if (clause.edgeVariable !== undefined && clause.edgeVariable.text !== ANONYMOUS) yield ["edge", clause.edgeVariable.text];
  }
}
