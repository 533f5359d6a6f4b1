/** Names of ceilings on the wire (3.5), where the engine calls them otherwise. */
const WIRE_NAMES: ReadonlyMap<string, string> = new Map([
  ["load record bytes", "graph_batch_line_bytes"],
  ["load record structural tokens", "graph_batch_json_structural_slots"],
  ["commit changes page changes", "commit_changes_page_changes"],
  ["commit changes page bytes", "commit_changes_page_bytes"],
  ["change feed commits per poll", "change_feed_commits_per_poll"],
]);

const ENGINE_NAMES: ReadonlyMap<string, string> = new Map([...WIRE_NAMES].map(([engine, wire]) => [wire, engine]));

export function toWireResource(name: unknown): unknown {
  return typeof name === "string" ? (WIRE_NAMES.get(name) ?? name) : name;
}

export function fromWireResource(name: unknown): unknown {
  return typeof name === "string" ? (ENGINE_NAMES.get(name) ?? name) : name;
}
