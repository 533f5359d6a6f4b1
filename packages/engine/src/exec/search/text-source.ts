import { must } from "@omnigraphdb/common";
import { findEntityType, type Property } from "@omnigraphdb/compiler";
import type { TypeTable } from "../../cache/type-table.js";
import type { TextIndex } from "../../search/text-index.js";
import type { DataSource } from "../load-data.js";
import type { PreparedPlan } from "../prepared-plan.js";
import { waitUnlessAborted } from "../wait.js";
import { fieldName, type SearchField } from "./prepared-search.js";

/** Words of the searched properties, by the name of the field. Row numbers are those of the whole dataset. */
export type TextIndexes = ReadonlyMap<string, TextIndex>;

/** The words of every searched property, if all of them are in memory already. */
export function findTextIndexes(prepared: PreparedPlan, source: DataSource): TextIndexes | undefined {
  const found = new Map<string, TextIndex>();
  for (const field of prepared.search.textFields) {
    const index = tableOf(field, prepared, source).findTextIndex(propertyOf(field, prepared, source));
    if (index === undefined) return undefined;
    found.set(fieldName(field), index);
    traceWords(field, index, true, source);
  }
  return found;
}

export async function loadTextIndexes(prepared: PreparedPlan, source: DataSource): Promise<TextIndexes> {
  const loads = prepared.search.textFields.map(async (field): Promise<[string, TextIndex]> => {
    const table = tableOf(field, prepared, source);
    const property = propertyOf(field, prepared, source);
    const held = table.findTextIndex(property);
    const index = held ?? (await table.loadTextIndex(property));
    traceWords(field, index, held !== undefined, source);
    return [fieldName(field), index];
  });
  return new Map(await waitUnlessAborted(Promise.all(loads), source.signal, "query"));
}

function traceWords({ slot, property }: SearchField, { rowCount, byteCount }: TextIndex, isCached: boolean, { trace }: DataSource): void {
  trace?.access(slot, { kind: "textIndex", detail: property });
  trace?.read(slot, { rows: rowCount, bytes: byteCount, isCached });
}

export function propertyOf({ slot, property }: SearchField, { slots }: PreparedPlan, { snapshot }: DataSource): Property {
  const type = findEntityType(snapshot.catalog, must(slots[slot], "a searched variable has a slot").typeKey);
  return must(type?.propertyByName.get(property), `no property ${property}`);
}

export function tableOf({ slot }: SearchField, { slots }: PreparedPlan, { caches, snapshot, datasets }: DataSource): TypeTable {
  return caches.table(snapshot, must(slots[slot], "a searched variable has a slot").typeKey, datasets);
}
