import type { PropertyType } from "../types/property-type.js";
import type { EdgeDeclaration, InterfaceDeclaration, NodeDeclaration, PropertyDeclaration } from "./schema-ast.js";

/** One interface property that a node takes over or restates. */
export interface Contribution {
  readonly interfaceName: string;
  readonly property: PropertyDeclaration;
}

/** A property of a type after interface resolution (§5.1). */
export interface ResolvedProperty {
  readonly name: string;
  readonly type: PropertyType;
  /** Where it is written: in the type itself, or in the first contributing interface by name. */
  readonly declaration: PropertyDeclaration;
  readonly isDeclared: boolean;
  /** By interface name, each interface once; empty except on nodes. */
  readonly contributions: readonly Contribution[];
}

export interface ResolvedInterface {
  readonly kind: "interface";
  readonly name: string;
  readonly declaration: InterfaceDeclaration;
  readonly properties: readonly ResolvedProperty[];
}

export interface ResolvedNode {
  readonly kind: "node";
  readonly name: string;
  readonly declaration: NodeDeclaration;
  /** Sorted by name, without duplicates. */
  readonly interfaces: readonly string[];
  /** Declared ones in source order, then injected ones in the order of `implements`. */
  readonly properties: readonly ResolvedProperty[];
}

export interface ResolvedEdge {
  readonly kind: "edge";
  readonly name: string;
  readonly declaration: EdgeDeclaration;
  readonly properties: readonly ResolvedProperty[];
}

export type ResolvedType = ResolvedInterface | ResolvedNode | ResolvedEdge;

/** Every declaration in source order, its interfaces resolved. Names may still repeat. */
export interface ResolvedSchema {
  readonly types: readonly ResolvedType[];
}

export function resolvedNodes(schema: ResolvedSchema): readonly ResolvedNode[] {
  return schema.types.filter((type) => type.kind === "node");
}

export function resolvedEdges(schema: ResolvedSchema): readonly ResolvedEdge[] {
  return schema.types.filter((type) => type.kind === "edge");
}

export function resolvedInterfaces(schema: ResolvedSchema): readonly ResolvedInterface[] {
  return schema.types.filter((type) => type.kind === "interface");
}

/** By name; the first of repeated names wins (C06 refuses them later). */
export function propertiesByName(properties: readonly ResolvedProperty[]): ReadonlyMap<string, ResolvedProperty> {
  return new Map(properties.toReversed().map((property) => [property.name, property]));
}
