import { must } from "@omnigraphdb/common";
import type { Condition, Expression } from "@omnigraphdb/compiler";
import type { Adjacency } from "../adjacency/adjacency.js";
import { ColumnView } from "../cache/column-view.js";
import type { RowSpace } from "../cache/row-space.js";
import { ID_COLUMN } from "../storage/dataset-schema.js";
import { compileCondition, type RowFilter } from "./conditions/compile-condition.js";
import { constantColumn } from "./constant-column.js";
import { constantValue, type RequestValues } from "./constant-value.js";
import { expressionType } from "./expression-type.js";
import type { LoadedData } from "./load-data.js";
import { CONSTANT, type Operand } from "./operand.js";
import type { PreparedPlan, TraversalOperation } from "./prepared-plan.js";
import type { QueryBudget } from "./query-budget.js";
import type { QueryTuning } from "./query-tuning.js";
import { predicateColumn } from "./search/score-column.js";
import type { SearchRun } from "./search/search-run.js";
import type { ExecutionTrace } from "./trace.js";

/** One execution of a plan with everything it needs in memory: from here on nothing waits. */
export class QueryRun {
  readonly prepared: PreparedPlan;
  readonly budget: QueryBudget;
  readonly tuning: QueryTuning;
  readonly search: SearchRun;
  readonly trace: ExecutionTrace | undefined;
  readonly #request: RequestValues;
  readonly #data: LoadedData;

  constructor(prepared: PreparedPlan, request: RequestValues, budget: QueryBudget, tuning: QueryTuning, data: LoadedData, search: SearchRun, trace?: ExecutionTrace) {
    this.prepared = prepared;
    this.budget = budget;
    this.tuning = tuning;
    this.search = search;
    this.trace = trace;
    this.#request = request;
    this.#data = data;
  }

  spaceOf(slot: number): RowSpace {
    return must(this.#data.spaces[slot], `slot ${slot} has no rows`);
  }

  /** Rows a key lookup found; undefined when the scan reads its whole space. */
  candidatesOf(slot: number): Uint32Array | undefined {
    return this.#data.candidates.get(slot);
  }

  adjacencyOf(operation: TraversalOperation): Adjacency {
    return must(this.#data.adjacencies.get(operation), "a traversal without its topology");
  }

  idOperand(slot: number): Operand {
    return { view: this.spaceOf(slot).view(ID_COLUMN), slot, isFloat32Property: false, isUnique: true };
  }

  operand(expression: Expression): Operand {
    switch (expression.kind) {
      case "Property": {
        const slot = must(this.prepared.slotByVariable.get(expression.variable), `no variable ${expression.variable}`).index;
        const isFloat32Property = expression.type.base.kind === "F32";
        return { view: this.spaceOf(slot).view(expression.property), slot, isFloat32Property, isUnique: this.prepared.uniqueColumns[slot] === expression.property };
      }
      case "Variable":
        return this.idOperand(must(this.prepared.slotByVariable.get(expression.variable), `no variable ${expression.variable}`).index);
      case "TextPredicate":
        return { view: new ColumnView(predicateColumn(this, expression)), slot: this.search.fieldOf(expression).slot, isFloat32Property: false, isUnique: false };
      default:
        return { view: new ColumnView(constantColumn(expressionType(expression), constantValue(expression, this.#request))), slot: CONSTANT, isFloat32Property: false, isUnique: false };
    }
  }

  compile({ operator, left, right }: Condition): RowFilter {
    return compileCondition(operator, this.operand(left), this.operand(right));
  }
}
