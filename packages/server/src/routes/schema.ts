import { encodeSchemaApply, type SchemaApplyRequest, SchemaManagedError, type SchemaOutput } from "@omnigraphdb/api-types";
import { compileStoredQueries, type StoredQueryRegistry } from "@omnigraphdb/cluster";
import type { Catalog } from "@omnigraphdb/compiler";
import { authorize } from "../authorization/authorize.js";
import { SchemaBreaksStoredQueriesError } from "../errors.js";
import { MAIN } from "../http/branch-text.js";
import { jsonResponse } from "../http/responses.js";
import type { GraphRequestContext, RouteInput } from "../request-context.js";
import { byActor, whileAdmitted } from "./admitted.js";

/** Names no branch, so a rule that is limited to some branches does not permit it (policy 3.5.1). */
export async function getSchema(context: GraphRequestContext): Promise<Response> {
  authorize(context, { action: "read" });
  return jsonResponse({ schema_source: context.served.graph.schema.source } satisfies SchemaOutput);
}

/** Whoever may not apply a schema does not learn that nobody can here (policy 5.4). */
export async function applySchema(context: GraphRequestContext, { body }: RouteInput): Promise<Response> {
  const { schema_source: source, allow_data_loss: allowDataLoss } = body as SchemaApplyRequest;
  authorize(context, { action: "schema_apply", targetBranch: MAIN });
  if (context.state.mode === "cluster") throw new SchemaManagedError();
  return whileAdmitted(context, source.length, async ({ graph, graphId, queries, uri }) => {
    context.services.exportSlots.refuseDuringExport(graphId);
    const options = { ...byActor(context), allowDataLoss: allowDataLoss ?? false, validateCatalog: (catalog: Catalog) => refuseBreaking(queries, catalog) };
    return jsonResponse(encodeSchemaApply(uri, await graph.applySchema(source, options)));
  });
}

function refuseBreaking(queries: StoredQueryRegistry, catalog: Catalog): void {
  const { breakages } = compileStoredQueries(queries.list(), catalog);
  if (breakages.length > 0) throw new SchemaBreaksStoredQueriesError(breakages);
}
