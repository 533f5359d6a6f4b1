import { type Json, prettyJson } from "@omnigraphdb/common";
import { LEDGER_VERSION, type Ledger, type LedgerResource } from "./ledger.js";
import { externalBlobPolicyJson } from "../digests.js";

/** The text of the file (cluster.md 5.4): two spaces, addresses ascending, a newline at the end. */
export function encodeLedger(ledger: Ledger): string {
  return `${prettyJson({
    version: LEDGER_VERSION,
    state_revision: ledger.stateRevision,
    applied_revision: { config_digest: ledger.configDigest, resources: sorted(ledger.resources, resourceJson) },
    resource_statuses: sorted(ledger.statuses, ({ status, conditions, message }) =>
      present({ status, conditions: conditions === undefined || conditions.length === 0 ? undefined : conditions, message }),
    ),
    approval_records: sorted(ledger.approvals, (record) => ({ ...record })),
    recovery_records: sorted(ledger.recoveries, (record) => ({ ...record })),
    observations: sorted(ledger.observations, (observation) => ({ ...observation })),
  })}\n`;
}

function resourceJson({ digest, applies_to, embedding_provider, embedding_profile, external_blob_policy }: LedgerResource): Json {
  return present({
    digest,
    applies_to,
    embedding_provider,
    embedding_profile: embedding_profile === undefined ? undefined : { ...embedding_profile },
    external_blob_policy: external_blob_policy === undefined ? undefined : externalBlobPolicyJson(external_blob_policy),
  });
}

function sorted<T>(map: ReadonlyMap<string, T>, toJson: (value: T) => Json): Json {
  return Object.fromEntries([...map].sort(([a], [b]) => (a < b ? -1 : 1)).map(([key, value]) => [key, toJson(value)]));
}

function present(members: Readonly<Record<string, Json | undefined>>): Json {
  return Object.fromEntries(Object.entries(members).filter((entry): entry is [string, Json] => entry[1] !== undefined));
}
