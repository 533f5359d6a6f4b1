import { statSync } from "node:fs";
import type { Clock } from "@omnigraphdb/common";
import type { Table as ArrowTable, RecordBatch, Schema } from "apache-arrow";
import type { Table } from "@lancedb/lancedb";
import type { Column } from "../../columnar/column.js";
import { createColumnBuilder } from "../../columnar/column-builder.js";
import { type Cell, readCell } from "../../columnar/read-cell.js";
import { requireColumn } from "../../columnar/row-batch.js";
import type { CompactionCounts, ManifestRow, ManifestTable, MergeResult } from "../dataset-gateway.js";
import { isStorageError } from "../errors.js";
import { MANIFEST_TABLE } from "../layout.js";
import { arrow } from "./arrow.js";
import { translateNativeErrors } from "./classify-error.js";
import { fromArrowBatch, toArrowTable } from "./column-codec.js";
import type { LanceConnections, TableAddress } from "./lance-connection.js";
import { quoteColumn, quoteText } from "./render-predicate.js";
import { setTornVersionsAside } from "./torn-versions.js";

export const MANIFEST_ADDRESS: TableAddress = { directory: "", name: MANIFEST_TABLE };
const COLUMNS = ["key", "seq", "base", "tx_id", "created_at", "payload"] as const;
/**
 * Native versions of the manifest younger than this stay: a reader or publisher in the middle of a call needs the one it
 * started from. Compaction looks at every version that is left, so an hour of them made it slow (decision 0004).
 */
const KEEP_VERSIONS_MS = 30_000;
/** A merge repeats itself inside while others commit; the slowest seen took 17 s. After this its outcome is looked up. */
const PUBLISH_TIMEOUT_MS = 25_000;
/**
 * Two changes within one tick of the file system's clock share a modification time, so a time this close to the moment
 * of looking proves nothing (the racy-timestamp rule of git's index). Kernel ticks are at most 10 ms.
 */
const RACY_WINDOW_NS = 50_000_000n;
/**
 * How payloads and operation ids are stored: most of a commit row repeats the row before it, so a block of them shrinks to a third. Without
 * the layout the native library compresses every value of its own, which makes rows larger; its usual blocks of 4 KiB hold too few of them.
 */
const BLOCK_STORAGE: ReadonlyMap<string, string> = new Map([
  ["lance-encoding:compression", "zstd"],
  ["lance-encoding:structural-encoding", "miniblock"],
  ["lance-encoding:minichunk-size", "16384"],
]);

/** What the version directory looked like when a native version was read. */
interface Observation {
  readonly modifiedNs: bigint;
  readonly version: number;
}

/**
 * The manifest as one LanceDB table (MAN-20): Utf8 and Int64 columns, no index and no primary key — with either, the
 * conditional merge loses its guarantee of one winner (lancedb.md §5).
 */
export class LanceManifestTable implements ManifestTable {
  readonly #connections: LanceConnections;
  readonly #clock: Clock;
  readonly #versionsDirectory: string;
  #table: Promise<Table> | undefined;
  #observed: Observation | undefined;
  /** A look at the newest version under way, and the one that follows for all who came too late for it. */
  #look: Promise<number> | undefined;
  #nextLook: Promise<number> | undefined;

  constructor(connections: LanceConnections, clock: Clock) {
    this.#connections = connections;
    this.#clock = clock;
    this.#versionsDirectory = `${connections.tablePath(MANIFEST_ADDRESS)}/_versions`;
  }

  exists(): Promise<boolean> {
    return this.#connections.tableExists(MANIFEST_ADDRESS);
  }

  async create(rows: readonly ManifestRow[]): Promise<void> {
    const connection = await this.#connections.connect(MANIFEST_ADDRESS.directory);
    const schema = manifestSchema();
    await translateNativeErrors({ action: "create the manifest", effects: "possible" }, () =>
      connection.createTable(MANIFEST_ADDRESS.name, encodeRows(rows, schema), { mode: "create", schema }),
    );
    this.#table = undefined;
    this.#observed = undefined;
  }

