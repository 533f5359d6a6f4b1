/**
 * The accepted document of §13.2: encoding, and decoding with verification.
 *
 * References carry both id and name in the document and names only in memory. Decoding reads the names; ids and names
 * agree when the hash of the document as read equals the hash of the result encoded again.
 */
import { compactJson, type Json, JsonNumber, prettyJson, sha256Digest } from "@omnigraphdb/common";
import { parse } from "lossless-json";
import { byName, compareText } from "../types/compare-text.js";
import { type BaseType, isScalarName, type PropertyType } from "../types/property-type.js";
import { TEXT_LANGUAGES, type TextAnalysis } from "../types/text-analysis.js";
import type { Annotation, Bound, Constraint, EmbedBinding } from "./catalog.js";
import type {
  IdentifiedEdge,
  IdentifiedInterface,
  IdentifiedNode,
  IdentifiedProperty,
  IdentifiedSchema,
  IdentifiedTable,
  IdentifiedType,
} from "./identified-schema.js";
import type { PropertyConstraint } from "./shape.js";
import { annotationToJson, boundToJson, propertyTypeToJson, textMember } from "./shape-json.js";

const IR_VERSION = 2;

interface References {
  readonly interfaces: ReadonlyMap<string, IdentifiedInterface>;
  /** By interface name, then by property name. */
  readonly interfaceProperties: ReadonlyMap<string, ReadonlyMap<string, IdentifiedProperty>>;
  readonly nodes: ReadonlyMap<string, IdentifiedNode>;
}

function mapByName<T extends { readonly name: string }>(items: readonly T[]): Map<string, T> {
  return new Map(items.map((item) => [item.name, item]));
}

/** Members in the order of §13.2. */
export function schemaToJson(schema: IdentifiedSchema): Json {
  const references = {
    interfaces: mapByName(schema.interfaces),
    interfaceProperties: new Map(schema.interfaces.map((type) => [type.name, mapByName(type.properties)])),
    nodes: mapByName(schema.nodes),
  };
  return {
    ir_version: IR_VERSION,
    schema_identity_domain: schema.domain,
    next_identity_id: schema.nextId,
    interfaces: schema.interfaces.map((type) => ({
      name: type.name,
      type_id: type.typeId,
      properties: propertiesToJson(type, references),
    })),
    nodes: schema.nodes.map((node) => nodeToJson(node, references)),
    edges: schema.edges.map((edge) => edgeToJson(edge, references)),
  };
}

export function schemaIrHash(schema: IdentifiedSchema): string {
  return sha256Digest(compactJson(schemaToJson(schema)));
}

/** Content of `_schema.ir.json`. */
export function encodeSchemaIr(schema: IdentifiedSchema): string {
  return `${prettyJson(schemaToJson(schema))}\n`;
}

function nodeToJson(node: IdentifiedNode, references: References): Json {
  return {
    name: node.name,
    type_id: node.typeId,
    table_incarnation_id: node.incarnationId,
    annotations: node.annotations.map(annotationToJson),
    implements: byId(
      node.implements.map((name) => typeReference(name, references.interfaces)),
      (item) => item.type_id,
    ),
    properties: propertiesToJson(node, references),
    constraints: constraintsToJson(node),
  };
}

function edgeToJson(edge: IdentifiedEdge, references: References): Json {
  return {
    name: edge.name,
    type_id: edge.typeId,
    table_incarnation_id: edge.incarnationId,
    from_type: typeReference(edge.source, references.nodes),
    to_type: typeReference(edge.target, references.nodes),
    cardinality: { min: edge.cardinality.min, max: edge.cardinality.max },
    annotations: edge.annotations.map(annotationToJson),
    properties: propertiesToJson(edge, references),
    constraints: constraintsToJson(edge),
  };
}

function byId<T>(items: readonly T[], idOf: (item: T) => bigint): T[] {
  return items.toSorted((a, b) => (idOf(a) < idOf(b) ? -1 : 1));
}

function typeReference(name: string, types: ReadonlyMap<string, IdentifiedType>): { type_id: bigint; type_name: string } {
  return { type_id: types.get(name)?.typeId ?? 0n, type_name: name };
}

interface PropertyReference extends Record<string, Json> {
  readonly owner_type_id: bigint;
  readonly owner_type_name: string;
  readonly property_id: bigint;
  readonly property_name: string;
}

