import { encodeHealth, openApiDocument } from "@omnigraphdb/api-types";
import { INTERNAL_SCHEMA_VERSION } from "@omnigraphdb/engine";
import { jsonResponse } from "../http/responses.js";
import type { RequestContext } from "../request-context.js";

/** Liveness only: no storage is touched (http-api 6.1). */
export async function health({ services }: RequestContext): Promise<Response> {
  const { version, sourceVersion } = services;
  return jsonResponse(encodeHealth({ status: "ok", version, internalSchemaVersion: INTERNAL_SCHEMA_VERSION, ...(sourceVersion === undefined ? {} : { sourceVersion }) }));
}

/** The document of what this process serves (http-api 21.4). */
export async function openApi({ services, state }: RequestContext): Promise<Response> {
  return jsonResponse(openApiDocument({ version: services.version, isOpen: state.runtimeState === "open", isFlat: state.mode === "single" }));
}
