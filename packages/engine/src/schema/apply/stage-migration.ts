/**
 * What a migration does to the datasets (SA-5). It follows from the two catalogs alone, type by type and property by property,
 * by identity: the steps of the plan describe the same change to people.
 *
 * No step reads or writes a row (ADR 0009): columns come, go and change names in the metadata of a dataset, a renamed type is
 * another key for the same coordinate, and everything else is said by the contract files.
 */
import { must } from "@omnigraphdb/common";
import type { AcceptedSchema, EntityType, Property } from "@omnigraphdb/compiler";
import type { Snapshot } from "../../manifest/snapshot.js";
import type { DatasetEffect } from "../../storage/dataset-gateway.js";
import { type DatasetColumn, datasetSchemaOf, propertyColumnOf } from "../../storage/dataset-schema.js";
import { datasetDirectory } from "../../storage/layout.js";
import type { StagedDatasetWrite, StagedRegistration, StagedWrite } from "../../transaction/staged-write.js";

interface StageOptions {
  /** Old versions of datasets that lose a column are removed afterwards: see {@link columnEffects}. */
  readonly reclaims: boolean;
}

/** @param snapshot head of `main`, written under `before` */
export function stageMigration(snapshot: Snapshot, before: AcceptedSchema, after: AcceptedSchema, options: StageOptions): StagedWrite {
  const oldTypes = new Map(entityTypes(before).map((type) => [type.typeId, type]));
  const datasets: StagedDatasetWrite[] = [];
  const registrations: StagedRegistration[] = [];
  const renames: { readonly from: string; readonly to: string }[] = [];
  for (const type of entityTypes(after)) {
    const predecessor = oldTypes.get(type.typeId);
    oldTypes.delete(type.typeId);
    if (predecessor === undefined) {
      registrations.push(registrationOf(type));
      continue;
    }
    if (predecessor.typeKey !== type.typeKey) renames.push({ from: predecessor.typeKey, to: type.typeKey });
    const effects = columnEffects(predecessor.properties, type.properties, options);
    if (effects.length === 0) continue;
    const entry = must(snapshot.entries.get(predecessor.typeKey), `${predecessor.typeKey} is shown by the head`);
    datasets.push({ typeKey: predecessor.typeKey, strictness: "strict", effects, entityCountAfter: entry.entityCount });
  }
  const drops = [...oldTypes.values()].map((type) => type.typeKey).sort();
  datasets.sort((a, b) => (a.typeKey < b.typeKey ? -1 : 1));
  return { writerKind: "SchemaApply", datasets, schemaChange: { accepted: after, registrations, renames, drops } };
}

function entityTypes({ catalog }: AcceptedSchema): readonly EntityType[] {
  return [...catalog.edgeTypes, ...catalog.nodeTypes];
}

function registrationOf(type: EntityType): StagedRegistration {
  const { kind, typeKey, typeId, incarnationId } = type;
  return { typeKey, typeId, incarnationId, directory: datasetDirectory({ kind, typeId, incarnationId }), schema: datasetSchemaOf(type) };
}

/**
 * At most three native commits. Names are free when they are needed: a dropped property may have the name of a new one, and no
 * name is renamed away and used again in one migration (schema specification §13.4).
 *
 * Where old versions are to be removed, the dataset is compacted as well: it takes the dropped values out of the files, and
 * leaves nothing to compact for the native removal of versions, which would publish by itself (SUB-12).
 */
function columnEffects(before: readonly Property[], after: readonly Property[], { reclaims }: StageOptions): readonly DatasetEffect[] {
  const remaining = new Map(before.map((property) => [property.propertyId, property]));
  const renames: { readonly from: string; readonly to: string }[] = [];
  const columns: DatasetColumn[] = [];
  for (const property of after) {
    const predecessor = remaining.get(property.propertyId);
    remaining.delete(property.propertyId);
    if (predecessor === undefined) columns.push(propertyColumnOf(property));
    else if (predecessor.name !== property.name) renames.push({ from: predecessor.name, to: property.name });
  }
  const names = [...remaining.values()].map((property) => property.name);
  const effects: DatasetEffect[] = [];
  if (names.length > 0) effects.push({ kind: "dropColumns", names });
  if (renames.length > 0) effects.push({ kind: "renameColumns", renames });
  if (columns.length > 0) effects.push({ kind: "addColumns", columns });
  if (names.length > 0 && reclaims) effects.push({ kind: "compact" });
  return effects;
}
