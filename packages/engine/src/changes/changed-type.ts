import { sha256Digest } from "@omnigraphdb/common";
import { type Catalog, type EntityType, findEntityType } from "@omnigraphdb/compiler";
import { isSameState } from "../delta/type-states.js";
import type { CommitRecord, DatasetPin } from "../manifest/manifest.js";
import type { ChangeScope } from "./change-filter.js";
import type { EntityKind } from "./change.js";

/** What one commit shows, and the schema it was written under. */
export interface GraphState {
  readonly record: CommitRecord;
  readonly catalog: Catalog;
}

/** A type as one of the two states has it. */
export interface TypeSide {
  readonly type: EntityType;
  readonly pin: DatasetPin;
}

/** A type whose entities may differ between two states. At least one side is there. */
export interface ChangedType {
  /** Opaque; the same for as long as the type lives, whatever it is called (CH-23). */
  readonly id: string;
  readonly kind: EntityKind;
  /** On the later side, if it still exists there. */
  readonly name: string;
  readonly before: TypeSide | undefined;
  readonly after: TypeSide | undefined;
}

/** All types of two states by identity, renamed ones together (CH-23); unordered. */
function pairTypes(before: GraphState, after: GraphState): readonly ChangedType[] {
  const older = sidesOf(before);
  const newer = sidesOf(after);
  return [...new Set([...older.keys(), ...newer.keys()])].flatMap((identity): ChangedType[] => {
    const sides = { before: older.get(identity), after: newer.get(identity) };
    const shown = sides.after ?? sides.before;
    if (shown === undefined) return [];
    return [{ id: `t-${sha256Digest(identity).slice(-16)}`, kind: shown.type.kind, name: shown.type.name, ...sides }];
  });
}

/** Types of the scope whose rows are not known to be the same (CH-2, level 1). */
export function changedTypes(before: GraphState, after: GraphState, scope: ChangeScope): readonly ChangedType[] {
  return pairTypes(before, after).filter((pair) => isInScope(pair, scope) && mayDiffer(pair));
}

function isInScope({ kind, before, after }: ChangedType, scope: ChangeScope): boolean {
  return scope.hasType(kind, [before, after].flatMap((side) => side?.type.name ?? []));
}

function mayDiffer({ before, after }: ChangedType): boolean {
  if (before !== undefined && after !== undefined && isSameState(before.pin, after.pin)) return false;
  return (before?.pin.entityCount ?? 0) + (after?.pin.entityCount ?? 0) > 0;
}

function sidesOf({ record, catalog }: GraphState): ReadonlyMap<string, TypeSide> {
  const sides = new Map<string, TypeSide>();
  for (const [typeKey, pin] of record.pins) {
    const type = findEntityType(catalog, typeKey);
    if (type !== undefined) sides.set(`${type.kind}/${pin.typeId}/${pin.incarnationId}`, { type, pin });
  }
  return sides;
}

/**
 * The first type of the scope whose entities a schema change altered or removed (CH-26): populated, and dropped, or with a property
 * that was dropped or renamed. A property that was added is null everywhere, and images written before do not have it; types that
 * were added or renamed, and annotations, change no image.
 */
export function schemaBoundary(before: GraphState, after: GraphState, scope: ChangeScope): string | undefined {
  if (before.record.schemaIdentity === after.record.schemaIdentity) return undefined;
  const altered = pairTypes(before, after).filter((pair) => isInScope(pair, scope) && (pair.before?.pin.entityCount ?? 0) > 0 && losesProperty(pair));
  return altered.map((pair) => (pair.before as TypeSide).type.name).sort()[0];
}

function losesProperty({ before, after }: ChangedType): boolean {
  if (before === undefined) return false;
  if (after === undefined) return true;
  const names = new Map(after.type.properties.map(({ propertyId, name }) => [propertyId, name]));
  return before.type.properties.some(({ propertyId, name }) => names.get(propertyId) !== name);
}
