import type { Span } from "../source/span.js";
import type { ScalarName } from "../types/property-type.js";

/** What was written, in source order. Nothing is resolved and nothing but the grammar has been checked. */
export interface SchemaDocument {
  readonly kind: "SchemaDocument";
  readonly span: Span;
  readonly declarations: readonly Declaration[];
}

export type Declaration = InterfaceDeclaration | NodeDeclaration | EdgeDeclaration;

export interface Identifier {
  readonly kind: "Identifier";
  readonly span: Span;
  readonly text: string;
}

export interface InterfaceDeclaration {
  readonly kind: "InterfaceDeclaration";
  readonly span: Span;
  readonly name: Identifier;
  readonly body: readonly PropertyDeclaration[];
}

export interface NodeDeclaration {
  readonly kind: "NodeDeclaration";
  readonly span: Span;
  readonly name: Identifier;
  readonly annotations: readonly AnnotationNode[];
  readonly implements: readonly Identifier[];
  readonly body: readonly BodyItem[];
}

export interface EdgeDeclaration {
  readonly kind: "EdgeDeclaration";
  readonly span: Span;
  readonly name: Identifier;
  readonly source: Identifier;
  readonly target: Identifier;
  readonly cardinality: CardinalityNode | undefined;
  readonly annotations: readonly AnnotationNode[];
  /** Empty also when no body was written (G10). */
  readonly body: readonly BodyItem[];
}

export type BodyItem = PropertyDeclaration | ConstraintNode;

/** Bounds as digits; `max` undefined when unbounded. */
export interface CardinalityNode {
  readonly kind: "Cardinality";
  readonly span: Span;
  readonly min: string;
  readonly max: string | undefined;
}

export interface PropertyDeclaration {
  readonly kind: "PropertyDeclaration";
  readonly span: Span;
  readonly name: Identifier;
  readonly type: TypeNode;
  readonly annotations: readonly AnnotationNode[];
}

export interface TypeNode {
  readonly kind: "Type";
  readonly span: Span;
  readonly core: CoreType;
  readonly isNullable: boolean;
}

export type CoreType =
  | { readonly kind: "Base"; readonly name: ScalarName }
  | { readonly kind: "List"; readonly element: ScalarName }
  | { readonly kind: "Enum"; readonly values: readonly Identifier[] }
  | { readonly kind: "Vector"; readonly digits: string };

export interface AnnotationNode {
  readonly kind: "Annotation";
  readonly span: Span;
  readonly name: Identifier;
  readonly argument: LiteralNode | NameArgument | undefined;
  readonly keywords: readonly KeywordArgument[];
}

export interface KeywordArgument {
  readonly kind: "KeywordArgument";
  readonly span: Span;
  readonly name: Identifier;
  readonly value: LiteralNode;
}

export interface LiteralNode {
  readonly kind: "Literal";
  readonly span: Span;
  readonly type: "string" | "integer" | "float" | "boolean";
  /** Decoded text of a string (§2.3), source text of the others. */
  readonly value: string;
  /** Unknown escapes of a string (P01); each stands for its own character in `value`. */
  readonly badEscapes: readonly Identifier[];
}

export interface NameArgument {
  readonly kind: "NameArgument";
  readonly span: Span;
  readonly value: string;
}

export type ConstraintKind = "key" | "unique" | "index" | "range" | "check";

export interface ConstraintNode {
  readonly kind: "Constraint";
  readonly span: Span;
  readonly name: ConstraintKind;
  readonly arguments: readonly ConstraintArgument[];
  readonly keywords: readonly KeywordArgument[];
}

export type ConstraintArgument = BoundsNode | LiteralNode | NameArgument;

/** Bounds as source text, sign included; at least one is present. */
export interface BoundsNode {
  readonly kind: "Bounds";
  readonly span: Span;
  readonly min: string | undefined;
  readonly max: string | undefined;
}

export function propertiesOf(declaration: Declaration): readonly PropertyDeclaration[] {
  const items: readonly BodyItem[] = declaration.body;
  return items.filter((item) => item.kind === "PropertyDeclaration");
}

export function constraintsOf(declaration: Declaration): readonly ConstraintNode[] {
  const items: readonly BodyItem[] = declaration.body;
  return items.filter((item) => item.kind === "Constraint");
}
