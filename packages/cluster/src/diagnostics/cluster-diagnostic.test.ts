import { describe, expect, test } from "vitest";
import { diagnostic, Diagnostics } from "./cluster-diagnostic.js";
import { DIAGNOSTIC_CODES } from "./diagnostic-codes.js";

/** The table of cluster.md §17, with E and W. */
const SPECIFIED = `
file: config_dir_not_found E, cluster_config_read_error E, duplicate_yaml_key E, future_phase_field E, removed_streaming_declaration E, invalid_cluster_yaml E
header: unsupported_cluster_config_version E, empty_metadata_name E, unsupported_state_backend E, invalid_storage_root E, storage_root_invalid E
ids, schemas: invalid_resource_id E, schema_file_missing E, schema_parse_error E, schema_catalog_error E
queries: query_dir_unreadable E, query_dir_empty W, query_file_missing E, query_parse_error E, duplicate_query_name E, query_key_mismatch E, query_typecheck_error E, query_typecheck_skipped W
policies: policy_missing_applies_to E, policy_file_missing E, policy_invalid E, policy_mixed_binding_kinds E, duplicate_policy_binding E
references: dangling_graph_reference E, wrong_kind_reference E, dangling_embedding_provider_reference E
providers: invalid_embedding_provider E, embedding_api_key_inline E, embedding_api_key_required E
blobs: invalid_external_blob_base E, invalid_external_blob_policy E, external_blob_ingress_default_deny W
ledger: state_missing E (W in status), state_already_exists E, state_read_error E, invalid_state_json E, unsupported_state_version E, conflicting_graph_manifest_observation E, state_write_error E, state_cas_mismatch E, external_blob_policy_digest_mismatch E
lock: state_lock_held E, state_lock_error E, state_lock_missing E, state_lock_read_error E (W in status), state_lock_id_mismatch E, invalid_state_lock E (W in status), unsupported_state_lock_version E (W in status), state_lock_disabled W
approvals: approval_not_required E, approval_write_error E, approval_stale W, approval_read_error W, invalid_approval_artifact W, unsupported_approval_version W
recovery: recovery_sidecar_write_error E, recovery_sidecar_read_error W, invalid_recovery_sidecar W, unsupported_recovery_sidecar_version W, recovery_sidecar_cleanup_failed W, cluster_recovery_pending W, cluster_recovery_rolled_forward W, graph_create_incomplete E, graph_delete_incomplete W
apply: graph_create_failed E, graph_create_skipped W, schema_apply_failed E, schema_apply_skipped W, graph_delete_failed E, graph_delete_skipped W, graph_delete_export_in_progress E, resource_content_changed E, resource_payload_write_error E, apply_unsupported_change W, apply_dependency_blocked W, apply_approval_invariant_violation E
observing: schema_preview_unavailable W, graph_observation_error E, catalog_payload_missing W (E when serving), catalog_payload_mismatch W, catalog_payload_read_error E
serving and lookup: cluster_state_missing E, cluster_recovery_unattributed E, catalog_payload_digest_mismatch E, policy_bindings_missing E, embedding_provider_profile_missing E, embedding_provider_digest_mismatch E, embedding_provider_missing E, cluster_empty E, cluster_no_healthy_graphs E, graph_not_applied E
tests: injected_failpoint E
`;

describe("cluster.md §17", () => {
  const specified = [...SPECIFIED.matchAll(/([a-z_]+) ([EW])\b/g)].map(([, code, severity]) => `${code} ${severity === "E" ? "error" : "warning"}`);
  /** Of ours: bases for external blobs that have no effect yet. */
  const OURS = ["external_blob_ingress_unsupported warning"];

  test("every code, with its severity, and no others", () => {
    const known = Object.entries(DIAGNOSTIC_CODES).map(([code, { severity }]) => `${code} ${severity}`);
    expect(known.sort()).toEqual([...specified, ...OURS].sort());
  });

  test("every code says what to do, and where its severity is another one", () => {
    const milder = [...SPECIFIED.matchAll(/([a-z_]+) [EW] \(([EW])/g)].map(([, code]) => code);
    for (const [code, { meaning, remedy, exception }] of Object.entries(DIAGNOSTIC_CODES)) {
      expect(`${code}: ${meaning}`).toMatch(/\.$/);
      expect(`${code}: ${remedy}`).toMatch(/\.$/);
      if (milder.includes(code)) expect([code, exception]).not.toEqual([code, undefined]);
    }
  });
});

describe("findings of a run", () => {
  test("13.1 severity is that of the table unless the finding says otherwise; order is that of finding", () => {
    const diagnostics = new Diagnostics();
    expect(diagnostics.hasErrors).toBe(false);
    diagnostics.add(diagnostic("state_missing", "ledger", "none", { severity: "warning" }));
    expect(diagnostics.hasErrors).toBe(false);
    diagnostics.addAll([diagnostic("query_dir_empty", "a", "b", { place: { file: "/f", line: 1, column: 2 } }), diagnostic("state_missing", "ledger", "none")]);
    expect(diagnostics.hasErrors).toBe(true);
    expect(diagnostics.list().map(({ code, severity, place }) => [code, severity, place?.column])).toEqual([["state_missing", "warning", undefined], ["query_dir_empty", "warning", 2], ["state_missing", "error", undefined]]);
  });
});
