import { must } from "@omnigraphdb/common";
import { writeCatalogObject } from "../catalog/write-catalog-object.js";
import type { DesiredResource } from "../config/desired-state.js";
import { rereadSource } from "../config/reread-source.js";
import type { PlannedChange } from "../plan/planned-change.js";
import { type ApplyContext, reportProgress, stopIfAborted } from "./apply-context.js";

/** Objects that are written side by side: enough to hide the latency of an object store, few enough for its limits. */
const CATALOG_WRITES_MAX = 16;

/**
 * Puts the content of every query and policy that is created or updated into the catalog (cluster.md 11.4). Objects written before a
 * failure are harmless: they are named by their content.
 *
 * @returns whether all of it is there; otherwise the reasons are added, `resource_content_changed` or `resource_payload_write_error`
 */
export async function writeCatalog(context: ApplyContext, changes: readonly PlannedChange[], hasMovedGraphs: boolean): Promise<boolean> {
  const resources = changes
    .filter(({ disposition, operation }) => disposition === "applied" && operation !== "delete")
    .map(({ resource }) => must(context.desired.resources.get(resource), "what is created or updated is declared"))
    .filter(({ kind }) => kind === "query" || kind === "policy");
  for (let start = 0; start < resources.length; start += CATALOG_WRITES_MAX) {
    stopIfAborted(context, hasMovedGraphs);
    reportProgress(context, "catalog", start, resources.length, resources[start]?.address);
    const batch = resources.slice(start, start + CATALOG_WRITES_MAX);
    const areWritten = await Promise.all(batch.map((resource) => writeOne(context, resource)));
    if (areWritten.includes(false)) return false;
  }
  if (resources.length > 0) reportProgress(context, "catalog", resources.length, resources.length);
  return true;
}

async function writeOne({ session, diagnostics }: ApplyContext, resource: DesiredResource): Promise<boolean> {
  const text = await rereadSource(resource, diagnostics);
  if (text === undefined) return false;
  const failure = await writeCatalogObject(session.store, resource.address, resource.digest, text);
  if (failure !== undefined) diagnostics.add(failure);
  return failure === undefined;
}
