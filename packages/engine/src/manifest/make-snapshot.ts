import type { AcceptedSchema } from "@omnigraphdb/compiler";
import { RecoveryRequiredError } from "../errors.js";
import type { CommitRecord, DatasetPin } from "./manifest.js";
import type { Snapshot, SnapshotEntry } from "./snapshot.js";

const snapshots = new WeakMap<CommitRecord, Snapshot>();

/**
 * The snapshot that `record` shows, described by `schema`; the same object for the same record.
 *
 * @throws RecoveryRequiredError when the version was written under another schema than the accepted one (OP-9)
 */
export function makeSnapshot(record: CommitRecord, branch: string | null, schema: AcceptedSchema): Snapshot {
  const known = snapshots.get(record);
  if (known !== undefined && known.catalog === schema.catalog && known.branch === branch) return known;
  if (record.schemaIdentity !== schema.irHash) {
    const reason = "the manifest names a schema that the contract files do not hold";
    throw new RecoveryRequiredError(record.txId, reason);
  }
  const snapshot: Snapshot = {
    branch,
    graphManifestVersion: record.commit.graphManifestVersion,
    graphCommitId: record.commit.graphCommitId,
    catalog: schema.catalog,
    entries: new Map([...record.pins].map(([typeKey, pin]) => [typeKey, snapshotEntry(pin)])),
  };
  snapshots.set(record, snapshot);
  return snapshot;
}

function snapshotEntry(pin: DatasetPin): SnapshotEntry {
  const { typeKey, typeId, incarnationId, location, publishedVersion, entityCount } = pin;
  return { typeKey, typeId, incarnationId, location, publishedVersion, entityCount };
}
