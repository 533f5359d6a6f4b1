import { diagnostic, type Diagnostics } from "../diagnostics/cluster-diagnostic.js";
import { type ConfigDocument, type ConfigMember, type ConfigNode, shown } from "./config-document.js";

/** Keys whose meaning is kept for later (cluster.md §2.4). */
const RESERVED_KEYS: ReadonlySet<string> = new Set(["apply", "env_file", "pipelines", "embeddings", "ui", "aliases", "bindings"]);

/**
 * Steps 3 to 5 of the checks (cluster.md §2.3): repeated, reserved and removed keys, all of them.
 *
 * @param end offset behind which the text is no YAML, so that what seems to stand there is not judged
 */
export function checkWholeFile(document: ConfigDocument, end: number, diagnostics: Diagnostics): void {
  for (const mapping of document.mappings()) reportRepeatedKeys(document, mapping, end, diagnostics);
  const top = (document.members(document.root) ?? []).filter(({ keyOffset }) => keyOffset < end);
  for (const { key, path, keyOffset } of top) {
    if (!RESERVED_KEYS.has(key)) continue;
    diagnostics.add(diagnostic("future_phase_field", path, `'${key}' is reserved for a later version of OmniGraph; remove it`, { place: document.place(keyOffset) }));
  }
  for (const graphs of top.filter(({ key }) => key === "graphs")) {
    for (const graph of document.members(graphs) ?? []) reportStreaming(document, graph, end, diagnostics);
  }
}

function reportRepeatedKeys(document: ConfigDocument, mapping: ConfigNode, end: number, diagnostics: Diagnostics): void {
  const firstOf = new Map<string, ConfigMember>();
  for (const member of document.members(mapping) ?? []) {
    if (member.keyOffset >= end) continue;
    const first = firstOf.get(member.key);
    if (first === undefined) firstOf.set(member.key, member);
    else {
      const place = document.place(member.keyOffset);
      const message = `'${shown(member.key)}' on line ${place.line} stands on line ${document.place(first.keyOffset).line} already; keep one of the two`;
      diagnostics.add(diagnostic("duplicate_yaml_key", member.path, message, { place }));
    }
  }
}

function reportStreaming(document: ConfigDocument, graph: ConfigMember, end: number, diagnostics: Diagnostics): void {
  for (const { key, path, keyOffset } of document.members(graph) ?? []) {
    if (key !== "streaming" || keyOffset >= end) continue;
    diagnostics.add(diagnostic("removed_streaming_declaration", path, "graphs have no 'streaming' declaration any more; remove it", { place: document.place(keyOffset) }));
  }
}
