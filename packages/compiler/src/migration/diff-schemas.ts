/** Accepted schema × desired schema → steps, in the order in which §14.3 meets them. */
import { compactJson } from "@omnigraphdb/common";
import { boundText } from "../catalog/build-shape.js";
import type { Annotation, Constraint } from "../catalog/catalog.js";
import type {
  IdentifiedEdge,
  IdentifiedNode,
  IdentifiedProperty,
  IdentifiedSchema,
  IdentifiedTable,
  IdentifiedType,
} from "../catalog/identified-schema.js";
import { TYPE_KINDS, type TypeKind, typesOfKind } from "../catalog/match-identity.js";
import { schemaToJson } from "../catalog/schema-codec.js";
import { annotationToJson } from "../catalog/shape-json.js";
import { displayType, type PropertyType } from "../types/property-type.js";
import { compareText } from "../types/compare-text.js";
import { DEFAULT_TEXT_ANALYSIS, textAnalysisName } from "../types/text-analysis.js";
import type { MigrationCode } from "./migration-codes.js";
import type { DropMode, IndexConstraint, MigrationStep, UnsupportedRule } from "./migration-step.js";

/** Both schemas number from one counter, so that equal ids mean the same thing. */
export function diffSchemas(accepted: IdentifiedSchema, desired: IdentifiedSchema, dropMode: DropMode): readonly MigrationStep[] {
  return new SchemaDiff(accepted, desired, dropMode).steps();
}

/** One desired type beside its predecessor. */
interface Pair<T extends IdentifiedType = IdentifiedType> {
  readonly kind: TypeKind;
  readonly before: T;
  readonly after: T;
  /** Property ids by name. */
  readonly beforeIds: ReadonlyMap<string, bigint>;
  readonly afterIds: ReadonlyMap<string, bigint>;
}

/** What distinguishes two constraints across renames. */
interface IdentifiedConstraint {
  readonly identity: string;
  readonly constraint: Constraint;
}

class SchemaDiff {
  readonly #accepted: IdentifiedSchema;
  readonly #desired: IdentifiedSchema;
  readonly #dropMode: DropMode;
  readonly #steps: MigrationStep[] = [];
  /** Indexes that the plan adds already, as text. */
  readonly #plannedIndexes = new Set<string>();
  readonly #acceptedInterfaces: ReadonlyMap<string, bigint>;
  readonly #desiredInterfaces: ReadonlyMap<string, bigint>;
  readonly #acceptedNodes: ReadonlyMap<string, bigint>;
  readonly #desiredNodes: ReadonlyMap<string, bigint>;

  constructor(accepted: IdentifiedSchema, desired: IdentifiedSchema, dropMode: DropMode) {
    this.#accepted = accepted;
    this.#desired = desired;
    this.#dropMode = dropMode;
    this.#acceptedInterfaces = idsByName(accepted.interfaces);
    this.#desiredInterfaces = idsByName(desired.interfaces);
    this.#acceptedNodes = idsByName(accepted.nodes);
    this.#desiredNodes = idsByName(desired.nodes);
  }

  steps(): readonly MigrationStep[] {
    for (const kind of TYPE_KINDS) this.#diffKind(kind);
    if (this.#steps.length === 0 && compactJson(schemaToJson(this.#accepted)) !== compactJson(schemaToJson(this.#desired))) {
      this.#refuse("U17", "schema", "the schemas differ in an unclassified way");
    }
    return this.#steps;
  }

