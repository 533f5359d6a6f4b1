import type { LoadedType, LoadInput, LoadMode } from "../graph-api.js";
import type { StagedDatasetWrite, WriteStrictness } from "../transaction/staged-write.js";
import type { PreparedWrite, WriteView } from "../transaction/write-coordinator.js";
import { footprintOf } from "../validate/footprint.js";
import { validateDelta } from "../validate/validate-delta.js";
import { LoadInputError, LoadSchemaChangedError } from "./errors.js";
import { type LoadContext, type ReadLoad, readLoad, type ReadOptions } from "./read-load.js";
import { stageType } from "../staging/stage-type.js";

const LOAD_MODES: readonly LoadMode[] = ["append", "merge", "overwrite"];

/** Entities per type that a load wrote, ascending by name. */
export interface LoadCounts {
  readonly nodes: readonly LoadedType[];
  readonly edges: readonly LoadedType[];
  readonly totalEntities: number;
}

/**
 * One load: reads its input on the first preparation and judges it again on every later one, without reading anew
 * (OCC-4). Dispose it when the write is over, whatever its outcome: it may hold staging files.
 */
export interface PreparedLoad extends AsyncDisposable {
  /** For {@link WriteCoordinator.write}. */
  prepare(view: WriteView): Promise<PreparedWrite<LoadCounts>>;
}

/** See {@link PreparedLoad}. Nothing is read before the first `prepare`. */
export function prepareLoad(input: LoadInput, options: ReadOptions, context: LoadContext): PreparedLoad {
  // Callers without a type checker: a mode that is none would be taken for some other one.
  if (!LOAD_MODES.includes(options.mode)) {
    throw new LoadInputError(`'${options.mode}' is no load mode`, `Use one of ${LOAD_MODES.join(", ")}.`);
  }
  let reading: Promise<ReadLoad> | undefined;
  return {
    async prepare(view) {
      reading ??= readLoad(input, view.schema, options, context);
      const load = await reading;
      if (load.irHash !== view.schema.irHash) throw new LoadSchemaChangedError();
      return judge(load, view, options);
    },
    async [Symbol.asyncDispose]() {
      // A failed reading has disposed its files itself.
      const load = await reading?.catch(() => undefined);
      await load?.[Symbol.asyncDispose]();
    },
  };
}

async function judge(load: ReadLoad, view: WriteView, options: ReadOptions): Promise<PreparedWrite<LoadCounts>> {
  const progress = { recordCount: load.recordCount, byteCount: load.byteCount };
  options.onProgress?.({ ...progress, phase: "validating" });
  const delta = { types: load.types, isStrictInsert: options.mode === "append", hash: load.hash };
  const resolutions = await validateDelta(delta, view, load.violations, options.signal);
  const datasets: StagedDatasetWrite[] = [];
  for (const [typeKey, typeDelta] of [...load.types].sort(([a], [b]) => (a < b ? -1 : 1))) {
    const committedCount = view.snapshot.entries.get(typeKey)?.entityCount ?? 0;
    const staged = stageType(typeDelta, resolutions.get(typeKey), committedCount, strictnessOf(options));
    if (staged !== undefined) datasets.push(staged);
  }
  options.onProgress?.({ ...progress, phase: "writing" });
  const footprint = options.mode === "overwrite" || datasets.length === 0 ? undefined : await footprintOf(delta, resolutions);
  return { staged: { writerKind: "Load", datasets, ...(footprint === undefined ? {} : { footprint }) }, result: countEntities(load) };
}

function strictnessOf(options: ReadOptions): WriteStrictness {
  switch (options.mode) {
    case "overwrite":
      return "strict";
    case "append":
      return "insert";
    case "merge":
      return "merge";
  }
}

function countEntities(load: ReadLoad): LoadCounts {
  const loaded = [...load.types.values()].map(({ type, rows, dropped }) => ({
    kind: type.kind,
    name: type.name,
    entitiesLoaded: rows.rowCount - dropped.size,
  }));
  loaded.sort((a, b) => (a.name < b.name ? -1 : 1));
  const ofKind = (kind: "node" | "edge"): readonly LoadedType[] =>
    loaded.filter((type) => type.kind === kind).map(({ name, entitiesLoaded }) => ({ name, entitiesLoaded }));
  return {
    nodes: ofKind("node"),
    edges: ofKind("edge"),
    totalEntities: loaded.reduce((sum, type) => sum + type.entitiesLoaded, 0),
  };
}
