import { must } from "@omnigraphdb/common";
import type { BlockPlan, Catalog, CloseStep, Condition, ExpandStep, Expression, PlanStep, ScanStep, TextMatchStep } from "@omnigraphdb/compiler";
import { findKeyConditions } from "./key-lookup.js";
import { variablesOfExpression, variablesOfStep } from "./plan-variables.js";
import type { CrossOperation, FilterOperation, ScanOperation, TextMatchOperation, TraversalOperation } from "./prepared-plan.js";
import { fieldOf } from "./search/prepared-search.js";

/** An operation before it is known which slots stay live after it. */
export type Draft =
  | Omit<ScanOperation, "liveSlots">
  | Omit<TraversalOperation, "liveSlots">
  | Omit<FilterOperation, "liveSlots">
  | Omit<TextMatchOperation, "liveSlots">
  | { readonly kind: "antiJoin"; readonly tagSlot: number; readonly operations: readonly Draft[] }
  | { readonly kind: "cross"; readonly operations: readonly Draft[]; readonly equality: CrossOperation["equality"] };

export interface ScheduleContext {
  readonly catalog: Catalog;
  slotOf(variable: string): number;
  /** A fresh slot for correlating an anti-join. */
  addTagSlot(): number;
}

type MatchStep = ScanStep | ExpandStep | CloseStep;

interface Waiting {
  readonly step: PlanStep;
  readonly variables: readonly string[];
}

/** Steps that bind variables connected by traversals. */
interface Component {
  readonly steps: MatchStep[];
  readonly variables: Set<string>;
  touchesOuter: boolean;
}

/**
 * Orders the steps of a block: components one after the other, each condition as soon as its variables are bound, negations at the end of
 * the component that completes them (EX-3 makes all of these equal in result). Multi-hop origins are never changed (PL-1).
 *
 * @param outer variables of enclosing blocks
 */
export function scheduleBlock(block: BlockPlan, outer: ReadonlySet<string>, context: ScheduleContext): readonly Draft[] {
  const scheduler = new BlockScheduler(block, outer, context);
  return scheduler.schedule();
}

class BlockScheduler {
  readonly #outer: ReadonlySet<string>;
  readonly #context: ScheduleContext;
  readonly #components: readonly Component[];
  /** Conditions and negations not placed yet, with the variables they wait for. */
  readonly #waiting: Waiting[];

  constructor(block: BlockPlan, outer: ReadonlySet<string>, context: ScheduleContext) {
    this.#outer = outer;
    this.#context = context;
    this.#components = findComponents(block, outer).map((component) => rerootAtKey(component, context.catalog));
    this.#waiting = block.steps.filter((step) => step.kind === "Filter" || step.kind === "TextMatch" || step.kind === "AntiJoin").map((step) => ({ step, variables: variablesOfStep(step) }));
  }

