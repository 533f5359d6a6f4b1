import { encodeIngest, type LoadEmbedding, type LoadMode, type LoadReceipt } from "@omnigraphdb/api-types";
import { isOmniError } from "@omnigraphdb/common";
import { writeActor } from "./actor.js";
import { resolveDataTarget } from "./addressing/resolve-target.js";
import { openClient } from "./client/open-client.js";
import type { Invocation } from "./command-definition.js";
import { confirmWrite } from "./confirm-write.js";
import { EXIT, type ExitCode } from "./exit-code.js";
import { openInput } from "./input-source.js";
import { hint } from "./notice.js";
import { jsonDocument } from "./output/json.js";
import { showProgress } from "./output/progress.js";
import { adviseUpkeep } from "./upkeep-hint.js";

/** Flags that `load` and `ingest` share. */
export interface LoadFlags {
  readonly data: string;
  readonly mode: LoadMode;
  readonly branch?: string;
  readonly from?: string;
  readonly embed?: LoadEmbedding;
  readonly json?: boolean;
}

export const LOAD_MODES: readonly LoadMode[] = ["overwrite", "append", "merge"];

/** @param isLenient about the content of records (§10.5) */
export async function loadRecords(invocation: Invocation<LoadFlags>, isLenient: boolean): Promise<ExitCode> {
  const { io, command, positionals, flags } = invocation;
  const address = await resolveDataTarget(invocation, { positional: positionals[0] });
  const actor = await writeActor(invocation, address);
  await confirmWrite(io, { command, address, destructive: flags.mode === "overwrite" }, flags);
  const input = await openInput(io, "--data", flags.data);
  await using client = await openClient(io, address, "rw");
  using progress = await showProgress(io, "loading", input.byteCount, "bytes");
  const loading = client.load({
    input: input.chunks,
    mode: flags.mode,
    branch: flags.branch,
    base: flags.from,
    actor,
    isLenient,
    embed: flags.embed,
    ...(progress.isShown ? { onProgress: ({ byteCount, phase }) => progress.update(byteCount, phase) } : {}),
  });
  const receipt = await loading.catch(async (error: unknown) => {
    progress[Symbol.dispose]();
    if (flags.from === undefined && isOmniError(error) && error.code === "BRANCH_NOT_FOUND") await hint(io, "with --from BASE a load creates its branch");
    throw error;
  });
  progress[Symbol.dispose]();
  await io.stdout.write(flags.json === true ? jsonDocument(encodeIngest(address.uri, receipt)) : receiptText(address.uri, receipt));
  await adviseUpkeep(io, client, { uri: address.uri, branch: flags.branch, loadedCount: receipt.totalEntities }, flags);
  return EXIT.success;
}

function receiptText(uri: string, receipt: LoadReceipt): string {
  const counts = `${receipt.nodes.length} node types, ${receipt.edges.length} edge types`;
  const created = receipt.branchCreated ? `created branch ${receipt.branch} from ${receipt.baseBranch ?? "main"}\n` : "";
  return `loaded ${uri} on ${receipt.branch} (${receipt.mode}): ${receipt.totalEntities} entities, ${counts}\n${created}`;
}
