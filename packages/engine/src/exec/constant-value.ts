import { must } from "@omnigraphdb/common";
import type { Expression, ParameterValues, Value } from "@omnigraphdb/compiler";

/** Values of one request: bound parameters and the instant of `now()` (EX-60). */
export interface RequestValues {
  readonly parameters: ParameterValues;
  readonly nowMs: number;
}

/** Value of a literal, parameter or `now()`. */
export function constantValue(expression: Expression, request: RequestValues): Value {
  switch (expression.kind) {
    case "Literal":
      return expression.value;
    case "Parameter":
      return must(request.parameters.get(expression.name), `parameter ${expression.name} is not bound`);
    case "Now":
      return { kind: "datetime", ms: request.nowMs };
    default:
      throw new TypeError(`${expression.kind} is not a constant`);
  }
}

/** The first `date("…")` or `datetime("…")` text, or Date or DateTime parameter, that does not parse (PB-10). */
export function findUnreadable(constants: readonly Expression[], request: RequestValues): Extract<Value, { kind: "unreadable" }> | undefined {
  for (const constant of constants) {
    const value = constantValue(constant, request);
    for (const part of value.kind === "list" ? value.items : [value]) if (part.kind === "unreadable") return part;
  }
  return undefined;
}
