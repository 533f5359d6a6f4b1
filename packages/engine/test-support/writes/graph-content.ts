import { EXPORT_STAGED_BYTES, exportJsonl } from "../../src/export/export-jsonl.js";
import type { OpenedGraph } from "../../src/open/open-graph.js";
import { SnapshotReader } from "../../src/open/snapshot-reader.js";

/** Everything a user can see of a graph: nothing physical, no ids of commits, no times. */
export interface GraphContent {
  readonly schemaSource: string;
  /** Records as they would be exported, in export order, by branch name. */
  readonly branches: Readonly<Record<string, readonly string[]>>;
}

export async function readContent(graph: OpenedGraph): Promise<GraphContent> {
  const { access } = graph;
  const { registry } = await access.manifest.readRegistry();
  const branches: Record<string, readonly string[]> = {};
  const reader = new SnapshotReader(access, graph.schema);
  const decoder = new TextDecoder();
  for (const [name, { parent }] of [...registry.branches].sort(([a], [b]) => (a < b ? -1 : 1))) {
    const snapshot = await reader.head(parent === null ? null : name);
    let text = "";
    const staging = { directory: access.settings.stagingDirectory, memoryBytes: EXPORT_STAGED_BYTES };
    for await (const chunk of exportJsonl(snapshot, {}, { datasets: access.storage.datasets, staging })) text += decoder.decode(chunk);
    branches[name] = text.split("\n").filter((line) => line !== "");
  }
  return { schemaSource: reader.schema.source, branches };
}
