import { must } from "@omnigraphdb/common";
import type { CstNode, IToken } from "chevrotain";
import { joinSpans, type Span } from "../source/span.js";
import type { ScalarName } from "../types/property-type.js";
import type {
  AnnotationNode,
  BodyItem,
  BoundsNode,
  CardinalityNode,
  ConstraintArgument,
  ConstraintKind,
  ConstraintNode,
  CoreType,
  Declaration,
  Identifier,
  KeywordArgument,
  LiteralNode,
  PropertyDeclaration,
  SchemaDocument,
  TypeNode,
} from "./schema-ast.js";

function nodes(parent: CstNode, name: string): readonly CstNode[] {
  return (parent.children[name] ?? []) as CstNode[];
}

function node(parent: CstNode, name: string): CstNode {
  return must(nodes(parent, name)[0], `grammar rule ${parent.name} has no ${name}`);
}

function tokens(parent: CstNode, name: string): readonly IToken[] {
  return (parent.children[name] ?? []) as IToken[];
}

function token(parent: CstNode, name: string): IToken {
  return must(tokens(parent, name)[0], `grammar rule ${parent.name} has no ${name}`);
}

function spanOfToken(item: IToken): Span {
  return { start: item.startOffset, end: item.startOffset + item.image.length };
}

function identifier(item: IToken): Identifier {
  return { kind: "Identifier", span: spanOfToken(item), text: item.image };
}

/** From the first of `parts` to the last. */
function cover(...parts: readonly ({ readonly span: Span } | undefined)[]): Span {
  const spans = parts.flatMap((part) => (part === undefined ? [] : [part.span]));
  return joinSpans(must(spans[0], "no span"), must(spans.at(-1), "no span"));
}

/** CST of a source without syntax errors → AST. */
export function buildSchemaAst(tree: CstNode, source: string): SchemaDocument {
  return {
    kind: "SchemaDocument",
    span: { start: 0, end: source.length },
    declarations: nodes(tree, "declaration").map(buildDeclaration),
  };
}

function buildDeclaration(wrapper: CstNode): Declaration {
  const { interfaceDeclaration, nodeDeclaration, edgeDeclaration } = wrapper.children;
  const child = must(
    [interfaceDeclaration, nodeDeclaration, edgeDeclaration].find((item) => item !== undefined)?.[0],
    "empty declaration",
  ) as CstNode;
  if (child.name === "interfaceDeclaration") return buildInterface(child);
  return child.name === "nodeDeclaration" ? buildNode(child) : buildEdge(child);
}

function buildInterface(item: CstNode): Declaration {
  return {
    kind: "InterfaceDeclaration",
    span: joinSpans(spanOfToken(token(item, "InterfaceKeyword")), spanOfToken(token(item, "RCurly"))),
    name: identifier(token(item, "TypeName")),
    body: nodes(item, "property").map(buildProperty),
  };
}

function buildNode(item: CstNode): Declaration {
  const body = node(item, "body");
  return {
    kind: "NodeDeclaration",
    span: joinSpans(spanOfToken(token(item, "NodeKeyword")), spanOfToken(token(body, "RCurly"))),
    name: identifier(token(item, "TypeName")),
    annotations: nodes(item, "annotation").map(buildAnnotation),
    implements: tokens(item, "implements").map(identifier),
    body: nodes(body, "bodyItem").map(buildBodyItem),
  };
}

function buildEdge(item: CstNode): Declaration {
  const body = nodes(item, "body")[0];
  const target = identifier(token(item, "target"));
  const cardinality = nodes(item, "cardinality").map(buildCardinality)[0];
  const annotations = nodes(item, "annotation").map(buildAnnotation);
  const close = body === undefined ? undefined : identifier(token(body, "RCurly"));
  return {
    kind: "EdgeDeclaration",
    span: cover(identifier(token(item, "EdgeKeyword")), target, cardinality, annotations.at(-1), close),
    name: identifier(token(item, "TypeName")),
    source: identifier(token(item, "source")),
    target,
    cardinality,
    annotations,
    body: body === undefined ? [] : nodes(body, "bodyItem").map(buildBodyItem),
  };
}

function buildCardinality(item: CstNode): CardinalityNode {
  return {
    kind: "Cardinality",
    span: joinSpans(spanOfToken(token(item, "Card")), spanOfToken(token(item, "RParen"))),
    min: token(item, "min").image,
    max: tokens(item, "max")[0]?.image,
  };
}

function buildBodyItem(wrapper: CstNode): BodyItem {
  const property = nodes(wrapper, "property")[0];
  return property === undefined ? buildConstraint(node(wrapper, "constraint")) : buildProperty(property);
}

function buildProperty(item: CstNode): PropertyDeclaration {
  const name = identifier(token(item, "Name"));
  const type = buildType(node(item, "type"));
  const annotations = nodes(item, "annotation").map(buildAnnotation);
  return { kind: "PropertyDeclaration", span: cover(name, type, annotations.at(-1)), name, type, annotations };
}

