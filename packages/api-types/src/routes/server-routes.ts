import { graphListResponseSchema, healthOutputSchema } from "../wire/server.js";
import { GRAPH_URI } from "./example-values.js";
import { type Route, route } from "./route.js";

export const health: Route = route({
  operationId: "health",
  method: "GET",
  path: "/healthz",
  scope: "public",
  action: null,
  answer: { kind: "json", schema: healthOutputSchema },
  failures: [],
  tag: "health",
  summary: "Whether the server is alive",
  description: "Does not touch storage.",
  example: { answer: { status: "ok", version: "0.1.0", internal_schema_version: 4 } },
});

export const listGraphs: Route = route({
  operationId: "listGraphs",
  method: "GET",
  path: "/graphs",
  scope: "server",
  action: "graph_list",
  answer: { kind: "json", schema: graphListResponseSchema },
  failures: [403],
  tag: "management",
  summary: "The graphs that are served",
  description: "Needs a policy that is bound to the cluster and grants graph_list.",
  example: { answer: { graphs: [{ graph_id: "crm", uri: GRAPH_URI }] } },
});
