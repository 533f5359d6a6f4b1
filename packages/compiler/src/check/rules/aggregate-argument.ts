import type { TypedExpression } from "../../binder/bound-query.js";
import type { AggregateCall } from "../../query/query-ast.js";
import { isString } from "../../types/compatible.js";
import { displayType, isNumeric } from "../../types/property-type.js";
import { typeError } from "../type-error.js";

/** T8: `sum`, `avg` take numbers, `min`, `max` numbers and strings. Nodes and aliases are judged at execution (CK-32, EX-55). */
export function checkAggregateArgument(call: AggregateCall, { type }: TypedExpression): void {
  if (call.function === "count" || type.kind !== "value") return;
  const isNumber = !type.type.isList && isNumeric(type.type.base);
  const takesStrings = call.function === "min" || call.function === "max";
  if (isNumber || (takesStrings && isString(type.type))) return;
  const takes = takesStrings ? "numbers and strings" : "numbers";
  throw typeError("T8", call.span, `'${call.function}' takes ${takes}, found ${displayType(type.type)}`);
}
