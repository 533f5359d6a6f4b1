import type { ParameterDeclaration } from "../plan/query-plan.js";
import type { BaseType, PropertyType } from "../types/property-type.js";

export type ScalarValueKind = "string" | "bool" | "int" | "bigint" | "float" | "date" | "datetime" | "blob";
export type ValueKind = ScalarValueKind | "vector" | "list" | "object";

/** Kind of one value, in the spelling of the wire (query specification §15.1). */
export interface ValueDescriptor {
  readonly kind: ValueKind;
  /** Lists only. */
  readonly item_kind?: ValueKind;
  /** Vectors only. */
  readonly vector_dim?: number;
  readonly nullable: boolean;
}

/** Descriptor of a parameter of a query (§15.3); `nullable` means optional. */
export interface ParameterDescriptor extends ValueDescriptor {
  readonly name: string;
}

const KINDS: Readonly<Record<BaseType["kind"], ValueKind>> = {
  String: "string",
  Bool: "bool",
  I32: "int",
  U32: "int",
  I64: "bigint",
  U64: "bigint",
  F32: "float",
  F64: "float",
  Date: "date",
  DateTime: "datetime",
  Blob: "blob",
  Vector: "vector",
};

export function describeValue({ base, isList, isNullable }: PropertyType): ValueDescriptor {
  if (isList) return { kind: "list", item_kind: KINDS[base.kind], nullable: isNullable };
  if (base.kind === "Vector") return { kind: "vector", vector_dim: base.dimension, nullable: isNullable };
  return { kind: KINDS[base.kind], nullable: isNullable };
}

/** In order of declaration. */
export function describeParameters(declarations: readonly ParameterDeclaration[]): readonly ParameterDescriptor[] {
  return declarations.map(({ name, type }) => ({ name, ...describeValue(type) }));
}
