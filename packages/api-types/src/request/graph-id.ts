const GRAPH_ID = /^[A-Za-z0-9-]{1,64}$/;
const RESERVED: ReadonlySet<string> = new Set(["policies", "healthz", "openapi", "graphs"]);

/** Whether a graph can have this id in a URL (1.2). */
export function isGraphId(text: string): boolean {
  return GRAPH_ID.test(text) && !RESERVED.has(text);
}
