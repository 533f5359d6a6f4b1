import { tmpdir, totalmem } from "node:os";
import { DEFAULT_TUNING, type TraversalSettings } from "./exec/query-tuning.js";
import type { Durability } from "./storage/durability.js";
import type { S3Settings } from "./storage/s3-settings.js";

const GIBIBYTE = 1024 ** 3;

/** How writer processes of one graph take turns (LIM-13). Times in milliseconds. */
export interface LeaseSettings {
  /** False: no lease at all. Safe, but racing writer processes then see conflicts instead of waiting (LE-8). */
  readonly isEnabled: boolean;
  readonly termMs: number;
  readonly renewalMs: number;
  /** How long a process keeps the lease after its last write. */
  readonly idleMs: number;
}

/** Everything tunable of one graph handle: plain data. */
export interface GraphSettings extends TraversalSettings {
  /** Budget of derived caches: dictionaries, topology, hot columns (`OMNIGRAPH_CACHE_BYTES`, LIM-10). */
  readonly cacheBytes: number;
  /** Memory one query may hold in intermediate results. */
  readonly queryMemoryBytes: number;
  /** Time limit of one query in milliseconds (`OMNIGRAPH_QUERY_TIMEOUT_MS`); 0 = none, the default. */
  readonly queryTimeoutMs: number;
  /** What an acknowledged write survives (`OMNIGRAPH_DURABILITY`, ST-21). Default `power` (decision 0006). No effect on S3. */
  readonly durability: Durability;
  /** How long a write waits for other writers before it fails with WriterBusy (`OMNIGRAPH_WRITER_WAIT_MS`, LE-6). */
  readonly writerWaitMs: number;
  readonly lease: LeaseSettings;
  /** Datasets that maintenance looks at side by side (`OMNIGRAPH_MAINTENANCE_CONCURRENCY`, MT-10). */
  readonly maintenanceConcurrency: number;
  /** Where a load keeps batches that exceed its memory (`OMNIGRAPH_MERGE_STAGING_DIR`). */
  readonly stagingDirectory: string;
  /** Whether loads compute missing vectors unless they say otherwise (EM-40). Default false: a load embeds nothing. */
  readonly embedOnLoad: boolean;
  /** Access to the store of an `s3://` root; read from the environment by whoever owns the process (URI-8). */
  readonly s3?: S3Settings;
}

export interface GraphSettingsInput extends Partial<Omit<GraphSettings, "lease">> {
  readonly lease?: Partial<LeaseSettings>;
}

export function completeSettings(given: GraphSettingsInput = {}): GraphSettings {
  return {
    cacheBytes: given.cacheBytes ?? Math.min(4 * GIBIBYTE, Math.floor(totalmem() / 4)),
    queryMemoryBytes: given.queryMemoryBytes ?? Math.min(4 * GIBIBYTE, Math.floor(totalmem() / 4)),
    queryTimeoutMs: given.queryTimeoutMs ?? 0,
    traversalMode: given.traversalMode ?? DEFAULT_TUNING.traversalMode,
    indexedFrontierMax: given.indexedFrontierMax ?? DEFAULT_TUNING.indexedFrontierMax,
    indexedHopsMax: given.indexedHopsMax ?? DEFAULT_TUNING.indexedHopsMax,
    durability: given.durability ?? "power",
    writerWaitMs: given.writerWaitMs ?? 30_000,
    lease: { isEnabled: true, termMs: 15_000, renewalMs: 5_000, idleMs: 2_000, ...given.lease },
    maintenanceConcurrency: given.maintenanceConcurrency ?? 8,
    stagingDirectory: given.stagingDirectory ?? tmpdir(),
    embedOnLoad: given.embedOnLoad ?? false,
    ...(given.s3 === undefined ? {} : { s3: given.s3 }),
  };
}
