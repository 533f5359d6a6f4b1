import type { DeclaredParameter } from "../../binder/scope.js";
import type { ParameterNode } from "../../query/query-ast.js";
import { scalarType, vectorType } from "../../types/compatible.js";
import type { PropertyType, ScalarName } from "../../types/property-type.js";
import { typeError } from "../type-error.js";

const RESERVED_PARAMETER = "__nanograph_now";

/** TY-1. */
const VECTOR_DIMENSION_MAX = 2_147_483_647n;

/** Resolves the declarations of a query. TY-2 dimensions, TY-10 reserved name, PB-11 names are unique. */
export function checkParameterDeclarations(nodes: readonly ParameterNode[]): ReadonlyMap<string, DeclaredParameter> {
  const parameters = new Map<string, DeclaredParameter>();
  for (const node of nodes) {
    const name = node.name.text;
    if (name === RESERVED_PARAMETER) {
      throw typeError("TY-10", node.name.span, `parameter name '$${name}' is reserved`, { hint: "write now() where the instant of the request is needed" });
    }
    const earlier = parameters.get(name);
    if (earlier !== undefined) {
      throw typeError("PB-11", node.name.span, `parameter '$${name}' is declared twice`, {
        related: [{ span: earlier.span, message: "first declared here" }],
      });
    }
    parameters.set(name, { name, type: resolveType(node), span: node.name.span });
  }
  return parameters;
}

function resolveType({ name, type }: ParameterNode): PropertyType {
  const flags = { isList: type.isList, isNullable: type.isNullable };
  // The parser lets no other type name through (GR-14).
  if (type.dimension === undefined) return { ...scalarType(type.base as ScalarName), ...flags };
  if (type.dimension < 1n || type.dimension > VECTOR_DIMENSION_MAX) {
    const written = `Vector(${type.dimension > VECTOR_DIMENSION_MAX ? "…" : type.dimension})`;
    throw typeError("TY-2", type.span, `parameter '$${name.text}' has type ${written}; a dimension is 1 to ${VECTOR_DIMENSION_MAX}`);
  }
  return { ...vectorType(Number(type.dimension)), ...flags };
}
