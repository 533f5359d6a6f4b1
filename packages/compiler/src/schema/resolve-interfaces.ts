/** Phase 3 (§11.1): interface resolution of §5.1. Rules P16, P17. */
import type { Diagnostic } from "../diagnostics/diagnostic.js";
import { SCHEMA_PROPERTIES_MAX } from "../limits.js";
import { compareText } from "../types/compare-text.js";
import { displayType, type PropertyType } from "../types/property-type.js";
import { readU32 } from "./check/declarations.js";
import { problem, suggest } from "./check/problem.js";
import type { Contribution, ResolvedNode, ResolvedProperty, ResolvedSchema, ResolvedType } from "./resolved-schema.js";
import {
  type Declaration,
  type InterfaceDeclaration,
  type NodeDeclaration,
  propertiesOf,
  type SchemaDocument,
  type TypeNode,
} from "./schema-ast.js";

/** Type of a property whose declaration passed phase 2. */
function typeOfNode(node: TypeNode): PropertyType {
  const { core, isNullable } = node;
  switch (core.kind) {
    case "Base":
      return { base: { kind: core.name }, isList: false, isNullable };
    case "List":
      return { base: { kind: core.element }, isList: true, isNullable };
    case "Vector":
      return { base: { kind: "Vector", dimension: readU32(core.digits) ?? 0 }, isList: false, isNullable };
    case "Enum": {
      const enumValues = [...new Set(core.values.map((value) => value.text))].sort();
      return { base: { kind: "String" }, isList: false, isNullable, enumValues };
    }
  }
}

function declaredProperties(declaration: Declaration): ResolvedProperty[] {
  return propertiesOf(declaration).map((item) => ({
    name: item.name.text,
    type: typeOfNode(item.type),
    declaration: item,
    isDeclared: true,
    contributions: [],
  }));
}

export function resolveInterfaces(document: SchemaDocument): {
  readonly schema: ResolvedSchema;
  readonly diagnostics: readonly Diagnostic[];
} {
  const diagnostics: Diagnostic[] = [];
  const interfaces = new Map<string, InterfaceDeclaration>();
  for (const item of document.declarations) {
    if (item.kind === "InterfaceDeclaration" && !interfaces.has(item.name.text)) interfaces.set(item.name.text, item);
  }
  const types: ResolvedType[] = [];
  let propertyCount = 0;
  for (const declaration of document.declarations) {
    const type = resolveDeclaration(declaration, interfaces, diagnostics);
    types.push(type);
    propertyCount += type.properties.length;
    if (propertyCount > SCHEMA_PROPERTIES_MAX) {
      diagnostics.push(
        problem("LIMIT", `the schema has more than ${SCHEMA_PROPERTIES_MAX} properties, injected ones included`, declaration.name.span),
      );
      break;
    }
  }
  return { schema: { types }, diagnostics };
}

function resolveDeclaration(
  declaration: Declaration,
  interfaces: ReadonlyMap<string, InterfaceDeclaration>,
  diagnostics: Diagnostic[],
): ResolvedType {
  const name = declaration.name.text;
  switch (declaration.kind) {
    case "InterfaceDeclaration":
      return { kind: "interface", name, declaration, properties: declaredProperties(declaration) };
    case "EdgeDeclaration":
      return { kind: "edge", name, declaration, properties: declaredProperties(declaration) };
    case "NodeDeclaration":
      return resolveNode(declaration, interfaces, diagnostics);
  }
}

function resolveNode(
  declaration: NodeDeclaration,
  interfaces: ReadonlyMap<string, InterfaceDeclaration>,
  diagnostics: Diagnostic[],
): ResolvedNode {
  const name = declaration.name.text;
  const declared = declaredProperties(declaration);
  const ownTypes = new Map(declared.map((property) => [property.name, property]));
  const contributions = new Map<string, Contribution[]>();
  const visited = new Set<string>();
  for (const reference of declaration.implements) {
    const contributor = interfaces.get(reference.text);
    if (contributor === undefined) {
      const hint = suggest(reference.text, interfaces.keys(), diagnostics);
      diagnostics.push(problem("P16", `node ${name} implements unknown interface '${reference.text}'`, reference.span, { hint }));
      continue;
    }
    if (visited.has(reference.text)) continue;
    visited.add(reference.text);
    for (const property of contributor.body) {
      const own = ownTypes.get(property.name.text);
      const earlier = contributions.get(property.name.text);
      // A name repeated within one interface is C06, found later.
      if (earlier?.at(-1)?.interfaceName === reference.text) continue;
      const expected = own?.type ?? (earlier?.[0] && typeOfNode(earlier[0].property.type));
      const actual = displayType(typeOfNode(property.type));
      if (expected !== undefined && displayType(expected) !== actual) {
        const span = own?.declaration.type.span ?? reference.span;
        const related = [{ span: property.span, message: `interface ${reference.text} declares it here` }];
        const origin = own === undefined ? `another interface says ${displayType(expected)}` : `it is declared as ${displayType(expected)}`;
        diagnostics.push(
          problem(
            "P17",
            `node ${name}: property '${property.name.text}' of interface ${reference.text} has type ${actual}, but ${origin}`,
            span,
            { related },
          ),
        );
        continue;
      }
      const entry = { interfaceName: reference.text, property };
      if (earlier === undefined) contributions.set(property.name.text, [entry]);
      else earlier.push(entry);
    }
  }
  return {
    kind: "node",
    name,
    declaration,
    interfaces: [...visited].sort(compareText),
    properties: mergeProperties(declared, contributions),
  };
}

function mergeProperties(
  declared: readonly ResolvedProperty[],
  contributions: ReadonlyMap<string, readonly Contribution[]>,
): ResolvedProperty[] {
  const sorted = new Map(
    [...contributions].map(([name, list]) => [name, list.toSorted((a, b) => compareText(a.interfaceName, b.interfaceName))]),
  );
  const own = declared.map((property) => ({ ...property, contributions: sorted.get(property.name) ?? [] }));
  const ownNames = new Set(own.map((property) => property.name));
  const injected: ResolvedProperty[] = [];
  for (const [name, list] of sorted) {
    const first = list[0];
    if (first === undefined || ownNames.has(name)) continue;
    injected.push({ name, type: typeOfNode(first.property.type), declaration: first.property, isDeclared: false, contributions: list });
  }
  return [...own, ...injected];
}
