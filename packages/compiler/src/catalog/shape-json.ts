/** JSON form of the canonical shape (§12.1). Members stand in exactly this order: the hash depends on it. */
import { compactJson, type Json, JsonNumber, sha256Digest } from "@omnigraphdb/common";
import type { PropertyType } from "../types/property-type.js";
import type { TextAnalysis } from "../types/text-analysis.js";
import type { Annotation, Bound, Constraint } from "./catalog.js";
import { floatText, JSON_POSITIONAL_MIN } from "./float-text.js";
import type { EdgeShape, InterfaceShape, NodeShape, PropertyShape, SchemaShape } from "./shape.js";

export function shapeToJson(shape: SchemaShape): Json {
  return {
    interfaces: shape.interfaces.map(interfaceToJson),
    nodes: shape.nodes.map(nodeToJson),
    edges: shape.edges.map(edgeToJson),
  };
}

/** §12.3. */
export function shapeHash(shape: SchemaShape): string {
  return sha256Digest(compactJson(shapeToJson(shape)));
}

function interfaceToJson({ name, properties }: InterfaceShape): Json {
  return { name, properties: properties.map((property) => propertyToJson(property)) };
}

function nodeToJson(node: NodeShape): Json {
  return {
    name: node.name,
    annotations: node.annotations.map(annotationToJson),
    implements: node.implements,
    properties: node.properties.map((property) => propertyToJson(property)),
    constraints: node.constraints.map(constraintToJson),
  };
}

function edgeToJson(edge: EdgeShape): Json {
  return {
    name: edge.name,
    from_type: edge.source,
    to_type: edge.target,
    cardinality: { min: edge.cardinality.min, max: edge.cardinality.max },
    annotations: edge.annotations.map(annotationToJson),
    properties: edge.properties.map((property) => propertyToJson(property)),
    constraints: edge.constraints.map(constraintToJson),
  };
}

function propertyToJson(property: PropertyShape): Json {
  const { name, embed } = property;
  return {
    name,
    prop_type: propertyTypeToJson(property.type),
    annotations: property.annotations.map(annotationToJson),
    property_constraints: property.propertyConstraints,
    embed_source: embed === null ? null : { property_name: embed.sourceProperty, model: embed.model },
    declared_directly: property.isDeclared,
    satisfies_interface_properties: property.satisfies.map((owner) => ({ owner_name: owner, property_name: name })),
  };
}

export function propertyTypeToJson(type: PropertyType): Json {
  return {
    scalar: type.base.kind === "Vector" ? { Vector: type.base.dimension } : type.base.kind,
    nullable: type.isNullable,
    list: type.isList,
    enum_values: type.enumValues ?? null,
  };
}

export function annotationToJson({ name, value, kwargs }: Annotation): Json {
  return Object.keys(kwargs).length === 0 ? { name, value } : { name, value, kwargs };
}

export function boundToJson(bound: Bound | null): Json {
  if (bound === null) return null;
  return bound.kind === "integer" ? { Integer: bound.value } : { Float: new JsonNumber(floatText(bound.value, JSON_POSITIONAL_MIN)) };
}

/** Settings of a text index, as an object to spread. */
export function textMember({ text }: { readonly text?: TextAnalysis }): { readonly text?: Json } {
  return text === undefined ? {} : { text: { ...text } };
}

export function constraintToJson(constraint: Constraint): Json {
  switch (constraint.kind) {
    case "key":
      return { Key: constraint.fields };
    case "unique":
      return { Unique: constraint.fields };
    case "index":
      return { Index: constraint.fields, ...textMember(constraint) };
    case "range":
      return { Range: { property: constraint.field, min: boundToJson(constraint.min), max: boundToJson(constraint.max) } };
    case "check":
      return { Check: { property: constraint.field, pattern: constraint.pattern } };
  }
}