  #diffKind(kind: TypeKind): void {
    const before = new Map(typesOfKind(this.#accepted, kind).map((type) => [type.typeId, type]));
    const kept = new Set<bigint>();
    for (const after of typesOfKind(this.#desired, kind)) {
      const predecessor = before.get(after.typeId);
      kept.add(after.typeId);
      if (predecessor === undefined) this.#steps.push({ kind: "add_type", typeKind: kind, name: after.name });
      else this.#diffType({ kind, before: predecessor, after, beforeIds: propertyIds(predecessor), afterIds: propertyIds(after) });
    }
    for (const type of before.values()) {
      if (kept.has(type.typeId)) continue;
      if (kind === "interface") this.#refuse("U02", `interface:${type.name}`, `removing interface '${type.name}' is not supported`);
      else this.#steps.push({ kind: "drop_type", typeKind: kind, name: type.name, mode: this.#dropMode });
    }
  }

  #diffType(pair: Pair): void {
    const { kind, before, after } = pair;
    const entity = `${kind}:${after.name}`;
    if (before.name !== after.name) {
      if (kind === "interface") this.#refuse("U01", entity, "renaming interfaces is not supported");
      else this.#steps.push({ kind: "rename_type", typeKind: kind, from: before.name, to: after.name });
    }
    if (kind === "node") this.#diffInterfaces(before as IdentifiedNode, after as IdentifiedNode);
    if (kind === "edge") this.#diffEdgeHead(before as IdentifiedEdge, after as IdentifiedEdge);
    if (kind !== "interface") this.#diffTypeMetadata(pair as Pair<IdentifiedTable>);
    this.#diffProperties(pair);
    if (kind !== "interface") this.#diffConstraints(pair as Pair<IdentifiedTable>);
  }

  #diffInterfaces(before: IdentifiedNode, after: IdentifiedNode): void {
    const old = idSet(before.implements, this.#acceptedInterfaces);
    if (idSet(after.implements, this.#desiredInterfaces) !== old) {
      this.#refuse("U03", `node:${after.name}`, `changing implemented interfaces of node '${after.name}' is not supported`);
    }
  }

  #diffEdgeHead(before: IdentifiedEdge, after: IdentifiedEdge): void {
    const entity = `edge:${after.name}`;
    const moved =
      this.#acceptedNodes.get(before.source) !== this.#desiredNodes.get(after.source) ||
      this.#acceptedNodes.get(before.target) !== this.#desiredNodes.get(after.target);
    if (moved) this.#refuse("U04", entity, `changing edge endpoints of '${after.name}' is not supported`);
    if (before.cardinality.min !== after.cardinality.min || before.cardinality.max !== after.cardinality.max) {
      this.#refuse("U05", entity, `changing cardinality of edge '${after.name}' is not supported`);
    }
  }

  #diffTypeMetadata({ kind, before, after }: Pair<IdentifiedTable>): void {
    const change = compareMetadata(before.annotations, after.annotations);
    if (change === "custom") {
      this.#refuse(
        "U13",
        `${kind}:${after.name}`,
        `changing annotations of '${after.name}' beyond @description/@instruction is not supported`,
      );
    } else if (change === "text") {
      this.#steps.push({ kind: "update_type_metadata", typeKind: kind, name: after.name, annotations: after.annotations.filter(isText) });
    }
  }

  #diffProperties(pair: Pair): void {
    const { kind, before, after } = pair;
    const old = new Map(before.properties.map((property) => [property.propertyId, property]));
    const kept = new Set<bigint>();
    for (const property of after.properties) {
      const predecessor = old.get(property.propertyId);
      kept.add(property.propertyId);
      if (predecessor === undefined) this.#addProperty(kind, after.name, property);
      else this.#diffProperty(pair, predecessor, property);
    }
    for (const property of before.properties) {
      if (kept.has(property.propertyId)) continue;
      this.#steps.push({ kind: "drop_property", typeKind: kind, typeName: after.name, propertyName: property.name, mode: this.#dropMode });
    }
  }

  #addProperty(kind: TypeKind, typeName: string, { name, type }: IdentifiedProperty): void {
    if (type.isNullable) {
      this.#steps.push({ kind: "add_property", typeKind: kind, typeName, propertyName: name, propertyType: type });
      return;
    }
    const reason = `adding required property '${typeName}.${name}' needs a backfill of existing entities; add it as nullable`;
    this.#refuse("U06", `${kind}:${typeName}.${name}`, reason, "OG-MF-103");
  }

  #diffProperty(pair: Pair, before: IdentifiedProperty, after: IdentifiedProperty): void {
    const { kind } = pair;
    const typeName = pair.after.name;
    const path = `${typeName}.${after.name}`;
    const entity = `${kind}:${path}`;
    if (before.name !== after.name)
      this.#steps.push({ kind: "rename_property", typeKind: kind, typeName, from: before.name, to: after.name });
    this.#diffPropertyType(kind, typeName, before, after);
    if (embedIdentity(before, pair.beforeIds) !== embedIdentity(after, pair.afterIds)) {
      this.#refuse("U08", entity, `changing @embed of '${path}' is not supported`);
    }
    this.#diffPropertyConstraints(kind, typeName, before, after);
    if (before.isDeclared !== after.isDeclared) {
      this.#refuse("U11", entity, `changing the declaration provenance of '${path}' (injected or declared) is not supported`);
    }
    if (idSet(before.satisfies, this.#acceptedInterfaces) !== idSet(after.satisfies, this.#desiredInterfaces)) {
      this.#refuse("U12", entity, `changing the interface satisfaction links of '${path}' is not supported`);
    }
    const change = compareMetadata(before.annotations, after.annotations);
    if (change === "custom") {
      this.#refuse("U14", entity, `changing annotations of '${path}' beyond @description/@instruction is not supported`);
    } else if (change === "text") {
      const annotations = after.annotations.filter(isText);
      this.#steps.push({ kind: "update_property_metadata", typeKind: kind, typeName, propertyName: after.name, annotations });
    }
  }

  #diffPropertyType(kind: TypeKind, typeName: string, before: IdentifiedProperty, after: IdentifiedProperty): void {
    const [from, to] = [displayType(before.type), displayType(after.type)];
    if (from === to) return;
    const addedValues = widening(before.type, after.type);
    if (addedValues !== undefined) {
      this.#steps.push({ kind: "extend_enum", typeKind: kind, typeName, propertyName: after.name, addedValues });
      return;
    }
    const path = `${typeName}.${after.name}`;
    this.#refuse("U07", `${kind}:${path}`, `changing property type of '${path}' from ${from} to ${to} is not supported`, "OG-MF-106");
  }

  #diffPropertyConstraints(kind: TypeKind, typeName: string, before: IdentifiedProperty, after: IdentifiedProperty): void {
    const path = `${typeName}.${after.name}`;
    const removed = before.propertyConstraints.filter((item) => !after.propertyConstraints.includes(item));
    if (removed.length > 0) {
      const names = removed.map((item) => `@${item}`).join(", ");
      this.#refuse("U09", `${kind}:${path}`, `removing property constraints (${names}) from '${path}' is not supported`);
    }
    for (const added of after.propertyConstraints) {
      if (before.propertyConstraints.includes(added)) continue;
      if (added === "index") this.#addIndex(kind, typeName, { kind: "index", fields: [after.name] });
      else this.#refuse("U10", `${kind}:${path}`, `adding a property-level @${added} constraint to '${path}' is not supported`);
    }
  }

  #diffConstraints({ kind, before, after }: Pair<IdentifiedTable>): void {
    const old = new Map(identifyConstraints(before).map(({ identity, constraint }) => [identity, constraint]));
    const wanted = identifyConstraints(after);
    const entity = `${kind}:${after.name}`;
    const remaining = new Set(wanted.map((item) => item.identity));
    if ([...old.keys()].some((identity) => !remaining.has(identity))) {
      this.#refuse("U15", entity, `removing constraints from '${after.name}' is not supported`);
    }
    for (const { identity, constraint } of wanted.toSorted((a, b) => compareText(a.identity, b.identity))) {
      const predecessor = old.get(identity);
      if (predecessor !== undefined) {
        if (constraint.kind === "index" && settingsOf(predecessor) !== settingsOf(constraint)) {
          this.#steps.push({ kind: "update_index", typeKind: kind, typeName: after.name, constraint });
        }
      } else if (constraint.kind === "index") this.#addIndex(kind, after.name, constraint);
      else this.#refuse("U16", entity, `adding constraint @${constraint.kind} to existing type '${after.name}' is not supported`);
    }
  }

  #addIndex(typeKind: TypeKind, typeName: string, constraint: IndexConstraint): void {
    const identity = `${typeKind}:${typeName}:${constraint.fields.join()}`;
    if (this.#plannedIndexes.has(identity)) return;
    this.#plannedIndexes.add(identity);
    this.#steps.push({ kind: "add_constraint", typeKind, typeName, constraint });
  }

  #refuse(rule: UnsupportedRule, entity: string, reason: string, code?: MigrationCode): void {
    this.#steps.push({ kind: "unsupported_change", rule, entity, reason, code });
  }
}

