import { HttpResponse } from "../http/http-response.js";
import type { Mount } from "./mount.js";

/** Metrics name no graph, no actor and no branch, so every actor with a token may read them. */
export const metricsMount: Mount = {
  operationId: "metrics",
  method: "GET",
  path: "/metrics",
  scope: "server",
  handler: async ({ services: { metrics } }) => new HttpResponse(await metrics.text(), { headers: { "content-type": metrics.contentType } }),
};
