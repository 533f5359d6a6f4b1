/**
 * `write-ledgers <storage root> <name>`: takes the lock, adds an entry to the ledger, releases the lock, and says which entry is
 * acknowledged; again and again, until it is killed. SIGTERM ends it as it ends a command.
 */
import { isOmniError } from "@omnigraphdb/common";
import { Diagnostics } from "../../../src/diagnostics/cluster-diagnostic.js";
import { LedgerDraft } from "../../../src/ledger/ledger-draft.js";
import { isLedgerRead, readLedger } from "../../../src/ledger/read-ledger.js";
import { writeLedger } from "../../../src/ledger/write-ledger.js";
import { withClusterLock } from "../../../src/lock/with-cluster-lock.js";
import { clusterEnvironment } from "../../../src/run/cluster-environment.js";

const [storageRoot = "", name = ""] = process.argv.slice(2);
const interrupt = new AbortController();
process.once("SIGTERM", () => interrupt.abort(new Error("SIGTERM")));
const environment = clusterEnvironment({ durability: "process", signal: interrupt.signal });

async function addEntry(note: string): Promise<void> {
  const diagnostics = new Diagnostics();
  const isWritten = await withClusterLock({ configDirectory: storageRoot, storageRoot, isLockEnabled: true }, "apply", environment, diagnostics, async ({ store }) => {
    process.stdout.write(`${note} began\n`);
    const read = await readLedger(store);
    const base = isLedgerRead(read) ? read : undefined;
    const draft = new LedgerDraft(base?.ledger);
    draft.setResource(note, { digest: "x".repeat(5_000) });
    return (await writeLedger(store, base, draft.finish())) === undefined;
  });
  if (isWritten === true) process.stdout.write(`${note} acknowledged\n`);
}

try {
  for (let round = 0; ; round++) {
    await addEntry(`${name}-${round}`);
    // The other process gets its turn.
    await environment.clock.sleep(1 + (round % 5), environment.signal);
  }
} catch (error) {
  if (!isOmniError(error) && error !== interrupt.signal.reason) throw error;
  process.stdout.write("stopped\n");
}