function idsByName(types: readonly IdentifiedType[]): ReadonlyMap<string, bigint> {
  return new Map(types.map((type) => [type.name, type.typeId]));
}

/** A set of type names as text that is equal for equal sets of ids. */
function idSet(names: readonly string[], ids: ReadonlyMap<string, bigint>): string {
  return names
    .map((name) => String(ids.get(name)))
    .sort()
    .join(",");
}

/** The values that `after` adds when it is a proper widening of the enum `before` (§14.4). */
function widening(before: PropertyType, after: PropertyType): readonly string[] | undefined {
  const { enumValues: old } = before;
  const { enumValues: wanted } = after;
  if (old === undefined || wanted === undefined || before.isNullable !== after.isNullable) return undefined;
  const known = new Set(old);
  const added = wanted.filter((value) => !known.has(value));
  return added.length > 0 && wanted.length - added.length === old.length ? added : undefined;
}

function propertyIds(type: IdentifiedType): ReadonlyMap<string, bigint> {
  return new Map(type.properties.map((property) => [property.name, property.propertyId]));
}

/** Source by id, model by text. */
function embedIdentity({ embed }: IdentifiedProperty, ids: ReadonlyMap<string, bigint>): string {
  return embed === null ? "" : JSON.stringify([String(ids.get(embed.sourceProperty)), embed.model]);
}