function propertyReference(owner: IdentifiedType | undefined, property: IdentifiedProperty | undefined): PropertyReference {
  return {
    owner_type_id: owner?.typeId ?? 0n,
    owner_type_name: owner?.name ?? "",
    property_id: property?.propertyId ?? 0n,
    property_name: property?.name ?? "",
  };
}

function propertiesToJson(owner: IdentifiedType, references: References): Json {
  const own = mapByName(owner.properties);
  return owner.properties.map((property) => {
    const satisfied = property.satisfies.map((name) =>
      propertyReference(references.interfaces.get(name), references.interfaceProperties.get(name)?.get(property.name)),
    );
    const { embed } = property;
    return {
      name: property.name,
      property_id: property.propertyId,
      prop_type: propertyTypeToJson(property.type),
      annotations: property.annotations.map(annotationToJson),
      property_constraints: property.propertyConstraints,
      embed_source: embed === null ? null : { source: propertyReference(owner, own.get(embed.sourceProperty)), model: embed.model },
      declared_directly: property.isDeclared,
      satisfies_interface_properties: byId(satisfied, (item) => item.property_id),
    };
  });
}

function constraintsToJson(table: IdentifiedTable): Json {
  const own = mapByName(table.properties);
  const field = (name: string): Json => {
    const property = own.get(name);
    if (property !== undefined) return { kind: "property", ...propertyReference(table, property) };
    return {
      kind: "system",
      stable_table_id: table.typeId,
      table_type_name: table.name,
      table_incarnation_id: table.incarnationId,
      role: name,
    };
  };
  return table.constraints.map((constraint) => {
    switch (constraint.kind) {
      case "range":
        return { kind: "range", field: field(constraint.field), min: boundToJson(constraint.min), max: boundToJson(constraint.max) };
      case "check":
        return { kind: "check", field: field(constraint.field), pattern: constraint.pattern };
      case "index":
        return { kind: constraint.kind, fields: constraint.fields.map(field), ...textMember(constraint) };
      default:
        return { kind: constraint.kind, fields: constraint.fields.map(field) };
    }
  });
}

/** The document as lossless JSON: integers are `bigint`, other numbers keep their text. */
function parseDocument(text: string): unknown {
  return parse(text, null, (digits) => (/^-?[0-9]+$/.test(digits) ? BigInt(digits) : new JsonNumber(digits)));
}

/** A document that is not of the form of §13.2. `schema-contract.ts` reports the contract as broken. */
class MalformedDocumentError extends Error {
  override readonly name = "MalformedDocumentError";
}

function fail(what: string): never {
  throw new MalformedDocumentError(`expected ${what}`);
}

type JsonObject = Readonly<Record<string, unknown>>;

function object(value: unknown): JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value) ? (value as JsonObject) : fail("an object");
}

function array<T>(value: unknown, read: (item: unknown) => T): T[] {
  return Array.isArray(value) ? value.map(read) : fail("an array");
}

function string(value: unknown): string {
  return typeof value === "string" ? value : fail("a string");
}

function id(value: unknown): bigint {
  return typeof value === "bigint" && value > 0n ? value : fail("an id");
}

function count(value: unknown): number {
  return typeof value === "bigint" && value >= 0n && value <= 0xffff_ffffn ? Number(value) : fail("a count");
}

function bool(value: unknown): boolean {
  return typeof value === "boolean" ? value : fail("a boolean");
}

function nullable<T>(value: unknown, read: (value: unknown) => T): T | null {
  return value === null ? null : read(value);
}

/**
 * Content of `_schema.ir.json` → schema, and the hash of the document as it was read. Throws an error of
 * whatever kind when the text is no such document.
 */
export function decodeSchemaIr(text: string): { readonly schema: IdentifiedSchema; readonly documentHash: string } {
  const document = parseDocument(text);
  const root = object(document);
  if (root["ir_version"] !== BigInt(IR_VERSION)) fail(`ir_version ${IR_VERSION}`);
  const schema: IdentifiedSchema = {
    domain: string(root["schema_identity_domain"]),
    nextId: id(root["next_identity_id"]),
    interfaces: array(root["interfaces"], readInterface).sort(byName),
    nodes: array(root["nodes"], readNode).sort(byName),
    edges: array(root["edges"], readEdge).sort(byName),
  };
  return { schema, documentHash: sha256Digest(compactJson(document as Json)) };
}

