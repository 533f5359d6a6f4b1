import { type IdSource, throwIfAborted } from "@omnigraphdb/common";
import type { EdgeType, EntityType } from "@omnigraphdb/compiler";
import type { RowBatch } from "../columnar/column.js";
import { decodeUtf8 } from "../columnar/read-cell.js";
import { requireColumnOf } from "../columnar/row-batch.js";
import type { EntityHash } from "../hash/entity-hash.js";
import { HashMap64 } from "../hash/hash-table.js";
import type { PinnedDataset } from "../storage/dataset-gateway.js";
import {
  datasetSchemaOf,
  ID_COLUMN,
  REVISION_COLUMN,
  SOURCE_COLUMN,
  SOURCE_HASH_COLUMN,
  TARGET_COLUMN,
  TARGET_HASH_COLUMN,
} from "../storage/dataset-schema.js";
import type { WriteView } from "../transaction/write-coordinator.js";
import { scanByHashes } from "../validate/committed-rows.js";
import { hashPairs } from "../validate/hash-pairs.js";
import { type Accumulator, imageCell } from "./accumulator.js";
import type { ReadyStatement } from "./compile-mutation.js";
import type { EntityMatcher } from "./match-predicate.js";

/** Entities inserted, updated or removed (MU-8, MU-20). */
export interface MutationCounts {
  readonly affectedNodes: number;
  readonly affectedEdges: number;
}

export interface RunContext {
  readonly view: WriteView;
  readonly ids: IdSource;
  readonly hash: EntityHash;
  readonly signal: AbortSignal | undefined;
}

/** Runs the statements in order into the accumulator: each sees what the earlier ones left (MU-3). */
export async function runStatements(statements: readonly ReadyStatement[], accumulator: Accumulator, context: RunContext): Promise<MutationCounts> {
  const run = new StatementRun(accumulator, context);
  for (const statement of statements) {
    throwIfAborted(context.signal, "the mutation");
    if (statement.kind === "insert") run.insert(statement);
    else if (statement.kind === "update") await run.update(statement);
    else await run.delete(statement);
  }
  return { affectedNodes: run.affectedNodes, affectedEdges: run.affectedEdges };
}

class StatementRun {
  affectedNodes = 0;
  affectedEdges = 0;
  readonly #accumulator: Accumulator;
  readonly #context: RunContext;

  constructor(accumulator: Accumulator, context: RunContext) {
    this.#accumulator = accumulator;
    this.#context = context;
  }

  insert({ type, id, cells }: Extract<ReadyStatement, { kind: "insert" }>): void {
    const image = { committed: undefined, cells, isNamed: id !== undefined };
    this.#accumulator.of(type).images.set(id ?? this.#context.ids.ulid(), image);
    this.#count(type, 1);
  }

  async update({ type, matcher, cells }: Extract<ReadyStatement, { kind: "update" }>): Promise<void> {
    if (matcher === undefined) return;
    const { images } = this.#accumulator.of(type);
    const pendingIds = new Set(images.keys());
    for (const [id, image] of images) {
      if (!matcher.matches(imageCell(image, matcher.column))) continue;
      images.set(id, { ...image, cells: new Map([...image.cells, ...cells]) });
      this.#count(type, 1);
    }
    const columns = datasetSchemaOf(type).columns.map((column) => column.name).filter((name) => name !== REVISION_COLUMN);
    for await (const batch of this.#matching(type, matcher, columns)) {
      const ids = requireColumnOf(batch, ID_COLUMN, "utf8");
      for (let row = 0; row < batch.rowCount; row++) {
        const id = decodeUtf8(ids.bytes, ids.offsets[row] as number, ids.offsets[row + 1] as number);
        if (pendingIds.has(id)) continue;
        images.set(id, { committed: { batch, row }, cells, isNamed: true });
        this.#count(type, 1);
      }
    }
  }

