import { childExpressions, type Expression } from "@omnigraphdb/compiler";
import { ID_COLUMN } from "../storage/dataset-schema.js";
import { isConstant } from "./key-lookup.js";

type ColumnsBySlot = readonly (readonly string[])[];

/** Columns that expressions read, by slot, each list ascending. */
export interface ColumnsRead {
  /** Without the vectors that `nearest` compares. */
  readonly values: ColumnsBySlot;
  readonly withVectors: ColumnsBySlot;
}

/** Gathers what execution reads of each slot, expression by expression. */
export class PlanColumns {
  readonly #slotOf: (variable: string) => number;
  readonly #values: readonly Set<string>[];
  readonly #vectors: readonly Set<string>[];
  readonly #constants = new Set<Expression>();

  constructor(slotCount: number, slotOf: (variable: string) => number) {
    this.#slotOf = slotOf;
    this.#values = Array.from({ length: slotCount }, () => new Set());
    this.#vectors = Array.from({ length: slotCount }, () => new Set());
  }

  add(expression: Expression): void {
    for (const inner of valueExpressions(expression)) {
      if (inner.kind === "Property") this.#values[this.#slotOf(inner.variable)]?.add(inner.property);
      if (inner.kind === "Nearest") this.#vectors[this.#slotOf(inner.variable)]?.add(inner.property);
      if (inner.kind === "Variable") this.addId(this.#slotOf(inner.variable));
      if (isConstant(inner)) this.#constants.add(inner);
    }
  }

  addId(slot: number): void {
    this.#values[slot]?.add(ID_COLUMN);
  }

  get constants(): readonly Expression[] {
    return [...this.#constants];
  }

  /** What has been added so far. */
  read(): ColumnsRead {
    return {
      values: this.#values.map((names) => [...names].sort()),
      withVectors: this.#values.map((names, slot) => [...new Set([...names, ...(this.#vectors[slot] ?? [])])].sort()),
    };
  }
}

/** What `later` names beyond `earlier`, by slot. */
export function columnsBeyond(later: ColumnsBySlot, earlier: ColumnsBySlot): ColumnsBySlot {
  return later.map((names, slot) => names.filter((name) => earlier[slot]?.includes(name) !== true));
}

/** Parts of an expression that are read as values: what a text function searches is read as words instead. */
function* valueExpressions(expression: Expression): Generator<Expression> {
  yield expression;
  const children = childExpressions(expression);
  for (const child of expression.kind === "TextPredicate" || expression.kind === "Bm25" ? children.slice(1) : children) yield* valueExpressions(child);
}