  async probe(): Promise<number> {
    if (!this.#connections.isLocal) return this.#nativeVersion();
    const known = this.probeNow();
    if (known !== undefined) return known;
    const lookedAtNs = BigInt(this.#clock.nowMs()) * 1_000_000n;
    const modifiedNs = this.#modifiedNs();
    const version = await this.#nativeVersion();
    const isSettled = modifiedNs !== undefined && lookedAtNs - modifiedNs > RACY_WINDOW_NS;
    this.#observed = isSettled ? { modifiedNs, version } : undefined;
    return version;
  }

  probeNow(): number | undefined {
    const observed = this.#observed;
    return observed !== undefined && observed.modifiedNs === this.#modifiedNs() ? observed.version : undefined;
  }

  async readRows(keys: readonly string[]): Promise<ReadonlyMap<string, ManifestRow>> {
    if (keys.length === 0) return new Map();
    const rows = await this.#select(`${quoteColumn("key")} IN (${keys.map(quoteText).join(",")})`);
    return new Map(rows.map((row) => [row.key, row]));
  }

  async readRowsByPrefix(prefix: string): Promise<readonly ManifestRow[]> {
    const rows = await this.#select(`starts_with(${quoteColumn("key")}, ${quoteText(prefix)})`);
    return rows.sort((left, right) => left.seq - right.seq);
  }

  async conditionalMerge(rows: readonly ManifestRow[]): Promise<MergeResult> {
    const table = await this.#refreshed();
    return translateNativeErrors({ action: "publish to the manifest", effects: "possible" }, async () => {
      const result = await table
        .mergeInsert("key")
        .whenMatchedUpdateAll({ where: "target.seq = source.base" })
        .whenNotMatchedInsertAll()
        .useIndex(false)
        .execute(encodeRows(rows, manifestSchema()), { timeoutMs: PUBLISH_TIMEOUT_MS });
      return { updatedCount: result.numUpdatedRows, insertedCount: result.numInsertedRows, version: result.version };
    });
  }

  async compact(keepMs: number = KEEP_VERSIONS_MS): Promise<CompactionCounts> {
    const table = await this.#refreshed();
    const cleanupOlderThan = new Date(this.#clock.nowMs() - keepMs);
    try {
      const { compaction } = await translateNativeErrors({ action: "compact the manifest" }, () => table.optimize({ cleanupOlderThan }));
      return { fragmentsRemoved: compaction.fragmentsRemoved, fragmentsAdded: compaction.fragmentsAdded };
    } catch (error) {
      // A publish won against the compaction, which is repeated some hundred commits later anyway.
      if (!isStorageError(error, "Transient") && !isStorageError(error, "Precondition")) throw error;
      return { fragmentsRemoved: 0, fragmentsAdded: 0 };
    }
  }

  async setTornVersionsAside(): Promise<readonly string[]> {
    this.#table = undefined;
    this.#observed = undefined;
    return this.#connections.isLocal ? setTornVersionsAside(this.#connections.tablePath(MANIFEST_ADDRESS)) : [];
  }

  close(): void {
    this.#table = undefined;
    this.#observed = undefined;
  }

  /** Never older than the call: who comes while somebody looks shares the next look. */
  #nativeVersion(): Promise<number> {
    if (this.#look === undefined) return this.#beginLook();
    this.#nextLook ??= this.#look.catch(() => undefined).then(() => {
      this.#nextLook = undefined;
      return this.#beginLook();
    });
    return this.#nextLook;
  }

  async #beginLook(): Promise<number> {
    const look = this.#lookNow();
    this.#look = look;
    try {
      return await look;
    } finally {
      if (this.#look === look) this.#look = undefined;
    }
  }

  async #lookNow(): Promise<number> {
    const table = await this.#refreshed();
    return table.version();
  }

  /** Synchronous on purpose: a cached look at one directory is cheaper than handing it to the thread pool. */
  #modifiedNs(): bigint | undefined {
    try {
      return statSync(this.#versionsDirectory, { bigint: true }).mtimeNs;
    } catch {
      // The native read that follows reports what is wrong.
      return undefined;
    }
  }

  async #refreshed(): Promise<Table> {
    if (this.#table === undefined) {
      const opening = this.#connections.openTable(MANIFEST_ADDRESS);
      this.#table = opening;
      opening.catch(() => {
        this.#table = undefined;
      });
      return opening;
    }
    const table = await this.#table;
    await translateNativeErrors({ action: "read the newest manifest" }, () => table.checkoutLatest());
    return table;
  }

  async #select(where: string): Promise<ManifestRow[]> {
    const table = await this.#refreshed();
    return translateNativeErrors({ action: "read the manifest" }, async () => {
      const rows: ManifestRow[] = [];
      for await (const batch of table
        .query()
        .select([...COLUMNS])
        .where(where)) {
        rows.push(...decodeRows(batch));
      }
      return rows;
    });
  }
}

function manifestSchema(): Schema {
  const { Field, Int64, Schema, Utf8 } = arrow();
  return new Schema([
    new Field("key", new Utf8(), false),
    new Field("seq", new Int64(), false),
    new Field("base", new Int64(), false),
    new Field("tx_id", new Utf8(), false, new Map(BLOCK_STORAGE)),
    new Field("created_at", new Int64(), false),
    new Field("payload", new Utf8(), false, new Map(BLOCK_STORAGE)),
  ]);
}

function encodeRows(rows: readonly ManifestRow[], schema: Schema): ArrowTable {
  const columns = new Map<string, Column>([
    ["key", columnOf("String", rows.map((row) => row.key))],
    ["seq", columnOf("I64", rows.map((row) => BigInt(row.seq)))],
    ["base", columnOf("I64", rows.map((row) => BigInt(row.base)))],
    ["tx_id", columnOf("String", rows.map((row) => row.txId))],
    ["created_at", columnOf("I64", rows.map((row) => BigInt(row.createdAt)))],
    ["payload", columnOf("String", rows.map((row) => row.payload))],
  ]);
  return toArrowTable({ rowCount: rows.length, columns }, schema);
}

function columnOf(kind: "String" | "I64", values: readonly Cell[]): Column {
  const builder = createColumnBuilder({ base: { kind }, isList: false, isNullable: false });
  for (const value of values) builder.appendCell(value);
  return builder.freeze();
}

function decodeRows(batch: RecordBatch): ManifestRow[] {
  const decoded = fromArrowBatch(batch, COLUMNS);
  const cell = (name: (typeof COLUMNS)[number], row: number): Cell => readCell(requireColumn(decoded, name), row);
  return Array.from({ length: decoded.rowCount }, (_, row) => ({
    key: cell("key", row) as string,
    seq: Number(cell("seq", row)),
    base: Number(cell("base", row)),
    txId: cell("tx_id", row) as string,
    createdAt: Number(cell("created_at", row)),
    payload: cell("payload", row) as string,
  }));
}