  schedule(): readonly Draft[] {
    const drafts: Draft[] = [];
    const bound = new Set(this.#outer);
    this.#place(drafts, bound, "Filter");
    let isFirst = this.#outer.size === 0;
    for (const component of this.#inOrder()) {
      if (component.touchesOuter || isFirst) {
        this.#placeComponent(component, drafts, bound, isFirst);
      } else {
        const inner: Draft[] = [];
        const equality = this.#findEquality(component, bound);
        this.#placeComponent(component, inner, new Set(), true);
        drafts.push({ kind: "cross", operations: inner, equality });
        for (const variable of component.variables) bound.add(variable);
        this.#place(drafts, bound, "Filter");
      }
      isFirst = false;
      this.#place(drafts, bound, "AntiJoin");
    }
    this.#place(drafts, bound, "AntiJoin");
    return drafts;
  }

  /** Components that extend outer rows first, then those that start from a key. */
  #inOrder(): readonly Component[] {
    const rank = (component: Component): number => (component.touchesOuter ? 0 : startsAtKey(component, this.#context.catalog) ? 1 : 2);
    return [...this.#components].sort((a, b) => rank(a) - rank(b));
  }

  #placeComponent(component: Component, drafts: Draft[], bound: Set<string>, startsEmpty: boolean): void {
    let isStart = startsEmpty;
    for (const step of component.steps) {
      const draft = this.#draftOf(step);
      // A scan in the middle of a pipeline is a cross product with the rows so far.
      drafts.push(draft.kind === "scan" && !isStart ? { kind: "cross", operations: [draft], equality: undefined } : draft);
      isStart = false;
      if (step.kind === "Expand") {
        for (const condition of step.targetConditions) drafts.push({ kind: "filter", condition });
        bound.add(step.target);
      }
      if (step.kind === "Scan") bound.add(step.variable);
      if (step.kind !== "Scan" && step.edgeVariable !== undefined) bound.add(step.edgeVariable);
      this.#place(drafts, bound, "Filter");
    }
    this.#place(drafts, bound, "AntiJoin");
  }

  #place(drafts: Draft[], bound: ReadonlySet<string>, kind: "Filter" | "AntiJoin"): void {
    for (let i = 0; i < this.#waiting.length; ) {
      const { step, variables } = this.#waiting[i] as Waiting;
      const placedWith = step.kind === "TextMatch" ? "Filter" : step.kind;
      if (placedWith !== kind || !variables.every((variable) => bound.has(variable))) {
        i++;
        continue;
      }
      this.#waiting.splice(i, 1);
      if (step.kind === "Filter") drafts.push({ kind: "filter", condition: step.condition });
      if (step.kind === "TextMatch") drafts.push(this.#textMatchOf(step));
      if (step.kind === "AntiJoin") {
        drafts.push({ kind: "antiJoin", tagSlot: this.#context.addTagSlot(), operations: scheduleBlock(step.block, bound, this.#context) });
      }
    }
  }

  #textMatchOf({ predicate, isNegated }: TextMatchStep): Draft {
    const { slot } = fieldOf(predicate, (variable) => this.#context.slotOf(variable));
    return { kind: "textMatch", slot, predicate, isNegated };
  }

  #draftOf(step: MatchStep): Draft {
    const { catalog } = this.#context;
    const slotOf = (variable: string): number => this.#context.slotOf(variable);
    if (step.kind === "Scan") return { kind: "scan", slot: slotOf(step.variable), conditions: step.conditions };
    const edgeType = must(catalog.edgeTypeByName.get(step.edgeType), `the catalog has no edge ${step.edgeType}`);
    return {
      kind: step.kind === "Expand" ? "expand" : "close",
      origin: slotOf(step.origin),
      target: slotOf(step.target),
      edge: step.edgeVariable === undefined ? undefined : slotOf(step.edgeVariable),
      edgeType: step.edgeType,
      direction: step.direction,
      minHops: step.minHops,
      maxHops: edgeType.source === edgeType.target ? step.maxHops : 1,
    };
  }

  /** An `=` between a value of the component and one of the rows so far: the cross product becomes a hash join. */
  #findEquality(component: Component, bound: ReadonlySet<string>): CrossOperation["equality"] {
    for (const { step } of this.#waiting) {
      if (step.kind !== "Filter" || step.condition.operator !== "=") continue;
      const { left, right } = step.condition;
      if (isOver(left, bound) && isOver(right, component.variables)) return { outer: left, inner: right };
      if (isOver(right, bound) && isOver(left, component.variables)) return { outer: right, inner: left };
    }
    return undefined;
  }
}

function isOver(expression: Expression, variables: ReadonlySet<string>): boolean {
  const used = variablesOfExpression(expression);
  return used.length > 0 && used.every((variable) => variables.has(variable));
}

function findComponents(block: BlockPlan, outer: ReadonlySet<string>): readonly Component[] {
  const components: Component[] = [];
  const find = (variable: string): Component | undefined => components.find((component) => component.variables.has(variable));
  for (const step of block.steps) {
    if (step.kind !== "Scan" && step.kind !== "Expand" && step.kind !== "Close") continue;
    const ends = step.kind === "Scan" ? [step.variable] : [step.origin, step.target, ...(step.edgeVariable === undefined ? [] : [step.edgeVariable])];
    const inner = ends.filter((variable) => !outer.has(variable));
    const touched = [...new Set(inner.map(find).filter((component) => component !== undefined))];
    const [first, ...others] = touched;
    const component = first ?? { steps: [], variables: new Set<string>(), touchesOuter: false };
    if (first === undefined) components.push(component);
    for (const other of others) {
      component.steps.push(...other.steps);
      for (const variable of other.variables) component.variables.add(variable);
      component.touchesOuter ||= other.touchesOuter;
      components.splice(components.indexOf(other), 1);
    }
    component.steps.push(step);
    for (const variable of inner) component.variables.add(variable);
    component.touchesOuter ||= inner.length < ends.length;
  }
  return components;
}

function startsAtKey(component: Component, catalog: Catalog): boolean {
  const [first] = component.steps;
  return first?.kind === "Scan" && hasKey(first.variable, first.nodeType, first.conditions, catalog);
}

function hasKey(variable: string, nodeType: string, conditions: readonly Condition[], catalog: Catalog): boolean {
  const type = catalog.nodeTypeByName.get(nodeType);
  return type !== undefined && findKeyConditions(type, variable, conditions) !== undefined;
}

/**
 * Starts a component at the variable whose key is given instead of scanning its root: the single-hop traversals between the two are walked
 * from the other end. Only traversals of one hop may be turned (PL-1).
 */
function rerootAtKey(component: Component, catalog: Catalog): Component {
  const [root, ...rest] = component.steps;
  if (component.touchesOuter || root?.kind !== "Scan" || startsAtKey(component, catalog)) return component;
  const expands = rest.filter((step) => step.kind === "Expand");
  const closes = rest.filter((step) => step.kind === "Close");
  const incoming = new Map(expands.map((step) => [step.target, step]));
  for (const goal of expands) {
    if (!hasKey(goal.target, goal.targetType, goal.targetConditions, catalog)) continue;
    const path: ExpandStep[] = [];
    for (let at = incoming.get(goal.target); at !== undefined; at = incoming.get(at.origin)) path.push(at);
    if (!path.every((step) => isSingleHop(step, catalog))) continue;
    const scan: ScanStep = { kind: "Scan", variable: goal.target, nodeType: goal.targetType, conditions: goal.targetConditions };
    const turned = path.map((step) => turn(step, root, incoming.get(step.origin)));
    const others = expands.filter((step) => !path.includes(step));
    return { ...component, steps: [scan, ...turned, ...others, ...closes] };
  }
  return component;
}

function isSingleHop(step: ExpandStep, catalog: Catalog): boolean {
  const edgeType = catalog.edgeTypeByName.get(step.edgeType);
  return step.minHops === 1 && (step.maxHops === 1 || edgeType?.source !== edgeType?.target);
}

const OPPOSITE = { out: "in", in: "out", both: "both" } as const;

/** The same traversal from its target back to its origin, which the root scan or an earlier traversal bound before. */
function turn(step: ExpandStep, root: ScanStep, bindsOrigin: ExpandStep | undefined): ExpandStep {
  return {
    ...step,
    origin: step.target,
    target: step.origin,
    direction: OPPOSITE[step.direction],
    targetType: bindsOrigin?.targetType ?? root.nodeType,
    targetConditions: bindsOrigin?.targetConditions ?? root.conditions,
  };
}
