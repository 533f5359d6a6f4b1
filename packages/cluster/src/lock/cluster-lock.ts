import { isOmniError, prettyJson } from "@omnigraphdb/common";
import type { ClusterProblem } from "../cluster-problem.js";
import { JsonMembers, JsonShapeError, readCount, readText } from "../storage/json-shape.js";
import { parseStrictJson } from "../ledger/strict-json.js";
import type { ClusterStore } from "../storage/cluster-store.js";

const LOCK_VERSION = 1;

/** Who works on the cluster's state (cluster.md 7.1). It has no expiry: only its holder or a human removes it (7.4). */
export interface ClusterLock {
  /** ULID. */
  readonly lockId: string;
  /** The command that holds it. */
  readonly operation: string;
  /** RFC 3339 UTC. */
  readonly createdAt: string;
  readonly pid: number;
}

export type LockRead =
  | { readonly kind: "free" }
  | { readonly kind: "held"; readonly lock: ClusterLock }
  /** There is one, or there may be one: `invalid_state_lock`, `unsupported_state_lock_version`, `state_lock_read_error`. */
  | { readonly kind: "unusable"; readonly problem: ClusterProblem };

export function encodeLock({ lockId, operation, createdAt, pid }: ClusterLock): string {
  return `${prettyJson({ version: LOCK_VERSION, lock_id: lockId, operation, created_at: createdAt, pid })}\n`;
}

/** Changes nothing. */
export async function readLock({ objects, layout }: ClusterStore): Promise<LockRead> {
  const unusable = (code: ClusterProblem["code"], text: string): LockRead => ({ kind: "unusable", problem: { code, path: layout.lock, text } });
  let text: string | null;
  try {
    text = await objects.readTextIfExists(layout.lock);
  } catch (error) {
    if (!isOmniError(error)) throw error;
    return unusable("state_lock_read_error", `the lock cannot be read: ${error.message}. Check the storage and the credentials.`);
  }
  if (text === null) return { kind: "free" };
  try {
    const members = new JsonMembers(parseStrictJson(text));
    const version = members.required("version", readCount);
    if (version !== LOCK_VERSION) {
      return unusable("unsupported_state_lock_version", `the lock has version ${version}, this program knows ${LOCK_VERSION}. Use the program that wrote it.`);
    }
    const lock: ClusterLock = {
      lockId: members.required("lock_id", readText),
      operation: members.required("operation", readText),
      createdAt: members.required("created_at", readText),
      pid: members.required("pid", readCount),
    };
    members.end();
    return { kind: "held", lock };
  } catch (error) {
    if (!(error instanceof JsonShapeError || error instanceof SyntaxError)) throw error;
    const problem = error instanceof JsonShapeError ? error.message : "it is not JSON";
    return unusable("invalid_state_lock", `the lock is malformed: ${problem}. When no command is at work on this cluster, remove the file by hand.`);
  }
}
