import type { PropertyType } from "../types/property-type.js";
import type { TextAnalysis } from "../types/text-analysis.js";
import { parseTypeKey } from "./type-key.js";

/** A user or custom annotation as recorded in the canonical shape. */
export interface Annotation {
  readonly name: string;
  readonly value: string | null;
  readonly kwargs: Readonly<Record<string, string>>;
}

export type Bound = { readonly kind: "integer"; readonly value: bigint } | { readonly kind: "float"; readonly value: number };

/** Names of declared properties; on edges also the system columns `src` and `dst`. */
export type ConstraintField = string;

export type Constraint =
  | { readonly kind: "key"; readonly fields: readonly ConstraintField[] }
  | { readonly kind: "unique"; readonly fields: readonly ConstraintField[] }
  /** `text`: how the text of its one property is searched; left out when that is the default. */
  | { readonly kind: "index"; readonly fields: readonly ConstraintField[]; readonly text?: TextAnalysis }
  | { readonly kind: "range"; readonly field: string; readonly min: Bound | null; readonly max: Bound | null }
  | { readonly kind: "check"; readonly field: string; readonly pattern: string };

export interface EmbedBinding {
  readonly sourceProperty: string;
  readonly model: string | null;
}

export interface Property {
  readonly name: string;
  /** Stable across renames (schema specification §13.3). */
  readonly propertyId: bigint;
  readonly type: PropertyType;
  readonly annotations: readonly Annotation[];
  readonly embed: EmbedBinding | null;
  /** How its text is searched; without effect on other types than `String`. */
  readonly textAnalysis: TextAnalysis;
}

interface TableType {
  readonly name: string;
  readonly typeId: bigint;
  /** Lifetime of the type's dataset: drop and re-add gives a new one. */
  readonly incarnationId: bigint;
  readonly annotations: readonly Annotation[];
  /** Declared and injected properties, ascending by name (byte order): the column order after the system columns. */
  readonly properties: readonly Property[];
  readonly propertyByName: ReadonlyMap<string, Property>;
  readonly constraints: readonly Constraint[];
}

export interface NodeType extends TableType {
  readonly kind: "node";
  readonly typeKey: `node:${string}`;
  readonly interfaces: readonly string[];
  /** Key properties in id order: ascending property id (§10.3). Empty when the type has no key. */
  readonly key: readonly Property[];
}

export interface EdgeType extends TableType {
  readonly kind: "edge";
  readonly typeKey: `edge:${string}`;
  /** Node type names of the endpoints. */
  readonly source: string;
  readonly target: string;
  /** Bounds on edges of this type that leave one source entity; `max` null = unbounded. */
  readonly cardinality: { readonly min: number; readonly max: number | null };
}

export type EntityType = NodeType | EdgeType;

/**
 * The resolved accepted schema: immutable and indexed by name.
 *
 * Iteration order of the arrays is ascending by name; nothing may depend on the order of the maps.
 */
export interface Catalog {
  /** Hash of the accepted document with identities; names this catalog in plan caches. */
  readonly irHash: string;
  /** Hash of the canonical shape (schema specification §12.3). */
  readonly shapeHash: string;
  readonly nodeTypes: readonly NodeType[];
  readonly edgeTypes: readonly EdgeType[];
  readonly nodeTypeByName: ReadonlyMap<string, NodeType>;
  readonly edgeTypeByName: ReadonlyMap<string, EdgeType>;
  /** Edge types by case-folded name (C04 makes these unique). */
  readonly edgeTypeByFoldedName: ReadonlyMap<string, EdgeType>;
  /** Names only: interfaces have no rows. */
  readonly interfaceNames: readonly string[];
}

export function findEntityType(catalog: Catalog, typeKey: string): EntityType | undefined {
  const parsed = parseTypeKey(typeKey);
  if (parsed === undefined) return undefined;
  return (parsed.kind === "node" ? catalog.nodeTypeByName : catalog.edgeTypeByName).get(parsed.name);
}

/** Exact name first, then ignoring case (query TY-12, engine LD-14). */
export function resolveEdgeType(catalog: Catalog, word: string): EdgeType | undefined {
  return catalog.edgeTypeByName.get(word) ?? catalog.edgeTypeByFoldedName.get(word.toLowerCase());
}