function readInterface(value: unknown): IdentifiedInterface {
  const source = object(value);
  return { name: string(source["name"]), typeId: id(source["type_id"]), properties: array(source["properties"], readProperty) };
}

function readTable(source: JsonObject): Omit<IdentifiedNode, "implements"> {
  return {
    name: string(source["name"]),
    typeId: id(source["type_id"]),
    incarnationId: id(source["table_incarnation_id"]),
    annotations: array(source["annotations"], readAnnotation),
    properties: array(source["properties"], readProperty),
    constraints: array(source["constraints"], readConstraint),
  };
}

function readNode(value: unknown): IdentifiedNode {
  const source = object(value);
  const interfaces = array(source["implements"], (item) => string(object(item)["type_name"]));
  return { ...readTable(source), implements: interfaces.sort(compareText) };
}

function readEdge(value: unknown): IdentifiedEdge {
  const source = object(value);
  const cardinality = object(source["cardinality"]);
  return {
    ...readTable(source),
    source: string(object(source["from_type"])["type_name"]),
    target: string(object(source["to_type"])["type_name"]),
    cardinality: { min: count(cardinality["min"]), max: nullable(cardinality["max"], count) },
  };
}

function readAnnotation(value: unknown): Annotation {
  const source = object(value);
  const kwargs = Object.entries(object(source["kwargs"] ?? {})).map(([key, item]) => [key, string(item)] as const);
  return { name: string(source["name"]), value: nullable(source["value"], string), kwargs: Object.fromEntries(kwargs) };
}

function readProperty(value: unknown): IdentifiedProperty {
  const source = object(value);
  return {
    name: string(source["name"]),
    propertyId: id(source["property_id"]),
    type: readType(source["prop_type"]),
    annotations: array(source["annotations"], readAnnotation),
    propertyConstraints: array(source["property_constraints"], string) as PropertyConstraint[],
    embed: nullable(source["embed_source"], readEmbed),
    isDeclared: bool(source["declared_directly"]),
    satisfies: array(source["satisfies_interface_properties"], (item) => string(object(item)["owner_type_name"])).sort(compareText),
  };
}

function readEmbed(value: unknown): EmbedBinding {
  const source = object(value);
  return { sourceProperty: string(object(source["source"])["property_name"]), model: nullable(source["model"], string) };
}

function readBase(value: unknown): BaseType {
  if (typeof value !== "string") return { kind: "Vector", dimension: count(object(value)["Vector"]) };
  return isScalarName(value) ? { kind: value } : fail("a scalar type");
}

function readType(value: unknown): PropertyType {
  const source = object(value);
  const enumValues = nullable(source["enum_values"], (item) => array(item, string));
  return {
    base: readBase(source["scalar"]),
    isNullable: bool(source["nullable"]),
    isList: bool(source["list"]),
    ...(enumValues === null ? {} : { enumValues }),
  };
}

function readField(value: unknown): string {
  const source = object(value);
  return string(source["kind"] === "system" ? source["role"] : source["property_name"]);
}

function readBound(value: unknown): Bound {
  const { Integer: integer, Float: float } = object(value);
  if (typeof integer === "bigint") return { kind: "integer", value: integer };
  return float instanceof JsonNumber ? { kind: "float", value: Number(float.text) } : fail("a bound");
}

function readTextAnalysis(value: unknown): TextAnalysis {
  const source = object(value);
  const { tokenizer } = source;
  switch (tokenizer) {
    case "words":
      return { tokenizer, language: TEXT_LANGUAGES.find((language) => language === source["language"]) ?? fail("a language") };
    case "exact":
    case "icu":
      return { tokenizer };
    case "ngram":
      return { tokenizer, min: count(source["min"]), max: count(source["max"]) };
    default:
      return fail("a tokenizer");
  }
}

function readConstraint(value: unknown): Constraint {
  const source = object(value);
  const { kind } = source;
  switch (kind) {
    case "key":
    case "unique":
      return { kind, fields: array(source["fields"], readField) };
    case "index": {
      const fields = array(source["fields"], readField);
      return source["text"] === undefined ? { kind, fields } : { kind, fields, text: readTextAnalysis(source["text"]) };
    }
    case "range":
      return { kind, field: readField(source["field"]), min: nullable(source["min"], readBound), max: nullable(source["max"], readBound) };
    case "check":
      return { kind, field: readField(source["field"]), pattern: string(source["pattern"]) };
    default:
      return fail("a constraint");
  }
}
