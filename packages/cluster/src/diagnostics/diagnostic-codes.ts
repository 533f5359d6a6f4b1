/** Every code a cluster command or a server that reads a cluster may report (cluster.md §17). `docs/reference/cluster-diagnostics.md` is made of it. */

export interface DiagnosticCodeMeaning {
  readonly area: DiagnosticArea;
  /** Unless the finding says otherwise: a few are milder where nothing is about to be changed. */
  readonly severity: "error" | "warning";
  /** What was found. One sentence. */
  readonly meaning: string;
  /** What to do next. */
  readonly remedy: string;
  /** Where the severity is another one. */
  readonly exception?: string;
}

export type DiagnosticArea =
  | "file"
  | "header"
  | "ids and schemas"
  | "queries"
  | "policies"
  | "references"
  | "providers"
  | "blobs"
  | "ledger"
  | "lock"
  | "approvals"
  | "recovery"
  | "apply"
  | "observing"
  | "serving and lookup"
  | "tests";

const CODES = {
  config_dir_not_found: {
    area: "file",
    severity: "error",
    meaning: "The configuration directory does not exist, or is no directory.",
    remedy: "Name the directory that holds `cluster.yaml` with `--config DIR`.",
  },
  cluster_config_read_error: {
    area: "file",
    severity: "error",
    meaning: "`cluster.yaml` is missing, unreadable, or not UTF-8 text.",
    remedy: "Create the file, or correct its permissions or encoding.",
  },
  duplicate_yaml_key: {
    area: "file",
    severity: "error",
    meaning: "A mapping contains the same key twice.",
    remedy: "Keep one of the two; the message names both lines.",
  },
  future_phase_field: {
    area: "file",
    severity: "error",
    meaning: "A top-level key is reserved for a later version.",
    remedy: "Remove the key, or use a version of OmniGraph that defines it.",
  },
  removed_streaming_declaration: {
    area: "file",
    severity: "error",
    meaning: "A graph declares `streaming`, which no longer exists.",
    remedy: "Remove the key.",
  },
  invalid_cluster_yaml: {
    area: "file",
    severity: "error",
    meaning: "The file is not the YAML that is expected: syntax, a type, an unknown or a missing key, an anchor, an alias or a tag.",
    remedy: "Correct the place that the message names.",
  },
  unsupported_cluster_config_version: {
    area: "header",
    severity: "error",
    meaning: "`version` is not `1`.",
    remedy: "Write `version: 1`, or use a version of OmniGraph that reads this one.",
  },
  empty_metadata_name: {
    area: "header",
    severity: "error",
    meaning: "`metadata.name` is blank.",
    remedy: "Give the cluster a name, or leave the key out.",
  },
  unsupported_state_backend: {
    area: "header",
    severity: "error",
    meaning: "`state.backend` is something else than `cluster`.",
    remedy: "Write `backend: cluster`, or leave the key out: state lies under the storage root.",
  },
  invalid_storage_root: {
    area: "header",
    severity: "error",
    meaning: "`storage` is blank, or no address of a storage root.",
    remedy: "Give a path, `file:///path` or `s3://bucket/prefix`, or leave the key out.",
  },
  storage_root_invalid: {
    area: "header",
    severity: "error",
    meaning: "The storage root cannot be set up: it is an address of an unknown kind, credentials are missing, or the store cannot be reached or lacks conditional writes.",
    remedy: "Check the address, the credentials in the environment, and that the store supports conditional writes.",
  },
  invalid_resource_id: {
    area: "ids and schemas",
    severity: "error",
    meaning: "The id of a graph, query, policy or provider is outside its grammar.",
    remedy: "Rename it: graphs take letters, digits and `-`; everything else a letter or `_`, then letters, digits, `_` and `-`.",
  },
  schema_file_missing: {
    area: "ids and schemas",
    severity: "error",
    meaning: "The schema file of a graph cannot be read.",
    remedy: "Create it, or correct `graphs.<id>.schema`, which is relative to the configuration directory.",
  },
  schema_parse_error: {
    area: "ids and schemas",
    severity: "error",
    meaning: "The schema file does not parse.",
    remedy: "Correct the place that the message names.",
  },
  schema_catalog_error: {
    area: "ids and schemas",
    severity: "error",
    meaning: "The schema parses, but its types do not fit together.",
    remedy: "Correct the place that the message names.",
  },
  query_dir_unreadable: {
    area: "queries",
    severity: "error",
    meaning: "A folder of queries cannot be listed.",
    remedy: "Create it, correct its permissions, or correct the path, which is relative to the configuration directory.",
  },
  query_dir_empty: {
    area: "queries",
    severity: "warning",
    meaning: "A folder of queries holds no `.gq` file. Folders are not searched recursively.",
    remedy: "Put query files directly into it, or leave it out.",
  },
  query_file_missing: {
    area: "queries",
    severity: "error",
    meaning: "A query file cannot be read.",
    remedy: "Create it, or correct its path, which is relative to the configuration directory.",
  },
  query_parse_error: {
    area: "queries",
    severity: "error",
    meaning: "A query file does not parse.",
    remedy: "Correct the place that the message names.",
  },
  duplicate_query_name: {
    area: "queries",
    severity: "error",
    meaning: "A graph has two queries of the same name, or two that offer the same tool.",
    remedy: "Rename one of the two; the message names both files.",
  },
  query_key_mismatch: {
    area: "queries",
    severity: "error",
    meaning: "The file named for a query declares no query of that name.",
    remedy: "Use the name that the file declares as the key, or correct the file.",
  },
  query_typecheck_error: {
    area: "queries",
    severity: "error",
    meaning: "A query does not fit the schema of its graph, or could not be served as it is declared.",
    remedy: "Correct the place that the message names.",
  },
  query_typecheck_skipped: {
    area: "queries",
    severity: "warning",
    meaning: "Queries of a graph were not checked, because its schema has errors.",
    remedy: "Correct the schema first.",
  },
  policy_missing_applies_to: {
    area: "policies",
    severity: "error",
    meaning: "A policy does not say what it applies to.",
    remedy: "List `cluster`, or ids of graphs, under `applies_to`.",
  },
  policy_file_missing: {
    area: "policies",
    severity: "error",
    meaning: "A policy bundle cannot be read.",
    remedy: "Create it, or correct `policies.<name>.file`, which is relative to the configuration directory.",
  },
  policy_invalid: {
    area: "policies",
    severity: "error",
    meaning: "A policy bundle is malformed, or has rules that its binding does not allow.",
    remedy: "Correct the place that the message names.",
  },
  policy_mixed_binding_kinds: {
    area: "policies",
    severity: "error",
    meaning: "A policy is bound to `cluster` and to a graph.",
    remedy: "Split it into two bundles: rules of the server and rules of graphs are different ones.",
  },
  duplicate_policy_binding: {
    area: "policies",
    severity: "error",
    meaning: "Two policies are bound to the same graph, or both to `cluster`.",
    remedy: "Bind one of them, and put the rules of both into its bundle.",
  },
  dangling_graph_reference: {
    area: "references",
    severity: "error",
    meaning: "A policy is bound to a graph that is not declared.",
    remedy: "Declare the graph, or correct the id.",
  },
  wrong_kind_reference: {
    area: "references",
    severity: "error",
    meaning: "A reference names a resource of another kind than the place allows.",
    remedy: "Name a resource of the kind that the message asks for.",
  },
  dangling_embedding_provider_reference: {
    area: "references",
    severity: "error",
    meaning: "A graph uses an embedding provider that is not declared.",
    remedy: "Declare it under `providers.embedding`, or correct the name.",
  },
  invalid_embedding_provider: {
    area: "providers",
    severity: "error",
    meaning: "An embedding provider has an unknown kind, a bad URL, or values that contradict each other.",
    remedy: "Correct the place that the message names.",
  },
  embedding_api_key_inline: {
    area: "providers",
    severity: "error",
    meaning: "The key of an embedding provider stands in the file.",
    remedy: "Write `${NAME}` and set that variable where the server runs. A key that was committed should be revoked.",
  },
  embedding_api_key_required: {
    area: "providers",
    severity: "error",
    meaning: "An embedding provider has no key, and is neither `mock` nor on this host.",
    remedy: "Add `api_key: ${NAME}`.",
  },
  invalid_external_blob_base: {
    area: "blobs",
    severity: "error",
    meaning: "A base for external blobs is not an absolute address in normal form, or does not fit its scope.",
    remedy: "Correct the base or the scope as the message says.",
  },
  invalid_external_blob_policy: {
    area: "blobs",
    severity: "error",
    meaning: "Two bases for external blobs overlap.",
    remedy: "Keep the one that is meant.",
  },
  external_blob_ingress_default_deny: {
    area: "blobs",
    severity: "warning",
    meaning: "A graph lists no base for external blobs, so that no new external reference is admitted.",
    remedy: "Nothing, unless external references are wanted.",
  },
  external_blob_ingress_unsupported: {
    area: "blobs",
    severity: "warning",
    meaning: "A graph lists bases for external blobs, which are recorded, but this version admits no external reference yet.",
    remedy: "Nothing; or leave the list out until a version that admits external references.",
  },
  state_missing: {
    area: "ledger",
    severity: "error",
    exception: "a warning in `status`",
    meaning: "There is no ledger under the storage root.",
    remedy: "Run `omnigraph cluster import` to create it, for a new cluster and for a lost ledger alike.",
  },
  state_already_exists: {
    area: "ledger",
    severity: "error",
    meaning: "`import` was asked to create a ledger where there is one.",
    remedy: "Run `omnigraph cluster refresh` to observe the graphs again.",
  },
  state_read_error: {
    area: "ledger",
    severity: "error",
    meaning: "The ledger could not be read. That is not the same as absent.",
    remedy: "Check credentials, permissions and the network, then run the command again.",
  },
  invalid_state_json: {
    area: "ledger",
    severity: "error",
    meaning: "The ledger is not JSON of the expected shape.",
    remedy: "Restore the file from a backup; or move it away and run `omnigraph cluster import`.",
  },
  unsupported_state_version: {
    area: "ledger",
    severity: "error",
    meaning: "The ledger has a version that this binary does not read.",
    remedy: "Use a newer version of OmniGraph.",
  },
  conflicting_graph_manifest_observation: {
    area: "ledger",
    severity: "error",
    meaning: "An observation carries the version of a graph under its old and its new name, with different values.",
    remedy: "Remove `manifest_version` from that observation; `omnigraph cluster refresh` records the right one.",
  },
  state_write_error: {
    area: "ledger",
    severity: "error",
    meaning: "The ledger could not be written.",
    remedy: "Check permissions and space, then run the command again: what was done is found and recorded.",
  },
  state_cas_mismatch: {
    area: "ledger",
    severity: "error",
    meaning: "The ledger changed while the command ran.",
    remedy: "Find out who else writes to it, then run the command again.",
  },
  external_blob_policy_digest_mismatch: {
    area: "ledger",
    severity: "error",
    meaning: "The recorded digest of a graph does not cover its recorded parts: somebody edited the ledger by hand.",
    remedy: "Restore the file from a backup; or move it away and run `omnigraph cluster import`.",
  },
  state_lock_held: {
    area: "lock",
    severity: "error",
    meaning: "Another command holds the lock.",
    remedy: "Wait for it. If its process is gone for certain, run `omnigraph cluster force-unlock ID` with the id of the message.",
  },
  state_lock_error: {
    area: "lock",
    severity: "error",
    meaning: "The lock could not be created or removed.",
    remedy: "Check permissions, credentials and the network.",
  },
  state_lock_missing: {
    area: "lock",
    severity: "error",
    meaning: "There is no lock to remove.",
    remedy: "Nothing: no command holds it.",
  },
  state_lock_read_error: {
    area: "lock",
    severity: "error",
    exception: "a warning in `status`",
    meaning: "The lock could not be read. That is not the same as absent.",
    remedy: "Check permissions, credentials and the network.",
  },
  state_lock_id_mismatch: {
    area: "lock",
    severity: "error",
    meaning: "The lock is held under another id than the one given.",
    remedy: "Look at `omnigraph cluster status` again: the lock you meant is gone, and somebody else holds one.",
  },
  invalid_state_lock: {
    area: "lock",
    severity: "error",
    exception: "a warning in `status`",
    meaning: "The lock file is not JSON of the expected shape.",
    remedy: "When no command runs, remove the file by hand.",
  },
  unsupported_state_lock_version: {
    area: "lock",
    severity: "error",
    exception: "a warning in `status`",
    meaning: "The lock was written by a version that this binary does not read.",
    remedy: "Use a newer version of OmniGraph.",
  },
  state_lock_disabled: {
    area: "lock",
    severity: "warning",
    meaning: "`state.lock` is `false`: nothing keeps two commands apart but the check when the ledger is written.",
    remedy: "Leave the key out, unless something else makes sure that one command runs at a time.",
  },
  approval_not_required: {
    area: "approvals",
    severity: "error",
    meaning: "The change to approve does not need an approval, or there is no such change.",
    remedy: "Look at `omnigraph cluster plan` for what awaits approval.",
  },
  approval_write_error: {
    area: "approvals",
    severity: "error",
    meaning: "The approval could not be written.",
    remedy: "Check permissions, credentials and the network, then approve again.",
  },
  approval_stale: {
    area: "approvals",
    severity: "warning",
    meaning: "An approval is for something that has changed since, and does not count.",
    remedy: "Read the plan again, and approve again if it is still right.",
  },
  approval_read_error: {
    area: "approvals",
    severity: "warning",
    meaning: "An approval could not be read, and does not count.",
    remedy: "Check permissions, credentials and the network.",
  },
  invalid_approval_artifact: {
    area: "approvals",
    severity: "warning",
    meaning: "An approval is not JSON of the expected shape, and does not count.",
    remedy: "Approve again.",
  },
  unsupported_approval_version: {
    area: "approvals",
    severity: "warning",
    meaning: "An approval was written by a version that this binary does not read, and does not count.",
    remedy: "Use a newer version of OmniGraph, or approve again.",
  },
  recovery_sidecar_write_error: {
    area: "recovery",
    severity: "error",
    meaning: "The record of what is about to happen to a graph could not be written, so nothing happened to it.",
    remedy: "Check permissions, credentials and space, then run the command again.",
  },
  recovery_sidecar_read_error: {
    area: "recovery",
    severity: "warning",
    exception: "an error when serving",
    meaning: "The record of an interrupted operation could not be read.",
    remedy: "Check permissions, credentials and the network, then run `omnigraph cluster refresh`.",
  },
  invalid_recovery_sidecar: {
    area: "recovery",
    severity: "warning",
    exception: "an error when serving",
    meaning: "The record of an interrupted operation is not JSON of the expected shape.",
    remedy: "Find out which graph it concerned, see that this graph is as it should be, then remove the file.",
  },
  unsupported_recovery_sidecar_version: {
    area: "recovery",
    severity: "warning",
    exception: "an error when serving",
    meaning: "The record of an interrupted operation was written by a version that this binary does not read.",
    remedy: "Use a newer version of OmniGraph.",
  },
  recovery_sidecar_cleanup_failed: {
    area: "recovery",
    severity: "warning",
    meaning: "The record of a finished operation could not be removed.",
    remedy: "Nothing: the next `apply` or `refresh` removes it.",
  },
  cluster_recovery_pending: {
    area: "recovery",
    severity: "warning",
    exception: "an error when serving",
    meaning: "An operation on a graph was interrupted and is not settled.",
    remedy: "Run `omnigraph cluster apply` or `omnigraph cluster refresh`.",
  },
  cluster_recovery_rolled_forward: {
    area: "recovery",
    severity: "warning",
    meaning: "An interrupted operation had completed, and the ledger records it now.",
    remedy: "Nothing.",
  },
  graph_create_incomplete: {
    area: "recovery",
    severity: "error",
    meaning: "The creation of a graph was interrupted half-way, and what it left cannot be opened.",
    remedy: "Remove the root of that graph, which holds no data yet, then run `omnigraph cluster apply` again.",
  },
  graph_delete_incomplete: {
    area: "recovery",
    severity: "warning",
    meaning: "The deletion of a graph was interrupted half-way.",
    remedy: "Run `omnigraph cluster apply` again: it plans and finishes the deletion.",
  },
  graph_create_failed: {
    area: "apply",
    severity: "error",
    meaning: "A graph could not be created.",
    remedy: "Remedy what the message says, then run `omnigraph cluster apply` again.",
  },
  graph_create_skipped: {
    area: "apply",
    severity: "warning",
    meaning: "A graph was not created, because an earlier one failed.",
    remedy: "Remedy the failure, then run `omnigraph cluster apply` again.",
  },
  schema_apply_failed: {
    area: "apply",
    severity: "error",
    meaning: "A graph could not be migrated to its schema.",
    remedy: "Remedy what the message says, then run `omnigraph cluster apply` again.",
  },
  schema_apply_skipped: {
    area: "apply",
    severity: "warning",
    meaning: "A graph was not migrated, because an earlier change failed.",
    remedy: "Remedy the failure, then run `omnigraph cluster apply` again.",
  },
  graph_delete_failed: {
    area: "apply",
    severity: "error",
    meaning: "A graph could not be deleted.",
    remedy: "Remedy what the message says, then run `omnigraph cluster apply` again.",
  },
  graph_delete_skipped: {
    area: "apply",
    severity: "warning",
    meaning: "A graph was not deleted, because an earlier change failed.",
    remedy: "Remedy the failure, then run `omnigraph cluster apply` again.",
  },
  graph_delete_export_in_progress: {
    area: "apply",
    severity: "error",
    meaning: "A graph was not deleted, because an export of it runs.",
    remedy: "Wait for the export, then run `omnigraph cluster apply` again.",
  },
  resource_content_changed: {
    area: "apply",
    severity: "error",
    meaning: "A file changed between planning and its use.",
    remedy: "Run the command again with the files at rest.",
  },
  resource_payload_write_error: {
    area: "apply",
    severity: "error",
    meaning: "The copy of a query or policy could not be written to the catalog.",
    remedy: "Check permissions, credentials and space, then run `omnigraph cluster apply` again.",
  },
  apply_unsupported_change: {
    area: "apply",
    severity: "warning",
    meaning: "A change was left out, because this version cannot execute it.",
    remedy: "Make the change another way, or revert it in the configuration.",
  },
  apply_dependency_blocked: {
    area: "apply",
    severity: "warning",
    meaning: "A change waits: for an approval, for the settlement of an interrupted operation, or for another change that failed.",
    remedy: "See the reason in the plan; when it is gone, run `omnigraph cluster apply` again.",
  },
  apply_approval_invariant_violation: {
    area: "apply",
    severity: "error",
    meaning: "A change that needs an approval was about to run without one. Nothing was done. This is a defect of OmniGraph.",
    remedy: "Report it, with the output of `omnigraph cluster plan --json`.",
  },
  schema_preview_unavailable: {
    area: "observing",
    severity: "warning",
    meaning: "The steps of a migration could not be shown, because the graph could not be opened.",
    remedy: "See the message; `apply` checks the migration again before it starts.",
  },
  graph_observation_error: {
    area: "observing",
    severity: "error",
    meaning: "One or more graphs could not be opened to be observed.",
    remedy: "See the status of each with `omnigraph cluster status`, remedy it, then run the command again.",
  },
  catalog_payload_missing: {
    area: "observing",
    severity: "warning",
    exception: "an error when serving",
    meaning: "The catalog lacks the copy of an applied query or policy.",
    remedy: "Run `omnigraph cluster refresh`, then `omnigraph cluster apply`.",
  },
  catalog_payload_mismatch: {
    area: "observing",
    severity: "warning",
    meaning: "The copy of an applied query or policy in the catalog was altered.",
    remedy: "Run `omnigraph cluster refresh`, then `omnigraph cluster apply`.",
  },
  catalog_payload_read_error: {
    area: "observing",
    severity: "error",
    meaning: "The copy of an applied query or policy could not be read. That is not the same as missing.",
    remedy: "Check permissions, credentials and the network.",
  },
  cluster_state_missing: {
    area: "serving and lookup",
    severity: "error",
    meaning: "There is no ledger, so that nothing can be served or found.",
    remedy: "Run `omnigraph cluster import` and `omnigraph cluster apply` first.",
  },
  cluster_recovery_unattributed: {
    area: "serving and lookup",
    severity: "error",
    meaning: "The record of an interrupted operation does not say which graph it concerns.",
    remedy: "Run `omnigraph cluster apply` or `omnigraph cluster refresh`, then start again.",
  },
  catalog_payload_digest_mismatch: {
    area: "serving and lookup",
    severity: "error",
    meaning: "The copy of an applied query or policy in the catalog was altered.",
    remedy: "Run `omnigraph cluster refresh`, then `omnigraph cluster apply`, then start again.",
  },
  policy_bindings_missing: {
    area: "serving and lookup",
    severity: "error",
    meaning: "The ledger does not record what a policy applies to.",
    remedy: "Run `omnigraph cluster apply`, then start again.",
  },
  embedding_provider_profile_missing: {
    area: "serving and lookup",
    severity: "error",
    meaning: "The ledger does not record the profile of an embedding provider.",
    remedy: "Run `omnigraph cluster apply`, then start again.",
  },
  embedding_provider_digest_mismatch: {
    area: "serving and lookup",
    severity: "error",
    meaning: "The recorded profile of an embedding provider does not match its digest: somebody edited the ledger by hand.",
    remedy: "Restore the ledger from a backup; or move it away, run `omnigraph cluster import` and `omnigraph cluster apply`.",
  },
  embedding_provider_missing: {
    area: "serving and lookup",
    severity: "error",
    meaning: "A graph uses an embedding provider that the ledger does not have.",
    remedy: "Run `omnigraph cluster apply`, then start again.",
  },
  cluster_empty: {
    area: "serving and lookup",
    severity: "error",
    meaning: "No graph is applied.",
    remedy: "Declare a graph and run `omnigraph cluster apply`.",
  },
  cluster_no_healthy_graphs: {
    area: "serving and lookup",
    severity: "error",
    meaning: "No applied graph can be served.",
    remedy: "See the reason of each graph in the message.",
  },
  graph_not_applied: {
    area: "serving and lookup",
    severity: "error",
    meaning: "The cluster has no such graph.",
    remedy: "Name an applied graph, or declare it and run `omnigraph cluster apply`.",
  },
  injected_failpoint: {
    area: "tests",
    severity: "error",
    meaning: "A test stopped the command at a named point.",
    remedy: "Nothing: this never happens outside of tests.",
  },
} as const;

export type DiagnosticCode = keyof typeof CODES;

/** In the order of §17. */
export const DIAGNOSTIC_CODES: Readonly<Record<DiagnosticCode, DiagnosticCodeMeaning>> = CODES;
