import type { IdSource } from "@omnigraphdb/common";
import { isStorageError, StorageError } from "./errors.js";
import { createIfAbsentProbe } from "./layout.js";
import type { ObjectStore } from "./object-store.js";

const PROBE_ATTEMPTS_MAX = 3;

/** The claim, taken twice, must succeed once (ST-14). Removes only what it created. */
export async function probeCreateIfAbsent(store: ObjectStore, root: string, ids: IdSource): Promise<void> {
  for (let attempt = 0; attempt < PROBE_ATTEMPTS_MAX; attempt++) {
    const probe = createIfAbsentProbe(root, ids.ulid());
    if (!(await createProbe(store, probe))) continue;
    const isExclusive = !(await store.writeTextIfAbsent(probe, "second").finally(() => store.delete(probe)));
    if (isExclusive) return;
    throw missingCapability(root);
  }
  throw new StorageError("Unknown", `could not find a free name for the create-if-absent probe at ${root}`);
}

async function createProbe(store: ObjectStore, probe: string): Promise<boolean> {
  try {
    return await store.writeTextIfAbsent(probe, "first");
  } catch (error) {
    if (isStorageError(error, "Configuration")) throw missingCapability(probe, error);
    throw error;
  }
}

function missingCapability(uri: string, cause?: unknown): StorageError {
  return new StorageError("Configuration", `this storage cannot create an object only if it is absent: ${uri}`, {
    cause,
    hint: "Use an ordinary writable local disk (with hard links) or an S3 store that honours conditional PUT.",
  });
}