function buildType(item: CstNode): TypeNode {
  const { core, span } = buildCoreType(item);
  const question = tokens(item, "Question")[0];
  return {
    kind: "Type",
    span: question === undefined ? span : joinSpans(span, spanOfToken(question)),
    core,
    isNullable: question !== undefined,
  };
}

function buildCoreType(item: CstNode): { readonly core: CoreType; readonly span: Span } {
  const base = tokens(item, "BaseTypeName")[0];
  if (base !== undefined) return { core: { kind: "Base", name: base.image as ScalarName }, span: spanOfToken(base) };
  const list = nodes(item, "listType")[0];
  if (list !== undefined) {
    const span = joinSpans(spanOfToken(token(list, "LSquare")), spanOfToken(token(list, "RSquare")));
    return { core: { kind: "List", element: token(list, "ElementTypeName").image as ScalarName }, span };
  }
  const enumType = nodes(item, "enumType")[0];
  if (enumType !== undefined) {
    const span = joinSpans(spanOfToken(token(enumType, "EnumKeyword")), spanOfToken(token(enumType, "RParen")));
    return { core: { kind: "Enum", values: tokens(enumType, "EnumValue").map(identifier) }, span };
  }
  const vector = node(item, "vectorType");
  const span = joinSpans(spanOfToken(token(vector, "VectorKeyword")), spanOfToken(token(vector, "RParen")));
  return { core: { kind: "Vector", digits: token(vector, "IntegerLiteral").image }, span };
}

function buildAnnotation(item: CstNode): AnnotationNode {
  const close = tokens(item, "RParen")[0];
  const name = identifier(token(item, "AnnotationName"));
  const bare = tokens(item, "Name")[0];
  return {
    kind: "Annotation",
    span: joinSpans(spanOfToken(token(item, "At")), close === undefined ? name.span : spanOfToken(close)),
    name,
    argument:
      bare === undefined
        ? nodes(item, "literal").map(buildLiteral)[0]
        : { kind: "NameArgument", span: spanOfToken(bare), value: bare.image },
    keywords: nodes(item, "keywordArgument").map(buildKeyword),
  };
}

function buildKeyword(item: CstNode): KeywordArgument {
  const name = identifier(token(item, "Name"));
  const value = buildLiteral(node(item, "literal"));
  return { kind: "KeywordArgument", span: cover(name, value), name, value };
}

const LITERAL_TOKENS = { StringLiteral: "string", FloatLiteral: "float", IntegerLiteral: "integer", BooleanLiteral: "boolean" } as const;

function buildLiteral(item: CstNode): LiteralNode {
  for (const [name, type] of Object.entries(LITERAL_TOKENS)) {
    const found = tokens(item, name)[0];
    if (found === undefined) continue;
    const span = spanOfToken(found);
    if (type === "string") return { kind: "Literal", span, type, ...decodeString(found) };
    return { kind: "Literal", span, type, value: found.image, badEscapes: [] };
  }
  throw new TypeError(`grammar rule ${item.name} has no literal`);
}

const ESCAPES: Readonly<Record<string, string>> = { '"': '"', "\\": "\\", n: "\n", r: "\r", t: "\t" };

function decodeString(item: IToken): { readonly value: string; readonly badEscapes: readonly Identifier[] } {
  const badEscapes: Identifier[] = [];
  const value = item.image.slice(1, -1).replace(/\\([^])/gu, (_, character: string, at: number) => {
    const decoded = ESCAPES[character];
    if (decoded !== undefined) return decoded;
    const start = item.startOffset + 1 + at;
    badEscapes.push({ kind: "Identifier", span: { start, end: start + 1 + character.length }, text: character });
    return character;
  });
  return { value, badEscapes };
}

function buildConstraint(item: CstNode): ConstraintNode {
  return {
    kind: "Constraint",
    span: joinSpans(spanOfToken(token(item, "ConstraintAt")), spanOfToken(token(item, "RParen"))),
    name: token(item, "ConstraintName").image as ConstraintKind,
    arguments: nodes(item, "constraintArgument").map(buildConstraintArgument),
    keywords: nodes(item, "keywordArgument").map(buildKeyword),
  };
}

function buildConstraintArgument(item: CstNode): ConstraintArgument {
  const name = tokens(item, "Name")[0];
  if (name !== undefined) return { kind: "NameArgument", span: spanOfToken(name), value: name.image };
  const bounds = nodes(item, "bounds")[0];
  return bounds === undefined ? buildLiteral(node(item, "literal")) : buildBounds(bounds);
}

function buildBounds(item: CstNode): BoundsNode {
  const min = nodes(item, "min").map(numberToken)[0];
  const max = nodes(item, "max").map(numberToken)[0];
  const dots = identifier(token(item, "DotDot"));
  return {
    kind: "Bounds",
    span: cover(min && identifier(min), dots, max && identifier(max)),
    min: min?.image,
    max: max?.image,
  };
}

function numberToken(item: CstNode): IToken {
  return must(tokens(item, "IntegerLiteral")[0] ?? tokens(item, "FloatLiteral")[0] ?? tokens(item, "NegativeNumber")[0], "empty number");
}
