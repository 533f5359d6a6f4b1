import { isNumeric, type PropertyType, type ScalarName } from "./property-type.js";

/** TY-5: the relation comparisons and assignments ask for. Nullability and enums are ignored. */
export function areCompatible(left: PropertyType, right: PropertyType): boolean {
  return left.isList === right.isList && areItemsCompatible(left, right);
}

/** TY-5 of the item types, whether or not the two are lists. */
export function areItemsCompatible(left: PropertyType, right: PropertyType): boolean {
  if (left.base.kind === "Vector" || right.base.kind === "Vector") {
    return left.base.kind === "Vector" && right.base.kind === "Vector" && left.base.dimension === right.base.dimension;
  }
  return left.base.kind === right.base.kind || (isNumeric(left.base) && isNumeric(right.base));
}

export function scalarType(kind: ScalarName, isNullable = false): PropertyType {
  return { base: { kind }, isList: false, isNullable };
}

export function vectorType(dimension: number): PropertyType {
  return { base: { kind: "Vector", dimension }, isList: false, isNullable: false };
}

export function isString(type: PropertyType): boolean {
  return !type.isList && type.base.kind === "String";
}

export function isBlob(type: PropertyType): boolean {
  return type.base.kind === "Blob";
}

export function isInteger(type: PropertyType): boolean {
  return !type.isList && isNumeric(type.base) && type.base.kind !== "F32" && type.base.kind !== "F64";
}
