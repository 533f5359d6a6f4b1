/** AST → canonical text: one declaration per block, one body item per line, four spaces. Comments are not kept. */
import { assertNever } from "@omnigraphdb/common";
import type {
  AnnotationNode,
  BodyItem,
  BoundsNode,
  CardinalityNode,
  ConstraintArgument,
  Declaration,
  KeywordArgument,
  LiteralNode,
  NameArgument,
  SchemaDocument,
  TypeNode,
} from "./schema-ast.js";

/** Parsing the result gives an equal tree, spans aside; printing that gives the same text. */
export function printSchema(document: SchemaDocument): string {
  return document.declarations.map((declaration) => `${printDeclaration(declaration)}\n`).join("\n");
}

function printDeclaration(declaration: Declaration): string {
  const head = printHead(declaration);
  const items: readonly BodyItem[] = declaration.body;
  if (items.length > 0) return `${head} {\n${items.map((item) => `    ${printItem(item)}\n`).join("")}}`;
  return declaration.kind === "EdgeDeclaration" ? head : `${head} {}`;
}

function printHead(declaration: Declaration): string {
  const name = declaration.name.text;
  switch (declaration.kind) {
    case "InterfaceDeclaration":
      return `interface ${name}`;
    case "NodeDeclaration": {
      const interfaces = declaration.implements.map((item) => item.text).join(", ");
      return `node ${name}${printAnnotations(declaration.annotations)}${interfaces === "" ? "" : ` implements ${interfaces}`}`;
    }
    case "EdgeDeclaration": {
      const { source, target, cardinality, annotations } = declaration;
      return `edge ${name}: ${source.text} -> ${target.text}${printCardinality(cardinality)}${printAnnotations(annotations)}`;
    }
    default:
      return assertNever(declaration, "declaration");
  }
}

function printCardinality(cardinality: CardinalityNode | undefined): string {
  return cardinality === undefined ? "" : ` @card(${cardinality.min}..${cardinality.max ?? ""})`;
}

function printItem(item: BodyItem): string {
  if (item.kind === "Constraint") {
    const written = [...item.arguments.map(printConstraintArgument), ...item.keywords.map(printKeyword)];
    return `@${item.name}(${written.join(", ")})`;
  }
  return `${item.name.text}: ${printType(item.type)}${printAnnotations(item.annotations)}`;
}

function printType({ core, isNullable }: TypeNode): string {
  const suffix = isNullable ? "?" : "";
  switch (core.kind) {
    case "Base":
      return core.name + suffix;
    case "List":
      return `[${core.element}]${suffix}`;
    case "Enum":
      return `enum(${core.values.map((value) => value.text).join(", ")})${suffix}`;
    case "Vector":
      return `Vector(${core.digits})${suffix}`;
    default:
      return assertNever(core, "type");
  }
}

function printAnnotations(annotations: readonly AnnotationNode[]): string {
  return annotations.map((annotation) => ` @${annotation.name.text}${printArguments(annotation)}`).join("");
}

function printArguments({ argument, keywords }: AnnotationNode): string {
  if (argument === undefined) return "";
  const named = keywords.map((keyword) => `, ${printKeyword(keyword)}`);
  return `(${printValue(argument)}${named.join("")})`;
}

function printKeyword({ name, value }: KeywordArgument): string {
  return `${name.text}=${printLiteral(value)}`;
}

function printConstraintArgument(argument: ConstraintArgument): string {
  return argument.kind === "Bounds" ? printBounds(argument) : printValue(argument);
}

function printBounds({ min, max }: BoundsNode): string {
  return `${min ?? ""}..${max ?? ""}`;
}

function printValue(value: LiteralNode | NameArgument): string {
  return value.kind === "NameArgument" ? value.value : printLiteral(value);
}

const ESCAPES: Readonly<Record<string, string>> = { '"': '\\"', "\\": "\\\\", "\n": "\\n", "\r": "\\r", "\t": "\\t" };

function printLiteral({ type, value }: LiteralNode): string {
  return type === "string" ? `"${value.replace(/["\\\n\r\t]/g, (character) => ESCAPES[character] ?? character)}"` : value;
}
