import type { PropertyType } from "../types/property-type.js";
import type { Annotation, Constraint, EmbedBinding } from "./catalog.js";

/** What a schema source means, free of formatting, order and identity; normalised as in §12.2. */
export interface SchemaShape {
  readonly interfaces: readonly InterfaceShape[];
  readonly nodes: readonly NodeShape[];
  readonly edges: readonly EdgeShape[];
}

export interface InterfaceShape {
  readonly name: string;
  readonly properties: readonly PropertyShape[];
}

export interface NodeShape {
  readonly name: string;
  readonly annotations: readonly Annotation[];
  readonly implements: readonly string[];
  readonly properties: readonly PropertyShape[];
  readonly constraints: readonly Constraint[];
}

export interface EdgeShape {
  readonly name: string;
  readonly source: string;
  readonly target: string;
  readonly cardinality: { readonly min: number; readonly max: number | null };
  readonly annotations: readonly Annotation[];
  readonly properties: readonly PropertyShape[];
  readonly constraints: readonly Constraint[];
}

export type PropertyConstraint = "key" | "unique" | "index";

export interface PropertyShape {
  readonly name: string;
  readonly type: PropertyType;
  readonly annotations: readonly Annotation[];
  /** Constraints written as annotations, in the order key, unique, index. */
  readonly propertyConstraints: readonly PropertyConstraint[];
  readonly embed: EmbedBinding | null;
  readonly isDeclared: boolean;
  /** Interface properties that it satisfies, by interface name. The property name is the same. */
  readonly satisfies: readonly string[];
}
