import type { ChangeFilter, ChangeOp, EntityImage } from "./changes.js";
import type { EntityKind } from "./entity.js";

export interface DiffOptions extends ChangeFilter {
  /** Also show the entities before and after; default false. */
  readonly images?: boolean;
}

/** One entity that differs between two states of the graph. */
export interface EntityDifference {
  readonly kind: EntityKind;
  readonly typeName: string;
  readonly id: string;
  readonly op: ChangeOp;
  readonly publishedDatasetVersion: number;
  /** Of edges. */
  readonly endpoints?: { readonly src: string; readonly dst: string };
  readonly before?: EntityImage;
  readonly after?: EntityImage;
}

/** What differs between two states: edges before nodes, then ascending by type name and id. */
export interface GraphDiff {
  readonly fromGraphManifestVersion: number;
  readonly toGraphManifestVersion: number;
  /** Of the later state; null = main. */
  readonly graphBranch: string | null;
  readonly changes: readonly EntityDifference[];
  readonly stats: {
    readonly inserts: number;
    readonly updates: number;
    readonly deletes: number;
    /** Ascending. */
    readonly typesAffected: readonly string[];
  };
}
