/**
 * Phases 6 to 9 (§11.1): names that must be distinct, resolve, or stay free for system columns. Rules C01–C11.
 *
 * The source check and the admission of a schema refuse the same things in another order and wording.
 */
import type { Diagnostic } from "../../diagnostics/diagnostic.js";
import type { Span } from "../../source/span.js";
import {
  type ResolvedNode,
  type ResolvedSchema,
  type ResolvedType,
  resolvedEdges,
  resolvedInterfaces,
  resolvedNodes,
} from "../resolved-schema.js";
import { type AnnotationNode, constraintsOf } from "../schema-ast.js";
import { problem, suggest } from "./problem.js";

type CheckMode = "source" | "admission";

/** C01–C04, C09–C11 in the order of the source check. */
export function checkSourceCatalog(schema: ResolvedSchema): Diagnostic[] {
  return [
    ...checkDuplicateNodes(schema, "source"),
    ...checkDuplicateEdges(schema, "source"),
    ...checkEndpoints(schema, "source"),
    ...checkFoldedEdges(schema),
    ...checkBoundCatalog(schema).filter((item) => item.rule !== "C04"),
  ];
}

/** C06 (interfaces and edges), C07, C05, C01, C02, C03. */
export function checkCanonicalShape(schema: ResolvedSchema): Diagnostic[] {
  return [
    ...checkDuplicateProperties(schema.types.filter((type) => type.kind !== "node")),
    ...resolvedNodes(schema).flatMap(checkContributions),
    ...checkDuplicateInterfaces(schema),
    ...checkDuplicateNodes(schema, "admission"),
    ...checkDuplicateEdges(schema, "admission"),
    ...checkEndpoints(schema, "admission"),
  ];
}

/** C08, then C06 on nodes: found while identities are resolved. */
export function checkReferences(schema: ResolvedSchema): Diagnostic[] {
  return [...checkInterfaceEmbeds(schema), ...checkDuplicateProperties(resolvedNodes(schema))];
}

/** C09, C04, C10, C11. */
export function checkBoundCatalog(schema: ResolvedSchema): Diagnostic[] {
  return [...checkKeyNames(schema), ...checkFoldedEdges(schema), ...checkSystemColumns(schema)];
}

/** Reports every item whose name was taken by an earlier one. */
function checkDistinct<T extends { readonly name: string }>(
  items: readonly T[],
  spanOf: (item: T) => Span,
  rule: string,
  message: (item: T) => string,
): Diagnostic[] {
  const first = new Map<string, T>();
  const diagnostics: Diagnostic[] = [];
  for (const item of items) {
    const earlier = first.get(item.name);
    if (earlier === undefined) first.set(item.name, item);
    else
      diagnostics.push(
        problem(rule, message(item), spanOf(item), { related: [{ span: spanOf(earlier), message: "first declared here" }] }),
      );
  }
  return diagnostics;
}

const nameSpan = (type: ResolvedType): Span => type.declaration.name.span;

function checkDuplicateNodes(schema: ResolvedSchema, mode: CheckMode): Diagnostic[] {
  return checkDistinct(resolvedNodes(schema), nameSpan, "C01", ({ name }) =>
    mode === "source" ? `duplicate node type: ${name}` : `duplicate node name '${name}'`,
  );
}

function checkDuplicateEdges(schema: ResolvedSchema, mode: CheckMode): Diagnostic[] {
  return checkDistinct(resolvedEdges(schema), nameSpan, "C02", ({ name }) =>
    mode === "source" ? `duplicate edge type: ${name}` : `duplicate edge name '${name}'`,
  );
}

function checkDuplicateInterfaces(schema: ResolvedSchema): Diagnostic[] {
  return checkDistinct(resolvedInterfaces(schema), nameSpan, "C05", ({ name }) => `duplicate interface name '${name}'`);
}

function checkDuplicateProperties(types: readonly ResolvedType[]): Diagnostic[] {
  return types.flatMap((type) =>
    checkDistinct(
      type.properties.filter((property) => property.isDeclared),
      (property) => property.declaration.name.span,
      "C06",
      ({ name }) => `duplicate property '${type.name}.${name}'`,
    ),
  );
}

function checkEndpoints(schema: ResolvedSchema, mode: CheckMode): Diagnostic[] {
  const nodes = new Set(resolvedNodes(schema).map((node) => node.name));
  const interfaces = new Set(resolvedInterfaces(schema).map((item) => item.name));
  const diagnostics: Diagnostic[] = [];
  for (const { name, declaration } of resolvedEdges(schema)) {
    for (const [role, end] of [["source", declaration.source] as const, ["target", declaration.target] as const]) {
      if (nodes.has(end.text)) continue;
      const message =
        mode === "source"
          ? `edge ${name}: unknown ${role} type: ${end.text}`
          : `edge '${name}' has an unresolved endpoint: ${role} type '${end.text}'`;
      const hint = interfaces.has(end.text)
        ? `'${end.text}' is an interface; an edge connects node types`
        : suggest(end.text, nodes, diagnostics);
      diagnostics.push(problem("C03", message, end.span, { hint }));
    }
  }
  return diagnostics;
}