function isText(annotation: Annotation): boolean {
  return annotation.name === "description" || annotation.name === "instruction";
}

function annotationTexts(annotations: readonly Annotation[]): string {
  return annotations.map((annotation) => compactJson(annotationToJson(annotation))).join("\n");
}

/** Both lists are sorted (§12.2). */
function compareMetadata(before: readonly Annotation[], after: readonly Annotation[]): "none" | "text" | "custom" {
  const custom = (list: readonly Annotation[]): string => annotationTexts(list.filter((annotation) => !isText(annotation)));
  if (custom(before) !== custom(after)) return "custom";
  return annotationTexts(before) === annotationTexts(after) ? "none" : "text";
}

/** How an index searches its text. */
function settingsOf(constraint: Constraint): string {
  return textAnalysisName((constraint.kind === "index" ? constraint.text : undefined) ?? DEFAULT_TEXT_ANALYSIS);
}

/** Identity texts of §14.3 step 5. */
function identifyConstraints(table: IdentifiedTable): readonly IdentifiedConstraint[] {
  const ids = propertyIds(table);
  const field = (name: string): string => {
    const propertyId = ids.get(name);
    return propertyId === undefined ? `system:${table.typeId}:${table.incarnationId}:${name}` : `property:${table.typeId}:${propertyId}`;
  };
  return table.constraints.map((constraint) => {
    switch (constraint.kind) {
      case "range":
        return { constraint, identity: `range:${field(constraint.field)}:${boundText(constraint.min)}:${boundText(constraint.max)}` };
      case "check":
        return { constraint, identity: `check:${field(constraint.field)}:${constraint.pattern}` };
      default:
        return { constraint, identity: `${constraint.kind}:${constraint.fields.map(field).sort(compareText).join(",")}` };
    }
  });
}
