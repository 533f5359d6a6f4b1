import { throwIfAborted } from "@omnigraphdb/common";
import type { PinnedDataset } from "../storage/dataset-gateway.js";
import type { WriteView } from "../transaction/write-coordinator.js";
import { checkCardinality } from "./cardinality.js";
import type { GraphDelta, TypeResolution } from "./delta.js";
import { checkEdgesOfRemovedNodes, checkEndpoints, checkKeptEdges } from "./endpoints.js";
import { resolveExisting } from "./existing-rows.js";
import { checkUniqueAgainstCommitted } from "./unique.js";
import type { ViolationSink } from "./violations.js";

/**
 * The one evaluator of integrity (VA-2): judges a delta, whose rows already passed their own rules, against the graph
 * the view shows. Its reads follow the delta, not the graph, except for `@unique` and replaced node types.
 *
 * @param violations what the checks of single rows found; reported first
 * @returns per type key, which rows exist already
 * @throws the violation that comes first (VA-50), unless `violations` collects them
 */
export async function validateDelta(
  delta: GraphDelta,
  view: WriteView,
  violations: ViolationSink,
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
  const missingSources = await checkEndpoints(delta, endpointOptions);
  await checkKeptEdges(delta, view.schema.catalog.edgeTypes, endpointOptions);
  if (delta.mayOrphanEdges === true) await checkEdgesOfRemovedNodes(delta, view.schema.catalog.edgeTypes, endpointOptions);
  violations.throwIfAny();

  for (const typeDelta of types) {
    const { type } = typeDelta;
    const resolution = resolutions.get(type.typeKey);
    if (type.kind !== "edge" || resolution === undefined) continue;
    throwIfAborted(signal, "the write");
    const committed = await openCommitted(type.typeKey);
    await checkCardinality(delta, typeDelta, type, { resolution, committed, missingSources: missingSources.get(type.typeKey), violations, signal });
  }
  violations.throwIfAny();
  return resolutions;
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
