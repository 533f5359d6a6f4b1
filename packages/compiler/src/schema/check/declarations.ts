/** Phase 2 (§11.1): what can be judged on one declaration alone. Rules P01–P15. */
import type { Diagnostic } from "../../diagnostics/diagnostic.js";
import type {
  AnnotationNode,
  CardinalityNode,
  ConstraintArgument,
  ConstraintNode,
  LiteralNode,
  PropertyDeclaration,
  SchemaDocument,
  TypeNode,
} from "../schema-ast.js";
import { isReservedName } from "../reserved-names.js";
import { problem } from "./problem.js";

const U32_MAX = 4_294_967_295;
const VECTOR_DIMENSION_MAX = 2_147_483_647;

/** Value of a run of digits, or undefined when it does not fit an unsigned 32-bit number. */
export function readU32(digits: string): number | undefined {
  const significant = digits.replace(/^0+/, "");
  if (significant.length > 10) return undefined;
  const value = Number(significant);
  return value <= U32_MAX ? value : undefined;
}

export function checkDeclarations(document: SchemaDocument): Diagnostic[] {
  const diagnostics: Diagnostic[] = [];
  for (const declaration of document.declarations) {
    if (declaration.kind === "EdgeDeclaration" && declaration.cardinality !== undefined)
      checkCardinality(declaration.cardinality, diagnostics);
    if (declaration.kind !== "InterfaceDeclaration") checkAnnotationLiterals(declaration.annotations, diagnostics);
    for (const item of declaration.body) {
      if (item.kind === "PropertyDeclaration") checkProperty(item, diagnostics);
      else checkConstraintForm(item, diagnostics);
    }
  }
  return diagnostics;
}

function checkProperty(property: PropertyDeclaration, diagnostics: Diagnostic[]): void {
  const { text: name, span } = property.name;
  if (isReservedName(name)) {
    diagnostics.push(
      problem("P03", `property name '${name}' is reserved for system columns and could not be exported`, span, {
        hint: "choose a name that does not begin with two underscores and is not a row column of the storage",
      }),
    );
  }
  checkTypeFormation(property.type, diagnostics);
  checkAnnotationLiterals(property.annotations, diagnostics);
}

function checkTypeFormation(type: TypeNode, diagnostics: Diagnostic[]): void {
  const { core, span } = type;
  if (core.kind === "Enum") {
    const seen = new Map<string, LiteralNode["span"]>();
    for (const value of core.values) {
      const first = seen.get(value.text);
      if (first === undefined) seen.set(value.text, value.span);
      else {
        const related = [{ span: first, message: "first listed here" }];
        diagnostics.push(problem("P04", `enum has duplicate values: '${value.text}'`, value.span, { related }));
      }
    }
  } else if (core.kind === "List" && core.element === "Blob") {
    diagnostics.push(problem("P05", "a list of Blob is not supported", span));
  } else if (core.kind === "Vector") {
    const dimension = readU32(core.digits);
    if (dimension === undefined) diagnostics.push(problem("P08", `invalid Vector dimension ${core.digits}`, span));
    else if (dimension === 0) diagnostics.push(problem("P06", "Vector dimension must be at least 1", span));
    else if (dimension > VECTOR_DIMENSION_MAX) {
      diagnostics.push(problem("P07", `Vector dimension ${dimension} exceeds maximum supported ${VECTOR_DIMENSION_MAX}`, span));
    }
  }
}

function checkCardinality(node: CardinalityNode, diagnostics: Diagnostic[]): void {
  const min = readU32(node.min);
  const max = node.max === undefined ? U32_MAX : readU32(node.max);
  if (min === undefined || max === undefined) {
    const bad = min === undefined ? node.min : node.max;
    diagnostics.push(problem("P09", `invalid cardinality bound ${bad}: the largest is ${U32_MAX}`, node.span));
  } else if (min > max) {
    diagnostics.push(problem("P10", `cardinality min (${min}) exceeds max (${max})`, node.span));
  }
}

function checkAnnotationLiterals(annotations: readonly AnnotationNode[], diagnostics: Diagnostic[]): void {
  for (const annotation of annotations) {
    if (annotation.argument?.kind === "Literal") checkEscapes(annotation.argument, diagnostics);
    for (const keyword of annotation.keywords) checkEscapes(keyword.value, diagnostics);
  }
}

function checkEscapes(literal: LiteralNode, diagnostics: Diagnostic[]): void {
  for (const escape of literal.badEscapes) {
    diagnostics.push(
      problem("P01", `unsupported escape sequence: \\${escape.text}`, escape.span, {
        hint: 'write \\\\ for a backslash; known are \\" \\\\ \\n \\r \\t',
      }),
    );
  }
}

function checkConstraintForm(constraint: ConstraintNode, diagnostics: Diagnostic[]): void {
  for (const argument of constraint.arguments) if (argument.kind === "Literal") checkEscapes(argument, diagnostics);
  if (constraint.name === "range" || constraint.name === "check") checkValueConstraintForm(constraint, diagnostics);
  else for (const argument of constraint.arguments) checkPropertyArgument(constraint, argument, diagnostics);
}

function checkPropertyArgument(constraint: ConstraintNode, argument: ConstraintArgument, diagnostics: Diagnostic[]): void {
  if (argument.kind === "NameArgument") return;
  const hint = argument.kind === "Literal" && argument.type === "string" ? "write the name without quotes" : undefined;
  diagnostics.push(problem("P11", `expected property name in @${constraint.name}`, argument.span, { hint }));
}

function checkValueConstraintForm(constraint: ConstraintNode, diagnostics: Diagnostic[]): void {
  const [property, value] = constraint.arguments;
  if (property === undefined || value === undefined) {
    const [rule, needs] =
      constraint.name === "range" ? ["P12", "@range requires a property and bounds"] : ["P14", "@check requires a property and a pattern"];
    diagnostics.push(problem(rule, needs, constraint.span));
    return;
  }
  checkPropertyArgument(constraint, property, diagnostics);
  if (constraint.name === "check") {
    if (value.kind !== "Literal" || value.type !== "string") {
      diagnostics.push(problem("P15", "expected string argument in @check", value.span, { hint: "write the pattern in double quotes" }));
    }
  } else if (value.kind !== "Bounds") {
    diagnostics.push(problem("P13", "expected range bounds in @range", value.span, { hint: "write bounds as min..max, min.. or ..max" }));
  } else if ([value.min, value.max].some((bound) => bound !== undefined && !Number.isFinite(Number(bound)))) {
    diagnostics.push(problem("P13", "expected range bounds that fit a 64-bit float", value.span));
  }
}
