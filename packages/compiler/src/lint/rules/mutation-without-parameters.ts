import type { QueryDeclaration } from "../../query/query-ast.js";

/** §15.2: a mutation that takes no parameter does the same thing every time it is called. */
export function missingParameterWarnings({ body, parameters }: QueryDeclaration): readonly string[] {
  if (body.kind !== "Mutation" || parameters.length > 0) return [];
  return ["mutation takes no parameters: every call writes the same values"];
}
