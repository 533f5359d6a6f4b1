import { isOmniError, throwIfAborted } from "@omnigraphdb/common";
import { isS3Uri } from "@omnigraphdb/engine";
import { type ClusterDiagnostic, type Diagnostics, diagnostic } from "../diagnostics/cluster-diagnostic.js";
import { problemDiagnostic } from "../diagnostics/problem-diagnostic.js";
import type { ClusterEnvironment, ClusterLocation, LockingOperation } from "../run/cluster-environment.js";
import type { ClusterStore } from "../storage/cluster-store.js";
import { shownLocation } from "../storage/shown-location.js";
import { timestampOf } from "../timestamps.js";
import { type ClusterLock, encodeLock, type LockRead, readLock } from "./cluster-lock.js";
import { describeLock, forceUnlockCommand } from "./lock-text.js";

/** A lock that vanished between our attempt and our look is tried for once more. */
const ATTEMPTS_MAX = 2;

/**
 * Takes the lock, immediately or not at all (cluster.md 7.2).
 *
 * @returns the lock; undefined when the configuration renounces it (warning `state_lock_disabled`); "refused" after adding the error
 *   that says why: `state_lock_held`, `state_lock_error`, `storage_root_invalid`, or what is wrong with the lock that is there
 * @throws CancelledError when the signal was aborted before
 */
export async function acquireLock(store: ClusterStore, location: ClusterLocation, operation: LockingOperation, environment: ClusterEnvironment, diagnostics: Diagnostics): Promise<ClusterLock | "refused" | undefined> {
  throwIfAborted(environment.signal, `cluster ${operation}`);
  if (!location.isLockEnabled) {
    diagnostics.add(diagnostic("state_lock_disabled", "state.lock", "the configuration renounces the lock: nothing keeps two commands from working on this cluster at once. Set 'state.lock: true' unless something else does."));
    return undefined;
  }
  const lock: ClusterLock = { lockId: environment.ids.ulid(), operation, createdAt: timestampOf(environment.clock), pid: environment.processId };
  for (let attempt = 1; ; attempt++) {
    const obstacle = await create(store, lock);
    if (obstacle === undefined) return (await honoursConditions(store, lock, location, diagnostics)) ? lock : "refused";
    if (obstacle.kind === "free" && obstacle.failure === undefined && attempt < ATTEMPTS_MAX) continue;
    diagnostics.add(refusalOf(obstacle, lock, location, environment, store));
    return "refused";
  }
}

/** What stands in the way, and why the attempt failed if it did not simply lose. */
type Obstacle = LockRead & { readonly failure?: AttemptFailure };

interface AttemptFailure {
  readonly message: string;
  /** Settings that lead to no storage leave nothing there. */
  readonly mayHaveLanded: boolean;
}

/** An answer that got lost on its way is looked up: the lock that is there may be ours. @returns undefined when it was created */
async function create(store: ClusterStore, lock: ClusterLock): Promise<Obstacle | undefined> {
  let failure: AttemptFailure | undefined;
  try {
    if (await store.objects.writeTextIfAbsent(store.layout.lock, encodeLock(lock))) return undefined;
  } catch (error) {
    if (!isOmniError(error)) throw error;
    failure = { message: error.message, mayHaveLanded: error.category !== "invalid" };
  }
  const found = await readLock(store);
  if (found.kind === "held" && found.lock.lockId === lock.lockId) return undefined;
  return failure === undefined ? found : { ...found, failure };
}

