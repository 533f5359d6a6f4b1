import type { HttpResponse } from "../http/http-response.js";
import type { GraphRequestContext } from "../request-context.js";
import type { ServedGraph } from "../serving/serving-state.js";

/**
 * Runs a write that was authorized: admission is the last step before the operation, so that a denied request never holds a slot
 * (http-api 5.4).
 *
 * @param byteCount estimate by http-api 5.2
 * @throws TooManyRequestsError
 */
export async function whileAdmitted(context: GraphRequestContext, byteCount: number, run: (served: ServedGraph) => Promise<HttpResponse>): Promise<HttpResponse> {
  using _slot = context.services.admission.admit(context.actor, byteCount);
  return await run(context.served);
}

/** Options of engine writes: who, and until when. A caller that goes away does not stop an admitted write (server 6.4). */
export function byActor({ actor, deadline }: GraphRequestContext): { readonly actor?: string; readonly signal?: AbortSignal } {
  return { ...(actor === undefined ? {} : { actor }), ...(deadline === undefined ? {} : { signal: deadline }) };
}
