const GRAPH_ID = /^[A-Za-z0-9-]{1,64}$/;
const RESERVED: readonly string[] = ["policies", "healthz", "openapi", "graphs"];

/** As the hint of an error. */
export const GRAPH_ID_RULE: string = `An id has 1 to 64 ASCII letters, digits and '-', and is none of ${RESERVED.join(", ")}.`;

/** Whether a graph can have this id in a cluster, and so in a URL (cluster.md 2.6.1, http-api 1.2). */
export function isGraphId(text: string): boolean {
  return GRAPH_ID.test(text) && !RESERVED.includes(text);
}
