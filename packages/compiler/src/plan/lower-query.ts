import type { BoundMutation, BoundOrdering, BoundProjection, BoundRead } from "../binder/bound-query.js";
import { columnName } from "./column-name.js";
import { lowerBlock } from "./lower-match.js";
import type { MutationPlan } from "./mutation-plan.js";
import type { Ordering, Projection, QueryPlan } from "./query-plan.js";

/** Bound read → plan (§14). */
export function lowerRead(read: BoundRead): QueryPlan {
  const projections = read.projections.map(lowerProjection);
  return {
    kind: "Query",
    name: read.name,
    parameters: read.parameters,
    block: lowerBlock(read.block, new Set()),
    projections,
    isAggregating: projections.some(({ expression }) => expression.kind === "Aggregate"),
    orderings: read.orderings.map((ordering) => lowerOrdering(ordering, projections)),
    ...(read.limit === undefined ? {} : { limit: read.limit }),
  };
}

export function lowerMutation({ name, parameters, statements }: BoundMutation): MutationPlan {
  return { kind: "Mutation", name, parameters, statements };
}

function lowerProjection({ expression, alias }: BoundProjection): Projection {
  return { column: alias ?? columnName(expression), expression };
}

/** OR-4: a name means the first output column of that name. */
function lowerOrdering({ expression, isDescending }: BoundOrdering, projections: readonly Projection[]): Ordering {
  if (expression.kind !== "Alias") return { expression, isDescending };
  const columnIndex = projections.findIndex(({ column }) => column === expression.name);
  const projection = projections[columnIndex];
  return projection === undefined ? { expression, isDescending } : { expression: projection.expression, columnIndex, isDescending };
}