function refusalOf(obstacle: Obstacle, own: ClusterLock, { configDirectory }: ClusterLocation, { clock }: ClusterEnvironment, { layout }: ClusterStore): ClusterDiagnostic {
  const path = shownLocation(layout.lock);
  if (obstacle.kind === "held") {
    const { lock } = obstacle;
    return diagnostic(
      "state_lock_held",
      path,
      `${describeLock(lock, clock)}. Wait until it has finished. Only when you are certain that it no longer runs, on any machine, remove its lock: ${forceUnlockCommand(lock.lockId, configDirectory)}`,
    );
  }
  if (obstacle.failure !== undefined) {
    const { message, mayHaveLanded } = obstacle.failure;
    const leftover = mayHaveLanded ? ` Should it then find the lock ${own.lockId}, which this attempt may have left: ${forceUnlockCommand(own.lockId, configDirectory)}` : "";
    return diagnostic("state_lock_error", path, `the lock could not be taken: ${message}. Check the storage, then run the command again.${leftover}`);
  }
  if (obstacle.kind === "unusable") return problemDiagnostic({ ...obstacle.problem, path });
  return diagnostic("state_lock_held", path, "other commands keep taking and releasing the lock. Run the command again.");
}

/**
 * Object stores that ignore conditions would let two commands hold the lock at once (cluster.md 4.3, decision C5). Asked of the lock
 * itself, with the text it has: a store that ignores the condition changes nothing.
 */
async function honoursConditions(store: ClusterStore, lock: ClusterLock, location: ClusterLocation, diagnostics: Diagnostics): Promise<boolean> {
  const refusal = await findIgnoredCondition(store, lock);
  if (refusal === undefined) return true;
  diagnostics.add(refusal);
  diagnostics.addAll(await releaseLock(store, lock, location));
  return false;
}

/** No object ever has this version. */
const IMPOSSIBLE_VERSION = `"${"0".repeat(32)}"`;

async function findIgnoredCondition({ objects, layout }: ClusterStore, lock: ClusterLock): Promise<ClusterDiagnostic | undefined> {
  if (!isS3Uri(layout.root)) return undefined;
  const text = encodeLock(lock);
  try {
    const [isCreatedTwice, isReplacedBlindly] = await Promise.all([objects.writeTextIfAbsent(layout.lock, text), objects.replaceIfVersion(layout.lock, `${text}\n`, IMPOSSIBLE_VERSION)]);
    if (!isCreatedTwice && !isReplacedBlindly) return undefined;
    const condition = isCreatedTwice ? "only if it is absent" : "only if it is unchanged";
    return diagnostic("storage_root_invalid", "storage", `this storage cannot write an object ${condition}: ${layout.root}. Use an S3 store that honours conditional PUT (If-None-Match and If-Match).`);
  } catch (error) {
    if (!isOmniError(error)) throw error;
    return diagnostic("state_lock_error", shownLocation(layout.lock), `the lock could not be verified: ${error.message}. Check the storage, then run the command again.`);
  }
}

/**
 * Removes the lock if it still is ours (cluster.md 7.7).
 *
 * @returns what the user must know: a warning when it could not be removed, or when somebody else had removed it
 */
export async function releaseLock(store: ClusterStore, own: ClusterLock, { configDirectory }: ClusterLocation): Promise<readonly ClusterDiagnostic[]> {
  const warn = (text: string): readonly ClusterDiagnostic[] => [diagnostic("state_lock_error", shownLocation(store.layout.lock), text, { severity: "warning" })];
  const remedy = `Remove it: ${forceUnlockCommand(own.lockId, configDirectory)}`;
  const found = await readLock(store);
  if (found.kind === "held" && found.lock.lockId !== own.lockId) {
    return warn(`the lock ${own.lockId} of this command was removed while it ran, and '${found.lock.operation}' holds ${found.lock.lockId} now. Check with 'omnigraph cluster status' what was recorded.`);
  }
  if (found.kind === "free") return warn(`the lock ${own.lockId} of this command was removed while it ran. Check with 'omnigraph cluster status' what was recorded.`);
  if (found.kind === "unusable") return warn(`the lock ${own.lockId} of this command was not removed: ${found.problem.text} ${remedy}`);
  try {
    await store.objects.delete(store.layout.lock);
    return [];
  } catch (error) {
    if (!isOmniError(error)) throw error;
    return warn(`the lock ${own.lockId} could not be removed: ${error.message}. ${remedy}`);
  }
}
