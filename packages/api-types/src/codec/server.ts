import type { GraphInfo, HealthInfo } from "../models/server.js";
import type { GraphListResponse, HealthOutput } from "../wire/server.js";

export function encodeHealth({ status, version, internalSchemaVersion, sourceVersion }: HealthInfo): HealthOutput {
  return { status, version, internal_schema_version: internalSchemaVersion, ...(sourceVersion === undefined ? {} : { source_version: sourceVersion }) };
}

export function decodeHealth({ status, version, internal_schema_version: internalSchemaVersion, source_version: sourceVersion }: HealthOutput): HealthInfo {
  return { status, version, internalSchemaVersion, ...(sourceVersion === undefined ? {} : { sourceVersion }) };
}

/** Ascending by id. */
export function encodeGraphs(graphs: readonly GraphInfo[]): GraphListResponse {
  const sorted = [...graphs].sort((a, b) => (a.graphId < b.graphId ? -1 : 1));
  return { graphs: sorted.map(({ graphId, uri }) => ({ graph_id: graphId, uri })) };
}

export function decodeGraphs({ graphs }: GraphListResponse): readonly GraphInfo[] {
  return graphs.map(({ graph_id: graphId, uri }) => ({ graphId, uri }));
}
