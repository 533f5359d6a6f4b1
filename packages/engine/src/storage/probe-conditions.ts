import type { IdSource } from "@omnigraphdb/common";
import { isStorageError, StorageError } from "./errors.js";
import { conditionalReplaceProbe, createIfAbsentProbe } from "./layout.js";
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

/** A replacement under an outdated version must fail. Removes only what it created. */
export async function probeConditionalReplace(store: ObjectStore, root: string, ids: IdSource): Promise<void> {
  const id = ids.ulid();
  const probe = conditionalReplaceProbe(root, id);
  try {
    await store.writeText(probe, `${id} first`);
    const first = await store.readVersioned(probe);
    if (first === null) throw new StorageError("Unknown", `the probe of conditional replacement disappeared: ${probe}`);
    const isReplaced = await store.replaceIfVersion(probe, `${id} second`, first.version);
    const isReplacedBlindly = await store.replaceIfVersion(probe, `${id} third`, first.version);
    if (!isReplaced || isReplacedBlindly) throw missingCapability(root, undefined, "replace an object only if it is unchanged");
  } finally {
    await store.delete(probe);
  }
}

function missingCapability(uri: string, cause?: unknown, capability = "create an object only if it is absent"): StorageError {
  return new StorageError("Configuration", `this storage cannot ${capability}: ${uri}`, {
    cause,
    hint: "Use an ordinary writable local disk (with hard links) or an S3 store that honours conditional PUT.",
  });
}
