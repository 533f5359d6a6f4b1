import type { BoundBlock, BoundClause, BoundNegation, BoundTraversal, BoundVariable } from "../binder/bound-query.js";
import type { Condition } from "./expression.js";
import type { BlockPlan, CloseStep, Direction, ExpandStep, PlanStep, PlanVariable, ScanStep } from "./query-plan.js";
import { type NameSet, orderInPasses } from "./traversal-order.js";
import { walkExpression } from "./visit.js";

const REVERSED: Readonly<Record<Direction, Direction>> = { out: "in", in: "out", both: "both" };

type Of<K extends BoundClause["kind"]> = Extract<BoundClause, { kind: K }>;

/**
 * Lowers a block: scans of component roots, expands in passes, filters and text predicates, anti-joins (PL-1).
 * `outer` holds the variables of the enclosing blocks, bound when this block runs.
 */
export function lowerBlock(block: BoundBlock, outer: NameSet): BlockPlan {
  const clauses = <K extends BoundClause["kind"]>(kind: K): Of<K>[] => block.clauses.filter((clause): clause is Of<K> => clause.kind === kind);
  const traversals = clauses("Traversal");
  const roots = componentRoots(block, outer);
  const variables: PlanVariable[] = [];
  // Layered, not copied: a query may have thousands of blocks inside a block with thousands of variables.
  const own = new Set<string>();
  const bound: NameSet = { has: (name) => own.has(name) || outer.has(name) };
  const introduce = ({ name, kind, type }: BoundVariable): void => {
    own.add(name);
    variables.push({ name, kind, type: type.name });
  };

  roots.forEach(introduce);
  const walks = traversalSteps(traversals, bound, introduce);
  const introduced = new Set(variables.filter(({ kind }) => kind === "node").map(({ name }) => name));
  const { pushed, remaining } = splitConditions(block, introduced);

  const scans: ScanStep[] = roots.map(({ name, type }) => ({ kind: "Scan", variable: name, nodeType: type.name, conditions: pushed.get(name) ?? [] }));
  const expands = walks.map((step) => (step.kind === "Expand" ? { ...step, targetConditions: pushed.get(step.target) ?? [] } : step));
  const steps: PlanStep[] = [
    ...scans,
    ...expands,
    ...remaining.map((condition): PlanStep => ({ kind: "Filter", condition })),
    ...clauses("TextMatch"),
    ...clauses("Negation").map((negation: BoundNegation): PlanStep => ({ kind: "AntiJoin", block: lowerBlock(negation.block, bound) })),
  ];
  return { steps, variables };
}

/**
 * EX-32: one root per connected component that touches no variable of an enclosing block: its first binding, or the
 * written source of its first traversal. In order of declaration.
 */
function componentRoots({ clauses }: BoundBlock, outer: NameSet): BoundVariable[] {
  const parent = new Map<string, string>();
  const find = (name: string): string => {
    let root = name;
    for (let up = parent.get(root); up !== undefined && up !== root; up = parent.get(root)) {
      // Halving the path keeps long chains flat.
      const above = parent.get(up) ?? up;
      parent.set(root, above);
      root = above;
    }
    return root;
  };
  for (const clause of clauses) {
    if (clause.kind === "Traversal") parent.set(find(clause.source.name), find(clause.destination.name));
  }
  const rooted = new Set<string>();
  const touched = clauses.flatMap((clause) => (clause.kind === "Traversal" ? [clause.source, clause.destination] : clause.kind === "Binding" ? [clause.variable] : []));
  for (const { name } of touched) if (outer.has(name)) rooted.add(find(name));

  const rootOf = (variable: BoundVariable): boolean => {
    const component = find(variable.name);
    if (rooted.has(component)) return false;
    rooted.add(component);
    return true;
  };
  // Bindings claim their components first; what is left has none and starts at its first traversal.
  const chosen = new Set<BoundClause>();
  for (const clause of clauses) if (clause.kind === "Binding" && rootOf(clause.variable)) chosen.add(clause);
  for (const clause of clauses) if (clause.kind === "Traversal" && rootOf(clause.source)) chosen.add(clause);
  return clauses.flatMap((clause) => {
    if (!chosen.has(clause)) return [];
    return clause.kind === "Binding" ? [clause.variable] : clause.kind === "Traversal" ? [clause.source] : [];
  });
}

function traversalSteps(traversals: readonly BoundTraversal[], bound: NameSet, introduce: (variable: BoundVariable) => void): (ExpandStep | CloseStep)[] {
  return orderInPasses(traversals, bound).map((traversal) => {
    const isForward = bound.has(traversal.source.name);
    const [origin, target] = isForward ? [traversal.source, traversal.destination] : [traversal.destination, traversal.source];
    const walk = {
      origin: origin.name,
      target: target.name,
      edgeType: traversal.edge.name,
      direction: isForward ? traversal.direction : REVERSED[traversal.direction],
      minHops: traversal.minHops,
      maxHops: traversal.maxHops,
      ...(traversal.edgeVariable === undefined ? {} : { edgeVariable: traversal.edgeVariable.name }),
    };
    const isClosing = bound.has(target.name);
    if (!isClosing) introduce(target);
    if (traversal.edgeVariable !== undefined) introduce(traversal.edgeVariable);
    return isClosing ? { kind: "Close", ...walk } : { kind: "Expand", ...walk, targetType: target.type.name, targetConditions: [] };
  });
}

interface SplitConditions {
  /** By variable, inline properties and filters that mention only it. */
  readonly pushed: ReadonlyMap<string, readonly Condition[]>;
  readonly remaining: readonly Condition[];
}

/** PL-2: a condition moves to the step that introduces its only variable; every other one stays a filter. */
function splitConditions({ clauses }: BoundBlock, introduced: ReadonlySet<string>): SplitConditions {
  const pushed = new Map<string, Condition[]>();
  const remaining: Condition[] = [];
  for (const clause of clauses) {
    const conditions = clause.kind === "Binding" ? clause.conditions : clause.kind === "Filter" ? [clause.condition] : [];
    for (const condition of conditions) {
      const only = soleVariable(condition);
      if (only === undefined || !introduced.has(only)) {
        remaining.push(condition);
        continue;
      }
      const list = pushed.get(only);
      if (list === undefined) pushed.set(only, [condition]);
      else list.push(condition);
    }
  }
  return { pushed, remaining };
}

/** The one variable a condition mentions; `undefined` when it mentions none or several, or needs a search. */
function soleVariable({ left, right }: Condition): string | undefined {
  let only: string | undefined;
  for (const side of [left, right]) {
    for (const part of walkExpression(side)) {
      if (part.kind === "TextPredicate" || part.kind === "Nearest" || part.kind === "Bm25" || part.kind === "Rrf") return undefined;
      const variable = part.kind === "Property" || part.kind === "Variable" ? part.variable : undefined;
      if (variable === undefined) continue;
      if (only !== undefined && only !== variable) return undefined;
      only = variable;
    }
  }
  return only;
}
