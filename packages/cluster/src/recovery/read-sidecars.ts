import { isOmniError } from "@omnigraphdb/common";
import type { ClusterProblem } from "../cluster-problem.js";
import { JsonMembers, JsonShapeError, readCount } from "../storage/json-shape.js";
import { parseStrictJson } from "../ledger/strict-json.js";
import { inTurns } from "../in-turns.js";
import type { ClusterStore } from "../storage/cluster-store.js";
import { readSidecar, type RecoverySidecar, SIDECAR_VERSION } from "./recovery-sidecar.js";

export interface Sidecars {
  /** In order of their operation ids. */
  readonly pending: readonly RecoverySidecar[];
  /** Records that cannot be read: they stay where they are. */
  readonly problems: readonly ClusterProblem[];
}

const LEFT_IN_PLACE = "It stays where it is, and nothing that it is about is settled";
const READS_AT_ONCE = 16;

/** The records of operations that began and were not confirmed (cluster.md 10.4). Changes nothing. */
export async function readSidecars(store: ClusterStore): Promise<Sidecars> {
  let files: readonly string[];
  try {
    files = await listSidecars(store);
  } catch (error) {
    if (!isOmniError(error)) throw error;
    return { pending: [], problems: [{ code: "recovery_sidecar_read_error", path: store.layout.recoveriesDirectory, text: `recovery records cannot be listed: ${error.message}` }] };
  }
  const read = await inTurns(files, READS_AT_ONCE, (uri) => readOne(store, uri));
  const known = read.filter((each) => each !== undefined);
  return {
    pending: known.filter((each): each is RecoverySidecar => "operationId" in each),
    problems: known.filter((each): each is ClusterProblem => "code" in each),
  };
}

/**
 * Addresses of the records, ascending, as they lie there. One listing: for whoever waits for one to be settled.
 *
 * @throws StorageError
 */
export async function listSidecars({ objects, layout }: ClusterStore): Promise<readonly string[]> {
  return (await objects.listDir(layout.recoveriesDirectory)).filter((uri) => uri.endsWith(".json")).sort();
}

/** @returns undefined for one that was settled meanwhile */
async function readOne({ objects }: ClusterStore, uri: string): Promise<RecoverySidecar | ClusterProblem | undefined> {
  try {
    const text = await objects.readTextIfExists(uri);
    if (text === null) return undefined;
    const members = new JsonMembers(parseStrictJson(text));
    const version = members.required("schema_version", readCount);
    if (version !== SIDECAR_VERSION) {
      return { code: "unsupported_recovery_sidecar_version", path: uri, text: `the recovery record has version ${version}, this program reads ${SIDECAR_VERSION}. ${LEFT_IN_PLACE}: use the program that wrote it.` };
    }
    const sidecar = readSidecar(members);
    // Whoever settles it removes the file that bears its id.
    return uri.endsWith(`/${sidecar.operationId}.json`) ? sidecar : malformed(uri);
  } catch (error) {
    if (error instanceof JsonShapeError || error instanceof SyntaxError) return malformed(uri);
    if (!isOmniError(error)) throw error;
    return { code: "recovery_sidecar_read_error", path: uri, text: `the recovery record cannot be read: ${error.message}` };
  }
}

function malformed(uri: string): ClusterProblem {
  return { code: "invalid_recovery_sidecar", path: uri, text: `the recovery record is malformed, so its reach is not known. ${LEFT_IN_PLACE}: read the file, make sure that no graph operation is unfinished, then remove it by hand.` };
}
