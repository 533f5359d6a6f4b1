import { authorizeRead } from "../authorization/read-target.js";
import type { GraphHandler } from "../request-context.js";
import { ndjsonResponse } from "../streams/ndjson-response.js";

/** NDJSON of one state (http-api §15). */
export const exportGraph: GraphHandler<"export"> = async (context, { body }) => {
  const target = await authorizeRead(context, body, "export");
  return ndjsonResponse(context, (signal) => context.served.graph.exportJsonl({ target, typeNames: body.type_names ?? [], signal }));
};
