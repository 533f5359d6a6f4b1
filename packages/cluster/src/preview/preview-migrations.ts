import { isOmniError } from "@omnigraphdb/common";
import { planMigration } from "@omnigraphdb/compiler";
import type { DesiredState } from "../config/desired-state.js";
import { type Diagnostics, diagnostic } from "../diagnostics/cluster-diagnostic.js";
import { probeGraph } from "../graphs/live-graph.js";
import { inTurns } from "../in-turns.js";
import type { MigrationPreview, PlannedChange } from "../plan/planned-change.js";
import { parseResourceAddress } from "../resource-address.js";
import type { ClusterSession } from "../run/cluster-environment.js";

/** Each holds one open graph; what it waits for is storage. */
const PREVIEWS_AT_ONCE = 4;

/**
 * Adds to every schema update the steps it would take on the graph as it is now (cluster.md §8.5 step 6). Only looks. A graph that
 * cannot be looked at leaves its change as it is, and a warning `schema_preview_unavailable`.
 *
 * @throws CancelledError
 */
export async function previewMigrations(changes: readonly PlannedChange[], session: ClusterSession, desired: Pick<DesiredState, "resources">, diagnostics: Diagnostics): Promise<readonly PlannedChange[]> {
  const updates = changes.filter(({ resource, operation }) => operation === "update" && parseResourceAddress(resource)?.kind === "schema");
  const { onProgress } = session.environment;
  let done = 0;
  const previews = await inTurns(updates, PREVIEWS_AT_ONCE, async ({ resource }) => {
    const preview = await previewOne(resource, session, desired.resources.get(resource)?.text ?? "");
    onProgress?.({ phase: "plan", resource, done: ++done, total: updates.length });
    return [resource, preview] as const;
  });
  const found = new Map<string, MigrationPreview>();
  for (const [resource, preview] of previews) {
    if (typeof preview !== "string") found.set(resource, preview);
    else diagnostics.add(diagnostic("schema_preview_unavailable", resource, `the steps of the migration cannot be shown: ${preview}. Run 'omnigraph cluster refresh' to learn the state of the graph.`));
  }
  return changes.map((change) => {
    const migration = found.get(change.resource);
    return migration === undefined ? change : { ...change, migration };
  });
}

/** @returns the preview, or why there is none */
async function previewOne(address: string, session: ClusterSession, text: string): Promise<MigrationPreview | string> {
  const graphId = address.slice("schema.".length);
  const live = await probeGraph(session, graphId);
  if (live.state === "absent") return `nothing is stored where graph '${graphId}' should be`;
  if (live.state === "unverifiable") return `graph '${graphId}' does not open: ${live.message}`;
  try {
    const { supported, steps } = planMigration(live.schema, text);
    return { supported, steps };
  } catch (error) {
    if (!isOmniError(error)) throw error;
    return `the declared schema cannot replace the one of graph '${graphId}': ${error.message}`;
  }
}
