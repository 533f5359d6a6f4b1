import type { GraphClient } from "@omnigraphdb/client";
import type { LintReport, MigrationPlan } from "@omnigraphdb/compiler";
import type { CleanupReport, EnsureIndicesReport, OptimizeReport, RecoveryAudit, RepairReport } from "@omnigraphdb/engine";

export interface RepairRequest {
  readonly branch: string | undefined;
  readonly confirm: boolean;
  readonly force: boolean;
}

export interface CleanupRequest {
  readonly keepVersions: number | undefined;
  readonly olderThanMs: number | undefined;
}

/** What additionally needs the graph's storage at hand: capability `direct` (§4). */
export interface DirectGraphClient extends GraphClient {
  /** What became of interrupted writes, newest first. */
  listRecoveryAudits(): Promise<readonly RecoveryAudit[]>;
  /** Whether `optimize` would make reads and writes of the branch faster, by what is known without looking at its data. */
  needsOptimize(branch: string | undefined): Promise<boolean>;
  optimize(branch: string | undefined): Promise<OptimizeReport>;
  ensureIndices(branch: string | undefined): Promise<EnsureIndicesReport>;
  repair(request: RepairRequest): Promise<RepairReport>;
  cleanup(request: CleanupRequest): Promise<CleanupReport>;
  planSchema(source: string, options: { readonly allowDataLoss: boolean }): Promise<MigrationPlan>;
  lint(source: string): Promise<LintReport>;
}
