import type { ManifestTable } from "../storage/dataset-gateway.js";
import { FormatTooNewError, ManifestInvariantError } from "./errors.js";
import type { GraphRecord } from "./manifest.js";
import { adoptCommitGroups } from "./migrations/adopt-commit-groups.js";
import { adoptRecordModel } from "./migrations/adopt-record-model.js";
import { sweepRunBranches } from "./migrations/sweep-run-branches.js";

/** Internal-schema version this engine writes (LIM-12). */
export const CURRENT_FORMAT_VERSION = 4;

/**
 * One step from `from` to `from + 1`: does its work, then moves the stamp. Idempotent under retry and under concurrent
 * runners (MIG-3).
 */
export interface Migration {
  readonly from: number;
  run(table: ManifestTable): Promise<void>;
}

const MIGRATIONS: readonly Migration[] = [adoptRecordModel, sweepRunBranches, adoptCommitGroups];

/** Compares the stamp of a graph with this engine and brings older graphs forward. */
export class FormatGuard {
  readonly #table: ManifestTable;

  constructor(table: ManifestTable) {
    this.#table = table;
  }

  /** @throws FormatTooNewError when a newer engine wrote the graph (MIG-2) */
  ensureReadable(graph: GraphRecord): void {
    if (graph.formatVersion > CURRENT_FORMAT_VERSION) throw new FormatTooNewError(graph.formatVersion, CURRENT_FORMAT_VERSION);
  }

  needsMigration(graph: GraphRecord): boolean {
    this.ensureReadable(graph);
    return graph.formatVersion < CURRENT_FORMAT_VERSION;
  }

  /**
   * Applies the steps an older graph needs, in order (MIG-3).
   *
   * @returns whether anything was migrated; what was read before is then outdated
   */
  async ensureWritable(graph: GraphRecord): Promise<boolean> {
    if (!this.needsMigration(graph)) return false;
    for (let version = graph.formatVersion; version < CURRENT_FORMAT_VERSION; version++) {
      const migration = MIGRATIONS.find((step) => step.from === version);
      if (migration === undefined) throw new ManifestInvariantError(`no migration from internal schema version ${version}`);
      await migration.run(this.#table);
    }
    return true;
  }
}
