import { type Clock, type Embedder, type IdSource, throwIfAborted } from "@omnigraphdb/common";
import type { AcceptedSchema, EntityType } from "@omnigraphdb/compiler";
import { UlidSequence } from "../columnar/ulid-sequence.js";
import { type EntityHash, hashBytes } from "../hash/entity-hash.js";
import type { LoadContent, LoadInput, LoadMode, LoadProgress } from "../graph-api.js";
import { HashCollisionError } from "../validate/errors.js";
import { textAt } from "../validate/existing-rows.js";
import { type CatalogRules, compileRules } from "../validate/type-rules.js";
import { Violations } from "../validate/violations.js";
import { BatchStaging } from "../staging/batch-staging.js";
import { inputPieces } from "./input-pieces.js";
import { PROGRESS_INTERVAL_MS } from "./load-limits.js";
import { STAGED_MEMORY_BYTES_DEFAULT } from "../staging/staging-limits.js";
import { RecordIntake } from "./record-intake.js";
import { RecordReader } from "./record-reader.js";
import type { StagedTypeDelta } from "../staging/stage-type.js";
import { TypeIntake } from "./type-intake.js";
import { TypeRows } from "../staging/type-rows.js";
import { hasEmbeddings, VectorFiller } from "./vector-filler.js";

/** What a load needs from its graph. */
export interface LoadContext {
  readonly clock: Clock;
  readonly ids: IdSource;
  /** Where batches beyond `stagedMemoryBytes` go. */
  readonly stagingDirectory: string;
  /** Default 128 MiB. */
  readonly stagedMemoryBytes?: number;
  /** Default XXH64. */
  readonly hash?: EntityHash;
  /** Given, the load computes vectors that are missing (EM-40); called when the first one is. */
  readonly embedder?: () => Promise<Embedder>;
}

export interface ReadOptions {
  readonly mode: LoadMode;
  readonly content?: LoadContent;
  readonly signal?: AbortSignal;
  readonly onProgress?: (progress: LoadProgress) => void;
}

/** A whole load that was read. It can be judged against any number of views of the same schema. */
export interface ReadLoad extends AsyncDisposable {
  readonly irHash: string;
  readonly types: ReadonlyMap<string, StagedTypeDelta>;
  readonly recordCount: number;
  readonly byteCount: number;
  /** What single rows break. */
  readonly violations: Violations;
  readonly hash: EntityHash;
}

/**
 * Reads the input to its end into staged batches (LD-6). Memory is bounded by the batch budget and, per record, the
 * hashes of ids and unique values.
 *
 * @throws at the first record that is malformed or does not convert (LD-19)
 */
export async function readLoad(input: LoadInput, schema: AcceptedSchema, options: ReadOptions, context: LoadContext): Promise<ReadLoad> {
  const staging = new BatchStaging({
    directory: context.stagingDirectory,
    memoryBytes: context.stagedMemoryBytes ?? STAGED_MEMORY_BYTES_DEFAULT,
  });
  try {
    const vectors = context.embedder === undefined ? undefined : new VectorFiller(context.embedder, options.signal);
    const intakes = new TypeIntakes(await compileRules(schema.catalog), staging, options, context, vectors);
    const reader = new RecordReader();
    const records = new RecordIntake(reader, schema.catalog, (type) => intakes.of(type), options.content);
    const progress = progressReporter(options.onProgress, context.clock);
    let byteCount = 0;
    for await (const piece of inputPieces(input, context.clock, options.signal)) {
      throwIfAborted(options.signal, "the load");
      reader.push(piece);
      records.drain();
      await vectors?.settle();
      await staging.settle();
      byteCount += piece.length;
      progress(reader.recordNumber, byteCount);
    }
    reader.finish();
    records.drain();
    const types = await intakes.finish(staging);
    return {
      irHash: schema.irHash,
      types,
      recordCount: reader.recordNumber,
      byteCount,
      violations: intakes.violations,
      hash: intakes.hash,
      [Symbol.asyncDispose]: () => staging.dispose(),
    };
  } catch (error) {
    await staging.dispose();
    throw error;
  }
}

class TypeIntakes {
  readonly violations: Violations = new Violations();
  readonly hash: EntityHash;
  readonly #rules: CatalogRules;
  readonly #staging: BatchStaging;
  readonly #mode: LoadMode;
  readonly #content: LoadContent;
  readonly #generatedIds: UlidSequence;
  readonly #vectors: VectorFiller | undefined;
  readonly #byTypeKey = new Map<string, TypeIntake>();

  constructor(rules: CatalogRules, staging: BatchStaging, { mode, content = "strict" }: ReadOptions, context: LoadContext, vectors: VectorFiller | undefined) {
    this.hash = context.hash ?? hashBytes;
    this.#rules = rules;
    this.#staging = staging;
    this.#mode = mode;
    this.#content = content;
    this.#generatedIds = new UlidSequence(context.ids);
    this.#vectors = vectors;
  }

  of(type: EntityType): TypeIntake {
    let intake = this.#byTypeKey.get(type.typeKey);
    if (intake === undefined) {
      const rows = new TypeRows(type, {
        rules: this.#rules.get(type.typeKey) ?? { values: [], uniqueGroups: [] },
        staged: this.#staging.createRows(),
        repeatedIds: this.#mode === "merge" ? "last wins" : "refuse",
        violations: this.violations,
        hash: this.hash,
      });
      intake = new TypeIntake(rows, this.#generatedIds, this.#content, hasEmbeddings(type) ? this.#vectors : undefined);
      this.#byTypeKey.set(type.typeKey, intake);
    }
    return intake;
  }

  async finish(staging: BatchStaging): Promise<ReadonlyMap<string, StagedTypeDelta>> {
    const types = new Map<string, StagedTypeDelta>();
    for (const [typeKey, intake] of this.#byTypeKey) {
      intake.flush();
      await this.#vectors?.settle();
      await staging.settle();
      const { rows } = intake;
      await rows.finish();
      const delta: StagedTypeDelta = {
        type: rows.type,
        rows: rows.staged,
        ids: rows.ids,
        dropped: rows.dropped,
        uniqueIndexes: rows.uniqueIndexes,
        replacesAll: this.#mode === "overwrite",
        removed: undefined,
      };
      if (rows.collision !== undefined) {
        throw new HashCollisionError(typeKey, [await textAt(delta, rows.collision.ordinal), rows.collision.id]);
      }
      types.set(typeKey, delta);
    }
    return types;
  }
}

function progressReporter(onProgress: ReadOptions["onProgress"], clock: Clock): (recordCount: number, byteCount: number) => void {
  if (onProgress === undefined) return () => undefined;
  let last = Number.NEGATIVE_INFINITY;
  return (recordCount, byteCount) => {
    const now = clock.nowMs();
    if (now - last < PROGRESS_INTERVAL_MS) return;
    last = now;
    onProgress({ recordCount, byteCount, phase: "reading" });
  };
}