function checkFoldedEdges(schema: ResolvedSchema): Diagnostic[] {
  const first = new Map<string, { readonly name: string; readonly span: Span }>();
  const diagnostics: Diagnostic[] = [];
  for (const edge of resolvedEdges(schema)) {
    const folded = edge.name.toLowerCase();
    const earlier = first.get(folded);
    if (earlier === undefined) first.set(folded, { name: edge.name, span: nameSpan(edge) });
    else if (earlier.name !== edge.name) {
      const message = `edge names '${earlier.name}' and '${edge.name}' are equal after case folding`;
      diagnostics.push(problem("C04", message, nameSpan(edge), { related: [{ span: earlier.span, message: "the other edge" }] }));
    }
  }
  return diagnostics;
}

/** What an annotation contributes to the meaning of a property; rename hints contribute nothing. */
function semanticsOf(annotations: readonly AnnotationNode[]): string {
  const texts = annotations
    .filter((annotation) => annotation.name.text !== "rename_from")
    .map((annotation) => {
      const keywords = new Map(annotation.keywords.map((keyword) => [keyword.name.text, keyword.value.value]));
      return JSON.stringify([annotation.name.text, annotation.argument?.value ?? null, [...keywords].sort()]);
    });
  return [...new Set(texts)].sort().join("\n");
}

function checkContributions(node: ResolvedNode): Diagnostic[] {
  return node.properties.flatMap((property) => {
    const [first, ...others] = property.contributions;
    if (property.isDeclared || first === undefined) return [];
    const expected = semanticsOf(first.property.annotations);
    const other = others.find((item) => semanticsOf(item.property.annotations) !== expected);
    if (other === undefined) return [];
    const message = `'${node.name}.${property.name}' has incompatible property semantics in interfaces ${first.interfaceName} and ${other.interfaceName}`;
    const related = [first, other].map((item) => ({ span: item.property.span, message: `interface ${item.interfaceName}` }));
    return [problem("C07", message, node.declaration.name.span, { related, hint: `declare '${property.name}' in the node to settle it` })];
  });
}

function checkInterfaceEmbeds(schema: ResolvedSchema): Diagnostic[] {
  const diagnostics: Diagnostic[] = [];
  for (const owner of resolvedInterfaces(schema)) {
    const names = new Set(owner.properties.map((property) => property.name));
    for (const { name, argument } of owner.properties.flatMap((property) => property.declaration.annotations)) {
      if (name.text !== "embed" || argument === undefined || names.has(argument.value)) continue;
      const hint = suggest(argument.value, names, diagnostics);
      diagnostics.push(problem("C08", `unknown property reference '${owner.name}.${argument.value}'`, argument.span, { hint }));
    }
  }
  return diagnostics;
}

function checkKeyNames(schema: ResolvedSchema): Diagnostic[] {
  return resolvedNodes(schema).flatMap((node) => {
    const property = node.properties.find((item) => item.name === "id");
    if (property === undefined) return [];
    const inBody = constraintsOf(node.declaration).find(
      (item) => item.name === "key" && item.arguments.some((argument) => argument.kind === "NameArgument" && argument.value === "id"),
    );
    const isKey = inBody !== undefined || property.declaration.annotations.some((annotation) => annotation.name.text === "key");
    if (!isKey) return [];
    const span = property.isDeclared ? property.declaration.name.span : node.declaration.name.span;
    return [
      problem("C09", `the @key of '${node.name}' must consist of declared properties; 'id' is a system column`, span, {
        hint: "rename the property",
      }),
    ];
  });
}

function checkSystemColumns(schema: ResolvedSchema): Diagnostic[] {
  const c10: Diagnostic[] = [];
  const c11: Diagnostic[] = [];
  for (const type of schema.types) {
    if (type.kind === "interface") continue;
    for (const property of type.properties) {
      const span = property.isDeclared ? property.declaration.name.span : type.declaration.name.span;
      const message = `property '${property.name}' of ${type.kind} ${type.name} has the name of a system column`;
      if (property.name === "id") c10.push(problem("C10", message, span, { hint: "rename the property" }));
      else if (type.kind === "edge" && (property.name === "src" || property.name === "dst"))
        c11.push(problem("C11", message, span, { hint: "rename the property" }));
    }
  }
  return [...c10, ...c11];
}
