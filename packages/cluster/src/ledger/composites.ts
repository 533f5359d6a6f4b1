import { type GraphCompositeParts, graphCompositeDigest } from "../digests.js";
import { parseResourceAddress } from "../resource-address.js";
import type { Ledger, LedgerResource } from "./ledger.js";

/** The digest that every recorded graph must have, by graph id: it covers everything recorded under it (cluster.md 3.3). */
export function composeGraphs(resources: Ledger["resources"]): ReadonlyMap<string, string> {
  const queries = new Map<string, Map<string, string>>();
  for (const [address, { digest }] of resources) {
    const parsed = parseResourceAddress(address);
    if (parsed?.kind === "graph") queries.set(parsed.graphId, queries.get(parsed.graphId) ?? new Map<string, string>());
    if (parsed?.kind !== "query") continue;
    const ofGraph = queries.get(parsed.graphId) ?? new Map<string, string>();
    queries.set(parsed.graphId, ofGraph.set(parsed.name, digest));
  }
  const composites = new Map<string, string>();
  for (const [graphId, queryDigests] of queries) {
    const graph = resources.get(`graph.${graphId}`);
    if (graph !== undefined) composites.set(graphId, graphCompositeDigest({ graphId, queryDigests, ...partsOf(graphId, graph, resources) }));
  }
  return composites;
}

function partsOf(graphId: string, graph: LedgerResource, resources: Ledger["resources"]): Omit<GraphCompositeParts, "graphId" | "queryDigests"> {
  const { embedding_provider: address, external_blob_policy: externalBlobPolicy } = graph;
  const provider = address === undefined ? undefined : resources.get(address);
  return {
    schemaDigest: resources.get(`schema.${graphId}`)?.digest,
    ...(address === undefined || provider === undefined ? {} : { provider: { address, digest: provider.digest } }),
    ...(externalBlobPolicy === undefined ? {} : { externalBlobPolicy }),
  };
}
