import { encodeHealth } from "@omnigraphdb/api-types";
import { INTERNAL_SCHEMA_VERSION } from "@omnigraphdb/engine";
import { HttpResponse } from "../http/http-response.js";
import { JSON_TYPE, jsonResponse } from "../http/responses.js";
import type { RequestContext } from "../request-context.js";

/** Liveness only: no storage is touched (http-api 6.1). */
export async function health({ services }: RequestContext): Promise<HttpResponse> {
  const { version, sourceVersion } = services;
  return jsonResponse(encodeHealth({ status: "ok", version, internalSchemaVersion: INTERNAL_SCHEMA_VERSION, ...(sourceVersion === undefined ? {} : { sourceVersion }) }));
}

export async function openApi({ services, state }: RequestContext): Promise<HttpResponse> {
  return new HttpResponse(services.openApi.textFor(state), { headers: { "content-type": JSON_TYPE } });
}
