import type { GraphClient } from "@omnigraphdb/client";
import type { DirectGraphClient } from "./client/graph-client.js";
import type { Io } from "./io.js";
import { hint } from "./notice.js";

/** Records of one load from which on bringing the indexes up to date is worth a word. */
const LOAD_RECORDS_MIN = 10_000;

/** Says on stderr when `optimize` would make the graph faster. Costs no look at its storage. A server looks after its graphs itself. */
export async function adviseUpkeep(
  io: Io,
  client: GraphClient,
  written: { readonly uri: string; readonly branch: string | undefined; readonly loadedCount: number },
  flags: { readonly json?: boolean; readonly quiet?: boolean },
): Promise<void> {
  if (flags.json === true || flags.quiet === true) return;
  if (!isDirect(client)) return;
  const isLargeLoad = written.loadedCount >= LOAD_RECORDS_MIN;
  // The write has succeeded; whatever goes wrong now is no concern of its caller.
  if (!isLargeLoad && !(await client.needsOptimize(written.branch).catch(() => false))) return;
  const reason = isLargeLoad ? "the new records are not in the indexes yet" : "the graph consists of many small files";
  const branch = written.branch === undefined ? "" : ` --branch ${written.branch}`;
  await hint(io, `${reason}; 'omnigraph optimize ${written.uri}${branch}' makes reads and writes faster`);
}

function isDirect(client: GraphClient): client is DirectGraphClient {
  return "needsOptimize" in client;
}