  async delete({ type, matcher }: Extract<ReadyStatement, { kind: "delete" }>): Promise<void> {
    if (matcher === undefined) return;
    if (type.kind === "edge") {
      const columns = [ID_COLUMN, SOURCE_HASH_COLUMN];
      for await (const batch of this.#matching(type, matcher, columns)) {
        for (let row = 0; row < batch.rowCount; row++) this.#removeEdge(type, batch, row);
      }
      return;
    }
    const accumulator = this.#accumulator.of(type);
    const removed = new Set<string>();
    for await (const batch of this.#matching(type, matcher, [ID_COLUMN])) {
      const ids = requireColumnOf(batch, ID_COLUMN, "utf8");
      for (let row = 0; row < batch.rowCount; row++) {
        const id = decodeUtf8(ids.bytes, ids.offsets[row] as number, ids.offsets[row + 1] as number);
        if (accumulator.remove(id)) removed.add(id);
      }
    }
    this.#count(type, removed.size);
    if (removed.size > 0) await this.#cascade(type.name, removed);
  }

  /** MU-6, MU-13: removes every edge of every type that has a removed node as an end. */
  async #cascade(nodeType: string, removed: ReadonlySet<string>): Promise<void> {
    const hashes = new HashMap64(removed.size);
    const words = new Uint32Array(2);
    for (const id of removed) {
      const bytes = new TextEncoder().encode(id);
      this.#context.hash(bytes, 0, bytes.length, words, 0);
      hashes.insert(words[0] as number, words[1] as number, 0);
    }
    for (const type of this.#context.view.schema.catalog.edgeTypes) {
      if (type.source === nodeType) await this.#cascadeSide(type, SOURCE_COLUMN, SOURCE_HASH_COLUMN, removed, hashes);
      if (type.target === nodeType) await this.#cascadeSide(type, TARGET_COLUMN, TARGET_HASH_COLUMN, removed, hashes);
    }
  }

  async #cascadeSide(type: EdgeType, endColumn: string, hashColumn: string, removed: ReadonlySet<string>, hashes: HashMap64): Promise<void> {
    const dataset = await this.#open(type);
    if (dataset === undefined) return;
    const columns = [...new Set([ID_COLUMN, endColumn, hashColumn, SOURCE_HASH_COLUMN])];
    for await (const batch of scanByHashes(dataset, columns, hashColumn, hashes.size, () => hashes.entries(), this.#context.signal)) {
      const ends = requireColumnOf(batch, endColumn, "utf8");
      const pairs = hashPairs(batch, hashColumn);
      for (let row = 0; row < batch.rowCount; row++) {
        if (!hashes.has(pairs[2 * row] as number, pairs[2 * row + 1] as number)) continue;
        const end = decodeUtf8(ends.bytes, ends.offsets[row] as number, ends.offsets[row + 1] as number);
        if (removed.has(end)) this.#removeEdge(type, batch, row);
      }
    }
  }

  #removeEdge(type: EdgeType, batch: RowBatch, row: number): void {
    const ids = requireColumnOf(batch, ID_COLUMN, "utf8");
    const sources = hashPairs(batch, SOURCE_HASH_COLUMN);
    const id = decodeUtf8(ids.bytes, ids.offsets[row] as number, ids.offsets[row + 1] as number);
    const source = { lo: sources[2 * row] as number, hi: sources[2 * row + 1] as number };
    if (this.#accumulator.of(type).remove(id, source)) this.#count(type, 1);
  }

  /** Committed rows that satisfy the matcher. */
  async *#matching(type: EntityType, matcher: EntityMatcher, columns: readonly string[]): AsyncGenerator<RowBatch> {
    const dataset = await this.#open(type);
    const { signal } = this.#context;
    if (dataset !== undefined) yield* dataset.scan({ columns, filter: matcher.predicate, ...(signal === undefined ? {} : { signal }) });
  }

  async #open(type: EntityType): Promise<PinnedDataset | undefined> {
    const { view } = this.#context;
    const entry = view.snapshot.entries.get(type.typeKey);
    return entry === undefined || entry.entityCount === 0 ? undefined : view.openType(type.typeKey);
  }

  #count(type: EntityType, entities: number): void {
    if (type.kind === "node") this.affectedNodes += entities;
    else this.affectedEdges += entities;
  }
}
