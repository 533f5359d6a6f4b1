/** Resolved source → canonical shape, normalised as in §12.2. */
import { compactJson } from "@omnigraphdb/common";
import { readU32 } from "../schema/check/declarations.js";
import {
  type ResolvedEdge,
  resolvedEdges,
  resolvedInterfaces,
  type ResolvedNode,
  resolvedNodes,
  type ResolvedProperty,
  type ResolvedSchema,
} from "../schema/resolved-schema.js";
import { type AnnotationNode, type ConstraintNode, constraintsOf } from "../schema/schema-ast.js";
import { readTextSettings } from "../schema/text-settings.js";
import { byName, compareText } from "../types/compare-text.js";
import { DEFAULT_TEXT_ANALYSIS, textAnalysisName } from "../types/text-analysis.js";
import type { Annotation, Bound, Constraint, EmbedBinding } from "./catalog.js";
import { floatText, SORT_TEXT_POSITIONAL_MIN } from "./float-text.js";
import type { EdgeShape, NodeShape, PropertyConstraint, PropertyShape, SchemaShape } from "./shape.js";
import { annotationToJson } from "./shape-json.js";

/** Expects a schema that passed admission: names are distinct and references resolve. */
export function buildShape(schema: ResolvedSchema): SchemaShape {
  return {
    interfaces: resolvedInterfaces(schema)
      .map(({ name, properties }) => ({ name, properties: properties.map(buildProperty).sort(byName) }))
      .sort(byName),
    nodes: resolvedNodes(schema).map(buildNode).sort(byName),
    edges: resolvedEdges(schema).map(buildEdge).sort(byName),
  };
}

function buildNode(node: ResolvedNode): NodeShape {
  return {
    name: node.name,
    annotations: buildAnnotations(node.declaration.annotations),
    implements: node.interfaces,
    properties: node.properties.map(buildProperty).sort(byName),
    constraints: buildConstraints(node),
  };
}

function buildEdge(edge: ResolvedEdge): EdgeShape {
  const { cardinality, source, target, annotations } = edge.declaration;
  return {
    name: edge.name,
    source: source.text,
    target: target.text,
    cardinality: {
      min: readU32(cardinality?.min ?? "0") ?? 0,
      max: cardinality?.max === undefined ? null : (readU32(cardinality.max) ?? null),
    },
    annotations: buildAnnotations(annotations),
    properties: edge.properties.map(buildProperty).sort(byName),
    constraints: buildConstraints(edge),
  };
}

const PROPERTY_CONSTRAINTS: readonly PropertyConstraint[] = ["key", "unique", "index"];

function propertyConstraintsOf(property: ResolvedProperty): PropertyConstraint[] {
  const written = new Set(property.declaration.annotations.map((annotation) => annotation.name.text));
  return PROPERTY_CONSTRAINTS.filter((kind) => written.has(kind));
}

function buildProperty(property: ResolvedProperty): PropertyShape {
  return {
    name: property.name,
    type: property.type,
    annotations: buildAnnotations(property.declaration.annotations),
    propertyConstraints: propertyConstraintsOf(property),
    embed: buildEmbed(property.declaration.annotations),
    isDeclared: property.isDeclared,
    satisfies: property.contributions.map((item) => item.interfaceName),
  };
}

function buildEmbed(annotations: readonly AnnotationNode[]): EmbedBinding | null {
  const embed = annotations.find((annotation) => annotation.name.text === "embed");
  if (embed?.argument === undefined) return null;
  const model = embed.keywords.findLast((keyword) => keyword.name.text === "model");
  return { sourceProperty: embed.argument.value, model: model?.value.value ?? null };
}

/** Recorded elsewhere in the shape, or not part of it at all. */
const UNRECORDED: ReadonlySet<string> = new Set(["key", "unique", "index", "embed", "rename_from"]);

function buildAnnotations(annotations: readonly AnnotationNode[]): Annotation[] {
  const byText = new Map<string, Annotation>();
  for (const node of annotations) {
    if (UNRECORDED.has(node.name.text)) continue;
    const keywords = new Map(node.keywords.map((keyword) => [keyword.name.text, keyword.value.value]));
    const sorted = [...keywords].sort(([a], [b]) => compareText(a, b));
    const annotation: Annotation = { name: node.name.text, value: node.argument?.value ?? null, kwargs: Object.fromEntries(sorted) };
    byText.set(compactJson(annotationToJson(annotation)), annotation);
  }
  return sortedValues(byText);
}

function sortedValues<T>(byText: ReadonlyMap<string, T>): T[] {
  return [...byText].sort(([a], [b]) => compareText(a, b)).map(([, value]) => value);
}

function buildConstraints(type: ResolvedNode | ResolvedEdge): Constraint[] {
  const written = constraintsOf(type.declaration).map(buildConstraint);
  const fromProperties = type.properties.flatMap((property) =>
    propertyConstraintsOf(property).map((kind): Constraint => ({ kind, fields: [property.name] })),
  );
  const byText = new Map<string, Constraint>();
  // Of equal indexes the one that says how text is searched stays.
  for (const constraint of [...fromProperties, ...written]) {
    const text = sortText(constraint);
    if (!("text" in (byText.get(text) ?? {}))) byText.set(text, constraint);
  }
  return sortedValues(byText);
}

function buildConstraint(node: ConstraintNode): Constraint {
  const names = node.arguments.flatMap((argument) => (argument.kind === "NameArgument" ? [argument.value] : []));
  const [, second] = node.arguments;
  switch (node.name) {
    case "range": {
      const bounds = second?.kind === "Bounds" ? second : undefined;
      return { kind: "range", field: names[0] ?? "", min: readBound(bounds?.min), max: readBound(bounds?.max) };
    }
    case "check":
      return { kind: "check", field: names[0] ?? "", pattern: second?.kind === "Literal" ? second.value : "" };
    case "index": {
      const fields = [...new Set(names)].sort(compareText);
      const text = readTextSettings(node.keywords);
      return textAnalysisName(text) === textAnalysisName(DEFAULT_TEXT_ANALYSIS) ? { kind: "index", fields } : { kind: "index", fields, text };
    }
    default:
      return { kind: node.name, fields: [...new Set(names)].sort(compareText) };
  }
}

const I64_MIN = -(2n ** 63n);
const I64_MAX = 2n ** 63n - 1n;

/** An integer that does not fit a signed 64-bit number is kept as a float (§9). */
function readBound(text: string | undefined): Bound | null {
  if (text === undefined) return null;
  // Twenty digits cannot fit; converting thousands of them exactly would only cost time.
  const significant = text.replace(/^(-?)0+(?=[0-9])/, "$1");
  if (!text.includes(".") && significant.length <= 20) {
    const value = BigInt(significant);
    if (value >= I64_MIN && value <= I64_MAX) return { kind: "integer", value };
  }
  return { kind: "float", value: Number(text) };
}

export function boundText(bound: Bound | null): string {
  if (bound === null) return "None";
  return bound.kind === "integer" ? `Some(Integer(${bound.value}))` : `Some(Float(${floatText(bound.value, SORT_TEXT_POSITIONAL_MIN)}))`;
}

function sortText(constraint: Constraint): string {
  switch (constraint.kind) {
    case "range":
      return `range:${constraint.field}:${boundText(constraint.min)}:${boundText(constraint.max)}`;
    case "check":
      return `check:${constraint.field}:${constraint.pattern}`;
    default:
      return `${constraint.kind}:${constraint.fields.join(",")}`;
  }
}
