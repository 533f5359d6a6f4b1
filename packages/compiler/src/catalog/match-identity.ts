/** Phase 8 (§11.1): which accepted type or property a desired one continues (§13.4). Rules R01–R07. */
import type { Diagnostic } from "../diagnostics/diagnostic.js";
import { problem, suggest } from "../schema/check/problem.js";
import type { ResolvedProperty, ResolvedSchema, ResolvedType } from "../schema/resolved-schema.js";
import type { AnnotationNode } from "../schema/schema-ast.js";
import type { Span } from "../source/span.js";
import { byName } from "../types/compare-text.js";
import type { IdentifiedProperty, IdentifiedSchema, IdentifiedType } from "./identified-schema.js";

export type TypeKind = "interface" | "node" | "edge";

export const TYPE_KINDS: readonly TypeKind[] = ["interface", "node", "edge"];

/** A rename hint that had no effect. For logs. */
export interface IdentityNote {
  readonly kind: "ignored_exact_match_rename_hint" | "inert_initialization_rename_hint";
  /** `node:Plant`, `node:Plant.label` */
  readonly entity: string;
  readonly hint: string;
}

/** Predecessors by entity: `node:Plant` and `node:Plant.label`. Entities without one are new. */
export interface IdentityMatch {
  readonly types: ReadonlyMap<string, IdentifiedType>;
  readonly properties: ReadonlyMap<string, IdentifiedProperty>;
  readonly notes: readonly IdentityNote[];
  readonly diagnostics: readonly Diagnostic[];
}

interface Hint {
  readonly old: string;
  readonly span: Span;
}

function hintIn(annotations: readonly AnnotationNode[]): Hint | undefined {
  const found = annotations.find((annotation) => annotation.name.text === "rename_from");
  return found?.argument === undefined ? undefined : { old: found.argument.value, span: found.span };
}

function hintOfType(type: ResolvedType): Hint | undefined {
  return type.kind === "interface" ? undefined : hintIn(type.declaration.annotations);
}

/** An injected property takes the hint of the first contributing interface that has one (§5.1). */
function hintOfProperty(property: ResolvedProperty): Hint | undefined {
  if (property.isDeclared) return hintIn(property.declaration.annotations);
  return property.contributions.map((item) => hintIn(item.property.annotations)).find((hint) => hint !== undefined);
}

/** All types of one kind. */
export function typesOfKind(schema: IdentifiedSchema, kind: TypeKind): readonly IdentifiedType[] {
  return kind === "interface" ? schema.interfaces : kind === "node" ? schema.nodes : schema.edges;
}

function inOrder(schema: ResolvedSchema): ResolvedType[] {
  return TYPE_KINDS.flatMap((kind) => schema.types.filter((type) => type.kind === kind).sort(byName));
}

/** At graph creation nothing precedes: hints are inert. */
export function matchNothing(desired: ResolvedSchema): IdentityMatch {
  const notes: IdentityNote[] = [];
  const note = (entity: string, hint: Hint | undefined): void => {
    if (hint !== undefined) notes.push({ kind: "inert_initialization_rename_hint", entity, hint: hint.old });
  };
  for (const type of inOrder(desired)) {
    note(`${type.kind}:${type.name}`, hintOfType(type));
    for (const property of type.properties)
      if (property.isDeclared) note(`${type.kind}:${type.name}.${property.name}`, hintOfProperty(property));
  }
  return { types: new Map(), properties: new Map(), notes, diagnostics: [] };
}

export function matchIdentity(desired: ResolvedSchema, accepted: IdentifiedSchema): IdentityMatch {
  return new IdentityMatcher(accepted).match(desired);
}

class IdentityMatcher {
  readonly #accepted: IdentifiedSchema;
  readonly #acceptedByKind: ReadonlyMap<TypeKind, ReadonlyMap<string, IdentifiedType>>;
  readonly #types = new Map<string, IdentifiedType>();
  readonly #properties = new Map<string, IdentifiedProperty>();
  readonly #notes: IdentityNote[] = [];
  readonly #diagnostics: Diagnostic[] = [];
  /** Of all accepted types; built when a hint names no property of its own type. */
  #allPropertyNames: ReadonlySet<string> | undefined;

  constructor(accepted: IdentifiedSchema) {
    this.#accepted = accepted;
    this.#acceptedByKind = new Map(TYPE_KINDS.map((kind) => [kind, new Map(typesOfKind(accepted, kind).map((type) => [type.name, type]))]));
  }

