import { assertNever } from "@omnigraphdb/common";
import type { AntiJoinOperation, Operation } from "../prepared-plan.js";
import type { QueryRun } from "../query-run.js";
import { makeAntiJoin, makeNeighborAntiJoin } from "./anti-join.js";
import { makeTextMatch } from "../search/text-match.js";
import { makeClose } from "./close.js";
import { makeCross } from "./cross.js";
import { makeExpand } from "./expand.js";
import { makeFilter } from "./filter.js";
import { limitExpand, type ResultBound } from "./limited-expand.js";
import { makeNodeScan } from "./node-scan.js";
import { type Operator, traced } from "./operator.js";

/** @param bound what is known of the end of the result, for operations whose rows become rows of the result */
export function compileOperations(operations: readonly Operation[], run: QueryRun, bound?: ResultBound): readonly Operator[] {
  return operations.map((operation) => {
    const compiled = compileOperation(operation, run);
    const operator = operation.kind === "expand" && bound !== undefined ? limitExpand(compiled, bound) : compiled;
    return run.trace === undefined ? operator : traced(operator, operation, run.trace);
  });
}

function compileOperation(operation: Operation, run: QueryRun): Operator {
  switch (operation.kind) {
    case "scan":
      return makeNodeScan(operation, run);
    case "expand":
      return makeExpand(operation, run);
    case "close":
      return makeClose(operation, run);
    case "filter":
      return makeFilter(run.compile(operation.condition), operation.liveSlots);
    case "textMatch":
      return makeTextMatch(operation, run);
    case "antiJoin":
      return makeNeighborAntiJoin(operation, run) ?? makeAntiJoin(operation, compileOperations(operation.operations, run), outerRowsOf(operation, run));
    case "cross":
      return makeCross(operation, compileOperations(operation.operations, run), run);
    default:
      return assertNever(operation);
  }
}

/** Fewer where every outer row meets a whole component: a group is done when its last row has its match. */
function outerRowsOf({ operations }: AntiJoinOperation, run: QueryRun): number {
  const hasProduct = operations.some((inner) => inner.kind === "cross" && inner.equality === undefined);
  return hasProduct ? Math.ceil(run.tuning.outerRows / 128) : run.tuning.outerRows;
}
