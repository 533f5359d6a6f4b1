import type { Catalog, Condition, Expression, PropertyType } from "@omnigraphdb/compiler";
import { findEntityType, nodeTypeKey } from "@omnigraphdb/compiler";
import type { PreparedPlan, TraversalOperation } from "../exec/prepared-plan.js";
import type { Snapshot } from "../manifest/snapshot.js";

/** Shares of rows that are assumed where nothing better is known: System R's, which are as good as any without histograms. */
const EQUAL_SHARE = 0.1;
const RANGE_SHARE = 0.3;
const UNEQUAL_SHARE = 0.9;
const TEXT_SHARE = 0.1;

/** Values that a property without known distinct values is taken to have, per row of its type. */
const DISTINCT_SHARE = 0.1;

/** Row estimates from what a snapshot knows without reading: entities per type, keys, enums. The formulas are in docs/user/explain.md. */
export class RowEstimates {
  readonly #snapshot: Snapshot;
  readonly #prepared: PreparedPlan;
  readonly #catalog: Catalog;
  /** Items of a constant list; undefined when it is no list. */
  readonly #listLength: (constant: Expression) => number | undefined;

  constructor(snapshot: Snapshot, prepared: PreparedPlan, listLength: (constant: Expression) => number | undefined) {
    this.#snapshot = snapshot;
    this.#prepared = prepared;
    this.#catalog = snapshot.catalog;
    this.#listLength = listLength;
  }

  /** Entities of the type of a slot. */
  entityCount(slot: number): number {
    const typeKey = this.#prepared.slots[slot]?.typeKey ?? "";
    return this.#snapshot.entries.get(typeKey)?.entityCount ?? 0;
  }

  scan(slot: number, conditions: readonly Condition[]): number {
    return conditions.reduce((rows, condition) => rows * this.share(condition), this.entityCount(slot));
  }

  /** Average number of targets a traversal reaches from one origin. */
  reach(operation: TraversalOperation): number {
    const edgeType = this.#catalog.edgeTypeByName.get(operation.edgeType);
    if (edgeType === undefined) return 0;
    const countOf = (typeKey: string): number => this.#snapshot.entries.get(typeKey)?.entityCount ?? 0;
    const edges = countOf(edgeType.typeKey);
    const sources = Math.max(1, countOf(nodeTypeKey(edgeType.source)));
    const targets = Math.max(1, countOf(nodeTypeKey(edgeType.target)));
    const degree = { out: edges / sources, in: edges / targets, both: (2 * edges) / sources }[operation.direction];
    if (operation.maxHops === 1) return operation.minHops > 1 ? 0 : degree;
    let reached = 0;
    let level = 1;
    for (let hop = 1; hop <= operation.maxHops && reached < targets; hop++) {
      level *= degree;
      if (hop >= operation.minHops) reached += level;
      if (level < 1e-6) break;
    }
    return Math.min(targets, reached);
  }

  /** Share of pairs of bound ends that a closing traversal keeps; with an edge variable, edges per pair. */
  closeShare(operation: TraversalOperation): number {
    const share = this.reach(operation) / Math.max(1, this.entityCount(operation.target));
    return operation.edge === undefined ? Math.min(1, share) : share;
  }

  /** Share of rows that satisfy a condition. */
  share({ operator, left, right }: Condition): number {
    switch (operator) {
      case "=":
        return this.equalShare(left, right);
      case "!=":
        return UNEQUAL_SHARE;
      case "member": {
        const items = this.#listLength(left);
        return items === undefined ? EQUAL_SHARE : Math.min(1, items * this.equalShare(right, left));
      }
      case "substring":
      case "prefix":
        return TEXT_SHARE;
      default:
        return RANGE_SHARE;
    }
  }

  /** Share of pairs of values that are equal: one over the distinct values of the side that has more of them. */
  equalShare(left: Expression, right: Expression): number {
    const distinct = Math.max(this.#knownDistinct(left) ?? 0, this.#knownDistinct(right) ?? 0);
    return distinct === 0 ? EQUAL_SHARE : 1 / distinct;
  }

  /** Groups that `rows` rows form by `keys`. */
  groups(rows: number, keys: readonly Expression[]): number {
    const combinations = keys.reduce((product, key) => product * this.#distinct(key), 1);
    return Math.min(rows, combinations);
  }

  #distinct(expression: Expression): number {
    const known = this.#knownDistinct(expression);
    if (known !== undefined) return known;
    if (expression.kind !== "Property") return 1;
    const slot = this.#prepared.slotByVariable.get(expression.variable);
    return slot === undefined ? 1 : Math.max(1, this.entityCount(slot.index) * DISTINCT_SHARE);
  }

  /** Distinct values by key, id, enum or boolean; undefined when unknown. */
  #knownDistinct(expression: Expression): number | undefined {
    if (expression.kind !== "Property" && expression.kind !== "Variable") return undefined;
    const slot = this.#prepared.slotByVariable.get(expression.variable);
    if (slot === undefined) return undefined;
    const count = Math.max(1, this.entityCount(slot.index));
    if (expression.kind === "Variable" || this.#isUnique(slot.typeKey, expression.property)) return count;
    const limited = valueCountOf(expression.type);
    return limited === undefined ? undefined : Math.min(count, limited);
  }

  #isUnique(typeKey: string, property: string): boolean {
    const type = findEntityType(this.#catalog, typeKey);
    if (type === undefined) return false;
    const keys = "key" in type ? type.key.map(({ name }) => name) : [];
    return keys.length === 1 && keys[0] === property;
  }
}

function valueCountOf(type: PropertyType): number | undefined {
  if (type.isList) return undefined;
  return type.base.kind === "Bool" ? 2 : type.enumValues?.length;
}
