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
  return nameBlock(block, new Map(), new Set());
}

function nameBlock(block: Block, outer: ReadonlyMap<string, string>, used: Set<string>): VariableNames {
  const names = new Map(outer);
  const own = new Set<string>();
  for (const [kind, sourceName] of introductions(block)) {
    const key = `${kind} ${sourceName}`;
    if (own.has(key) || (kind === "node" && names.has(key))) continue;
    own.add(key);
    names.set(key, unusedName(sourceName, used));
  }
  const nested = new Map<Negation, VariableNames>();
  for (const clause of block.clauses) {
    if (clause.kind === "Negation") nested.set(clause, nameBlock(clause.block, names, used));
  }
  return {
    nameOf: (kind, sourceName) => names.get(`${kind} ${sourceName}`) ?? sourceName,
    inside: (negation) => nested.get(negation) ?? nameBlock(negation.block, names, used),
  };
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

function unusedName(sourceName: string, used: Set<string>): string {
  let name = sourceName;
  for (let copy = 2; used.has(name); copy++) name = `${sourceName}#${copy}`;
  used.add(name);
  return name;
}
