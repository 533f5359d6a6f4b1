import type { Annotation, Constraint } from "../catalog/catalog.js";
import type { TypeKind } from "../catalog/match-identity.js";
import type { PropertyType } from "../types/property-type.js";
import type { MigrationCode } from "./migration-codes.js";

export type IndexConstraint = Extract<Constraint, { kind: "index" }>;

/** `soft` keeps dropped data in earlier snapshots until a cleanup; `hard` reclaims it (§16.4). */
export type DropMode = "soft" | "hard";

/** Rule of §14.5 that refuses a change. */
export type UnsupportedRule = `U${string}`;

/**
 * One step of a migration (§14.2). Names are those of the desired schema, except in drops and in `from`.
 *
 * `annotations` are the complete new `@description` and `@instruction`, sorted; `addedValues` is sorted.
 */
export type MigrationStep =
  | { readonly kind: "add_type"; readonly typeKind: TypeKind; readonly name: string }
  | { readonly kind: "rename_type"; readonly typeKind: TypeKind; readonly from: string; readonly to: string }
  | {
      readonly kind: "add_property";
      readonly typeKind: TypeKind;
      readonly typeName: string;
      readonly propertyName: string;
      readonly propertyType: PropertyType;
    }
  | { readonly kind: "rename_property"; readonly typeKind: TypeKind; readonly typeName: string; readonly from: string; readonly to: string }
  | { readonly kind: "add_constraint"; readonly typeKind: TypeKind; readonly typeName: string; readonly constraint: Constraint }
  /** An index that stays, with other settings: `constraint` has the new ones. */
  | { readonly kind: "update_index"; readonly typeKind: TypeKind; readonly typeName: string; readonly constraint: IndexConstraint }
  | {
      readonly kind: "extend_enum";
      readonly typeKind: TypeKind;
      readonly typeName: string;
      readonly propertyName: string;
      readonly addedValues: readonly string[];
    }
  | {
      readonly kind: "update_type_metadata";
      readonly typeKind: TypeKind;
      readonly name: string;
      readonly annotations: readonly Annotation[];
    }
  | {
      readonly kind: "update_property_metadata";
      readonly typeKind: TypeKind;
      readonly typeName: string;
      readonly propertyName: string;
      readonly annotations: readonly Annotation[];
    }
  | { readonly kind: "drop_type"; readonly typeKind: TypeKind; readonly name: string; readonly mode: DropMode }
  | {
      readonly kind: "drop_property";
      readonly typeKind: TypeKind;
      readonly typeName: string;
      readonly propertyName: string;
      readonly mode: DropMode;
    }
  | UnsupportedChange;

/** Refuses the whole plan (§14.5). */
export interface UnsupportedChange {
  readonly kind: "unsupported_change";
  /** Not part of the JSON form: identifies the rule in tests and documentation. */
  readonly rule: UnsupportedRule;
  /** `node:Plant`, `node:Plant.label`, or `schema`. */
  readonly entity: string;
  readonly reason: string;
  readonly code: MigrationCode | undefined;
}
