import type { Catalog, EdgeType, EntityType, NodeType, Property } from "../../catalog/catalog.js";
import { didYouMean } from "../../diagnostics/did-you-mean.js";
import type { AssignmentNode, Name } from "../../query/query-ast.js";
import { isBlob, scalarType } from "../../types/compatible.js";
import type { PropertyType } from "../../types/property-type.js";
import { typeError } from "../type-error.js";
import { describeType } from "./property-reference.js";

/** T10: the type exists; node types win over edge types of the same name (TY-11). */
export function checkMutatedType(name: Name, catalog: Catalog): EntityType {
  const type = catalog.nodeTypeByName.get(name.text) ?? catalog.edgeTypeByName.get(name.text);
  if (type !== undefined) return type;
  const isInterface = catalog.interfaceNames.includes(name.text);
  throw typeError("T10", name.span, isInterface ? `'${name.text}' is an interface and has no rows of its own` : `unknown type '${name.text}'`, {
    hint: didYouMean(name.text, [...catalog.nodeTypeByName.keys(), ...catalog.edgeTypeByName.keys()]),
  });
}

/** T16. */
export function checkUpdatable(type: EntityType, name: Name): asserts type is NodeType {
  if (type.kind === "edge") {
    throw typeError("T16", name.span, `edge type '${type.name}' cannot be updated`, { hint: "delete the edge and insert it again" });
  }
}

export type Endpoint = "from" | "to";

/** Type of an assigned property; T11 if it is not declared. Of an edge, `from` and `to` are strings (CK-41). */
export function checkAssignedProperty(name: Name, type: EntityType): PropertyType {
  if (type.kind === "edge" && isEndpoint(name.text)) return scalarType("String");
  const property = type.propertyByName.get(name.text);
  if (property !== undefined) return property.type;
  throw undeclared(name, type);
}

/** Type of a compared property; T11 if it is not declared or a Blob (CK-44). */
export function checkPredicateProperty(name: Name, type: EntityType): PropertyType {
  const property = checkAssignedProperty(name, type);
  if (isBlob(property)) throw typeError("T11", name.span, `property '${name.text}' of ${describeType(type)} is a Blob and cannot be compared`);
  return property;
}

function undeclared(name: Name, type: EntityType): Error {
  const endpoint = type.kind === "edge" ? { src: "from", dst: "to", source: "from", target: "to" }[name.text] : undefined;
  const names = [...type.propertyByName.keys(), ...(type.kind === "edge" ? ["from", "to"] : [])];
  const hint = endpoint === undefined ? didYouMean(name.text, names) : `the ends of an edge are 'from' and 'to'; write '${endpoint}'`;
  return typeError("T11", name.span, `${describeType(type)} has no property '${name.text}'`, { hint });
}

export function isEndpoint(name: string): name is Endpoint {
  return name === "from" || name === "to";
}

/** T13: one assignment per property. */
export function checkAssignedOnce(assignment: AssignmentNode, earlier: ReadonlyMap<string, AssignmentNode>): void {
  const first = earlier.get(assignment.property.text);
  if (first === undefined) return;
  throw typeError("T13", assignment.property.span, `property '${assignment.property.text}' is assigned twice`, {
    related: [{ span: first.property.span, message: "first assigned here" }],
  });
}

/** T12: every required property, and both ends of an edge; an `@embed` target may wait for its source (CK-40). */
export function checkInsertIsComplete(name: Name, type: NodeType | EdgeType, assigned: ReadonlyMap<string, AssignmentNode>): void {
  const missingEnds = type.kind === "edge" ? (["from", "to"] as const).filter((end) => !assigned.has(end)) : [];
  if (missingEnds.length > 0) throw typeError("T12", name.span, `insert of ${describeType(type)} needs '${missingEnds.join("' and '")}'`);
  const missing = type.properties.filter((property) => isRequired(property) && !assigned.has(property.name) && !isEmbeddable(property, assigned));
  if (missing.length > 0) {
    const names = missing.map((property) => `'${property.name}'`).join(", ");
    throw typeError("T12", name.span, `insert of ${describeType(type)} needs ${names}`, { hint: "properties without '?' in the schema are required" });
  }
}

function isRequired({ type }: Property): boolean {
  return !type.isNullable;
}

function isEmbeddable({ embed, type }: Property, assigned: ReadonlyMap<string, AssignmentNode>): boolean {
  return embed !== null && type.base.kind === "Vector" && assigned.has(embed.sourceProperty);
}
