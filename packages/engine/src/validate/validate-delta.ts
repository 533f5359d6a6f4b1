import { throwIfAborted } from "@omnigraphdb/common";
import type { PinnedDataset } from "../storage/dataset-gateway.js";
import type { WriteView } from "../transaction/write-coordinator.js";
import { checkCardinality } from "./cardinality.js";
import type { GraphDelta, TypeDelta, TypeResolution } from "./delta.js";
import { checkEndpoints, checkKeptEdges } from "./endpoints.js";
import { resolveExisting } from "./existing-rows.js";
import { checkUniqueAgainstCommitted } from "./unique.js";
import type { Violations } from "./violations.js";

/**
 * The one evaluator of integrity (VA-2): judges a delta, whose rows already passed their own rules, against the graph
 * the view shows. Its reads follow the delta, not the graph, except for `@unique` and replaced node types.
 *
 * @param violations what the checks of single rows found; reported first
 * @returns per type key, which rows exist already
 * @throws the violation that comes first (VA-50)
 */
export async function validateDelta(
  delta: GraphDelta,
  view: WriteView,
  violations: Violations,
  signal?: AbortSignal,
): Promise<ReadonlyMap<string, TypeResolution>> {
  violations.throwIfAny();
  const openCommitted = committedRowsOf(view);
  const resolutions = new Map<string, TypeResolution>();
  const types = [...delta.types.values()].sort((a, b) => (a.type.typeKey < b.type.typeKey ? -1 : 1));

  for (const typeDelta of types) {
    throwIfAborted(signal, "the write");
    const committed = await openCommitted(typeDelta.type.typeKey);
    const options = { isStrictInsert: delta.isStrictInsert, violations, signal };
    resolutions.set(typeDelta.type.typeKey, await resolveExisting(typeDelta, committed, options));
    await checkUniqueAgainstCommitted(typeDelta, committed, violations, signal);
  }
  violations.throwIfAny();

  const endpointOptions = { openCommitted, violations, signal };
  await checkEndpoints(delta, endpointOptions);
  await checkKeptEdges(delta, view.schema.catalog.edgeTypes, endpointOptions);
  violations.throwIfAny();

  for (const typeDelta of types) await checkCardinalityOf(delta, typeDelta, resolutions, openCommitted, violations, signal);
  violations.throwIfAny();
  return resolutions;
}

async function checkCardinalityOf(
  delta: GraphDelta,
  typeDelta: TypeDelta,
  resolutions: ReadonlyMap<string, TypeResolution>,
  openCommitted: (typeKey: string) => Promise<PinnedDataset | undefined>,
  violations: Violations,
  signal: AbortSignal | undefined,
): Promise<void> {
  const { type } = typeDelta;
  const resolution = resolutions.get(type.typeKey);
  if (type.kind !== "edge" || resolution === undefined) return;
  throwIfAborted(signal, "the write");
  const committed = await openCommitted(type.typeKey);
  await checkCardinality(delta, typeDelta, type, { resolution, committed, violations, signal });
}

function committedRowsOf(view: WriteView): (typeKey: string) => Promise<PinnedDataset | undefined> {
  const opened = new Map<string, Promise<PinnedDataset>>();
  return async (typeKey) => {
    const entry = view.snapshot.entries.get(typeKey);
    if (entry === undefined || entry.entityCount === 0) return undefined;
    let dataset = opened.get(typeKey);
    if (dataset === undefined) {
      dataset = view.openType(typeKey);
      opened.set(typeKey, dataset);
    }
    return dataset;
  };
}
