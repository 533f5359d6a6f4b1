import type { Pacer } from "@omnigraphdb/common";
import { type AcceptedSchema, bindParameters, compileQuery, createAcceptedSchema, type EntityType, type ParameterValues, type QueryPlan } from "@omnigraphdb/compiler";
import { GraphCaches } from "../src/cache/graph-caches.js";
import type { RowBatch } from "../src/columnar/column.js";
import type { Cell } from "../src/columnar/read-cell.js";
import { missingEmbedder } from "../src/embedding/embedder.js";
import { GraphEmbeddings } from "../src/embedding/graph-embeddings.js";
import { executeQuery, type QueryContext, type QueryRows } from "../src/exec/execute-query.js";
import type { ExecutionTrace } from "../src/exec/trace.js";
import type { QueryTuning } from "../src/exec/query-tuning.js";
import { explainQuery } from "../src/explain/explain-query.js";
import type { Explanation } from "../src/explain/explanation.js";
import { hashText } from "../src/hash/entity-hash.js";
import type { Snapshot, SnapshotEntry } from "../src/manifest/snapshot.js";
import type { GraphStorage } from "../src/storage/dataset-gateway.js";
import { datasetSchemaOf } from "../src/storage/dataset-schema.js";
import { openGraphStorage } from "../src/storage/lance/open-graph-storage.js";
import { datasetDirectory } from "../src/storage/layout.js";
import { batchSource, columnOf } from "./row-batches.js";

/** A node or edge with its id and the cells of its properties; absent properties are null. */
export interface TestEntity {
  readonly type: string;
  readonly id: string;
  readonly from?: string;
  readonly to?: string;
  readonly cells: Readonly<Record<string, Cell>>;
}

export interface RunOptions {
  readonly params?: unknown;
  readonly caches?: GraphCaches;
  readonly nowMs?: number;
  readonly queryMemoryBytes?: number;
  readonly queryTimeoutMs?: number;
  readonly pacer?: Pacer;
  readonly signal?: AbortSignal;
  readonly tuning?: QueryTuning;
  readonly embeddings?: GraphEmbeddings;
  /** Another version of the graph. */
  readonly snapshot?: Snapshot;
  readonly trace?: ExecutionTrace;
}

/** A graph of real datasets without a manifest: what read execution needs and no more. */
export class QueryGraph {
  readonly schema: AcceptedSchema;
  readonly snapshot: Snapshot;
  readonly storage: GraphStorage;
  /** Used unless a run brings its own. */
  readonly caches: GraphCaches = new GraphCaches(256 * 1024 * 1024);

  private constructor(schema: AcceptedSchema, snapshot: Snapshot, storage: GraphStorage) {
    this.schema = schema;
    this.snapshot = snapshot;
    this.storage = storage;
  }

  static async create(root: string, schemaSource: string, entities: readonly TestEntity[]): Promise<QueryGraph> {
    const schema = createAcceptedSchema(schemaSource, { identityDomain: "query-graph" });
    const storage = openGraphStorage(root);
    const entries = new Map<string, SnapshotEntry>();
    for (const type of [...schema.catalog.nodeTypes, ...schema.catalog.edgeTypes]) {
      const own = entities.filter((entity) => entity.type === type.name && (entity.from !== undefined) === (type.kind === "edge"));
      entries.set(type.typeKey, await writeDataset(storage, type, own));
    }
    const snapshot: Snapshot = { branch: null, graphManifestVersion: 1, graphCommitId: "00000000000000000000000000", catalog: schema.catalog, entries };
    return new QueryGraph(schema, snapshot, storage);
  }

  async run(source: string, options: RunOptions = {}): Promise<QueryRows> {
    const { plan, values, context } = this.#prepare(source, options);
    return executeQuery(plan, values, context);
  }

  async explain(source: string, isAnalyzed: boolean, options: RunOptions = {}): Promise<Pick<Explanation, "steps" | "measured">> {
    const { plan, values, context } = this.#prepare(source, options);
    return explainQuery(plan, values, context, isAnalyzed);
  }

  #prepare(source: string, options: RunOptions): { readonly plan: QueryPlan; readonly values: ParameterValues; readonly context: QueryContext } {
    const compiled = compileQuery(source, this.schema.catalog);
    if (compiled.kind !== "read") throw new TypeError("not a read");
    const values = bindParameters(compiled.plan.parameters, options.params ?? {});
    const context: QueryContext = {
      snapshot: options.snapshot ?? this.snapshot,
      storage: this.storage,
      caches: options.caches ?? this.caches,
      embeddings: options.embeddings ?? new GraphEmbeddings(missingEmbedder),
      settings: { queryMemoryBytes: options.queryMemoryBytes ?? 1024 ** 3, queryTimeoutMs: options.queryTimeoutMs },
      nowMs: options.nowMs ?? 1_700_000_000_000,
      signal: options.signal,
      trace: options.trace,
      ...(options.tuning === undefined ? {} : { tuning: options.tuning }),
      ...(options.pacer === undefined ? {} : { pacer: options.pacer }),
    };
    return { plan: compiled.plan, values, context };
  }

  [Symbol.asyncDispose](): Promise<void> {
    this.storage.close();
    return Promise.resolve();
  }
}

async function writeDataset(storage: GraphStorage, type: EntityType, entities: readonly TestEntity[]): Promise<SnapshotEntry> {
  const directory = datasetDirectory({ kind: type.kind, typeId: type.typeId, incarnationId: type.incarnationId });
  const location = { directory, nativeBranch: null };
  let version = await storage.administration.createEmpty(location, datasetSchemaOf(type));
  if (entities.length > 0) version = await storage.datasets.applyEffect(location, { kind: "append", source: batchSource(rowBatchOf(type, entities)) }, version);
  return { typeKey: type.typeKey, typeId: type.typeId, incarnationId: type.incarnationId, location, publishedVersion: version, entityCount: entities.length };
}

/** Every stored column but the revision, which the gateway fills. */
export function rowBatchOf(type: EntityType, entities: readonly TestEntity[]): RowBatch {
  const text = { base: { kind: "String" }, isList: false, isNullable: false } as const;
  const hash = { base: { kind: "U64" }, isList: false, isNullable: false } as const;
  const columns = new Map<string, RowBatch["columns"] extends ReadonlyMap<string, infer C> ? C : never>();
  columns.set("id", columnOf(text, entities.map(({ id }) => id)));
  columns.set("__h", columnOf(hash, entities.map(({ id }) => hashText(id))));
  if (type.kind === "edge") {
    columns.set("src", columnOf(text, entities.map(({ from = "" }) => from)));
    columns.set("dst", columnOf(text, entities.map(({ to = "" }) => to)));
    columns.set("__sh", columnOf(hash, entities.map(({ from = "" }) => hashText(from))));
    columns.set("__dh", columnOf(hash, entities.map(({ to = "" }) => hashText(to))));
  }
  for (const property of type.properties) columns.set(property.name, columnOf(property.type, entities.map(({ cells }) => cells[property.name] ?? null)));
  return { rowCount: entities.length, columns };
}
