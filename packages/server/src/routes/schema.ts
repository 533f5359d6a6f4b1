import { encodeSchemaApply, SchemaManagedError, type SchemaOutput, type SchemaStep } from "@omnigraphdb/api-types";
import { compileStoredQueries, type StoredQueryRegistry } from "@omnigraphdb/cluster";
import { type Catalog, describeMigrationStep, type MigrationStep, migrationStepToJson } from "@omnigraphdb/compiler";
import { authorize } from "../authorization/authorize.js";
import { SchemaBreaksStoredQueriesError } from "../errors.js";
import { jsonResponse } from "../http/responses.js";
import { MAIN_BRANCH } from "../main-branch.js";
import type { GraphHandler } from "../request-context.js";
import { byActor, whileAdmitted } from "./admitted.js";

/** Names no branch, so a rule that is limited to some branches does not permit it (policy 3.5.1). */
export const getSchema: GraphHandler<"getSchema"> = async (context) => {
  authorize(context, { action: "read" });
  const { graph } = context.served;
  // Sees what another process applied meanwhile.
  await graph.snapshot();
  return jsonResponse({ schema_source: graph.schema.source } satisfies SchemaOutput);
};

/** Whoever may not apply a schema does not learn that nobody can here (policy 5.4). */
export const applySchema: GraphHandler<"applySchema"> = async (context, { body }) => {
  const { schema_source: source, allow_data_loss: allowDataLoss = false } = body;
  authorize(context, { action: "schema_apply", targetBranch: MAIN_BRANCH });
  if (context.state.mode === "cluster") throw new SchemaManagedError();
  return whileAdmitted(context, source.length, async ({ graph, graphId, queries, uri }) => {
    context.services.exportSlots.refuseDuringExport(graphId);
    const options = { ...byActor(context), allowDataLoss, validateCatalog: (catalog: Catalog) => refuseBreaking(queries, catalog) };
    const receipt = await graph.applySchema(source, options);
    return jsonResponse(encodeSchemaApply(uri, { ...receipt, steps: receipt.steps.map(describedStep) }));
  });
};

function describedStep(step: MigrationStep): SchemaStep {
  return { ...(migrationStepToJson(step) as { readonly kind: string }), description: describeMigrationStep(step) };
}

function refuseBreaking(queries: StoredQueryRegistry, catalog: Catalog): void {
  const { breakages } = compileStoredQueries(queries.list(), catalog);
  if (breakages.length > 0) throw new SchemaBreaksStoredQueriesError(breakages);
}
