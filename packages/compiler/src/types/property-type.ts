/** Scalar type names of both languages, in the order messages list them (schema specification §4, query specification TY-1). */
export const SCALAR_NAMES = ["String", "Bool", "I32", "I64", "U32", "U64", "F32", "F64", "Date", "DateTime", "Blob"] as const;

export type ScalarName = (typeof SCALAR_NAMES)[number];

export type BaseType = { readonly kind: ScalarName } | { readonly kind: "Vector"; readonly dimension: number };

/** Type of a property, parameter or expression. Lists are lists of `base`; `?` on a list applies to the list. */
export interface PropertyType {
  readonly base: BaseType;
  readonly isList: boolean;
  readonly isNullable: boolean;
  /** Allowed values of an enum in ascending code-unit order, without duplicates; only with base `String`. */
  readonly enumValues?: readonly string[];
}

const NUMERIC_SCALARS: ReadonlySet<string> = new Set<ScalarName>(["I32", "I64", "U32", "U64", "F32", "F64"]);

export function isScalarName(name: string): name is ScalarName {
  return (SCALAR_NAMES as readonly string[]).includes(name);
}

export function isNumeric(base: BaseType): boolean {
  return NUMERIC_SCALARS.has(base.kind);
}

/** Display name of schema specification §4: `Vector(3)`, `enum(a, b)`, `[I32]?`. */
export function displayType(type: PropertyType): string {
  const base =
    type.enumValues !== undefined
      ? `enum(${type.enumValues.join(", ")})`
      : type.base.kind === "Vector"
        ? `Vector(${type.base.dimension})`
        : type.base.kind;
  return `${type.isList ? `[${base}]` : base}${type.isNullable ? "?" : ""}`;
}
