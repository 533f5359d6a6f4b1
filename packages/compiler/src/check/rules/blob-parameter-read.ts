import type { TypedExpression } from "../../binder/bound-query.js";
import { isBlob } from "../../types/compatible.js";
import { typeError } from "../type-error.js";

/** T24: a Blob parameter is not projected, ordered by or aggregated. */
export function checkBlobParameterRead({ expression, span }: TypedExpression): void {
  if (expression.kind === "Parameter" && isBlob(expression.type)) {
    throw typeError("T24", span, `parameter '$${expression.name}' is a Blob; Blob values cannot be read in a query`);
  }
}