  match(desired: ResolvedSchema): IdentityMatch {
    const types = inOrder(desired);
    const consumed = new Map<bigint, string>();
    for (const type of types) {
      const predecessor = this.#predecessorOf(type);
      if (predecessor === undefined) continue;
      const entity = `${type.kind}:${type.name}`;
      const other = consumed.get(predecessor.typeId);
      if (other !== undefined && other !== entity) {
        const span = hintOfType(type)?.span ?? type.declaration.name.span;
        this.#diagnostics.push(
          problem("R03", `accepted type '${predecessor.name}' is consumed by more than one declaration: ${other} and ${entity}`, span),
        );
      } else {
        consumed.set(predecessor.typeId, entity);
        this.#types.set(entity, predecessor);
      }
    }
    for (const type of types) this.#matchProperties(type);
    return { types: this.#types, properties: this.#properties, notes: this.#notes, diagnostics: this.#diagnostics };
  }

  #predecessorOf(type: ResolvedType): IdentifiedType | undefined {
    const sameKind = this.#acceptedByKind.get(type.kind);
    const hint = hintOfType(type);
    const exact = sameKind?.get(type.name);
    if (exact !== undefined) {
      this.#noteIgnored(`${type.kind}:${type.name}`, hint);
      return exact;
    }
    if (hint === undefined) return undefined;
    const renamed = sameKind?.get(hint.old);
    if (renamed !== undefined) return renamed;
    const elsewhere = TYPE_KINDS.find((kind) => this.#acceptedByKind.get(kind)?.has(hint.old) === true);
    if (elsewhere === undefined) {
      const suggestion = suggest(hint.old, sameKind?.keys() ?? [], this.#diagnostics);
      this.#diagnostics.push(
        problem("R01", `@rename_from("${hint.old}") on ${type.kind} ${type.name}: no accepted declaration has that name`, hint.span, {
          hint: suggestion,
        }),
      );
    } else {
      const message = `@rename_from on ${type.kind} ${type.name} cannot continue ${elsewhere} '${hint.old}' across declaration kinds`;
      this.#diagnostics.push(problem("R02", message, hint.span));
    }
    return undefined;
  }

  #matchProperties(type: ResolvedType): void {
    const owner = this.#types.get(`${type.kind}:${type.name}`);
    if (owner === undefined) {
      this.#refuseHintsOfNewType(type);
      return;
    }
    const accepted = new Map(owner.properties.map((property) => [property.name, property]));
    const consumed = new Map<bigint, string>();
    for (const property of type.properties.toSorted(byName)) {
      const predecessor = accepted.get(property.name) ?? this.#renamedProperty(type, property, accepted);
      const entity = `${type.kind}:${type.name}.${property.name}`;
      if (accepted.has(property.name)) this.#noteIgnored(entity, hintOfProperty(property));
      if (predecessor === undefined) continue;
      const other = consumed.get(predecessor.propertyId);
      if (other !== undefined && other !== property.name) {
        const span = hintOfProperty(property)?.span ?? property.declaration.name.span;
        const message = `accepted property '${owner.name}.${predecessor.name}' is consumed more than once: by '${other}' and '${property.name}'`;
        this.#diagnostics.push(problem("R07", message, span));
      } else {
        consumed.set(predecessor.propertyId, property.name);
        this.#properties.set(entity, predecessor);
      }
    }
  }

  #renamedProperty(
    type: ResolvedType,
    property: ResolvedProperty,
    accepted: ReadonlyMap<string, IdentifiedProperty>,
  ): IdentifiedProperty | undefined {
    const hint = hintOfProperty(property);
    if (hint === undefined) return undefined;
    const renamed = accepted.get(hint.old);
    if (renamed !== undefined) return renamed;
    const path = `'${type.name}.${property.name}'`;
    if (this.#isPropertyElsewhere(hint.old)) {
      this.#diagnostics.push(
        problem("R05", `@rename_from("${hint.old}") on ${path} cannot take a property over across stable owners`, hint.span),
      );
    } else {
      const suggestion = suggest(hint.old, accepted.keys(), this.#diagnostics);
      this.#diagnostics.push(
        problem("R04", `@rename_from("${hint.old}") on ${path}: no accepted property with that name`, hint.span, { hint: suggestion }),
      );
    }
    return undefined;
  }

  #isPropertyElsewhere(name: string): boolean {
    this.#allPropertyNames ??= new Set(
      TYPE_KINDS.flatMap((kind) => typesOfKind(this.#accepted, kind)).flatMap((type) => type.properties.map((property) => property.name)),
    );
    return this.#allPropertyNames.has(name);
  }

  /** R06. The hint of an injected property belongs to the interface and is judged there. */
  #refuseHintsOfNewType(type: ResolvedType): void {
    for (const property of type.properties) {
      const hint = hintOfProperty(property);
      if (hint === undefined || !property.isDeclared) continue;
      const message = `@rename_from("${hint.old}") on property '${type.name}.${property.name}' of a new owner: a new type has no earlier properties`;
      this.#diagnostics.push(problem("R06", message, hint.span));
    }
  }

  #noteIgnored(entity: string, hint: Hint | undefined): void {
    if (hint !== undefined) this.#notes.push({ kind: "ignored_exact_match_rename_hint", entity, hint: hint.old });
  }
}
