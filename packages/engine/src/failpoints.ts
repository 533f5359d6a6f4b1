/**
 * Names of this package's crash points (RC-100), one constant each. Production code reaches them through
 * `Failpoints.hit`; only tests arm them. A guard test checks that every name is armed by some test.
 */
export const FAILPOINT = {
  leaseAcquire: "lease.acquire",
  leaseRenew: "lease.renew",
  leaseTakeoverPreRecovery: "lease.takeover_pre_recovery",
  sidecarWrite: "recovery.sidecar_write",
  sidecarDelete: "recovery.sidecar_delete",
  sidecarList: "recovery.sidecar_list",
  sidecarConfirm: "recovery.sidecar_confirm",
  recordAudit: "recovery.record_audit",
  beforeRollForwardPublish: "recovery.before_roll_forward_publish",
  rollBackPreRestore: "recovery.pre_restore",
  rollBackPostRestore: "recovery.post_restore_pre_publish",
  postListPreGates: "recovery.post_list_pre_gates",
  postStagePreEffectGate: "mutation.post_stage_pre_effect_gate",
  postSidecarPreFork: "mutation.post_sidecar_pre_fork",
  postForkPreCommit: "mutation.post_fork_pre_commit",
  postTableCommit: "mutation.post_table_commit",
  postFinalizePrePublisher: "mutation.post_finalize_pre_publisher",
  schemaBeforeStagingWrite: "schema_apply.before_staging_write",
  schemaBetweenStagingWrites: "schema_apply.between_staging_writes",
  schemaAfterStagingWrite: "schema_apply.after_staging_write",
  schemaBeforePromotionRename: "schema_apply.before_promotion_rename",
  publishBeforeCommit: "graph_publish.before_commit",
  publishAfterCommit: "graph_publish.after_commit",
  initAfterSchemaSource: "init.after_schema_pg_written",
  initAfterSchemaContract: "init.after_schema_contract_written",
  initAfterGenesis: "init.after_coordinator_init",
  openBeforeSchemaContract: "open.before_schema_contract_read",
} as const;
