import { bindParameters, type Catalog, type CompiledMutation, type CompiledRead } from "@omnigraphdb/compiler";
import type { GraphCaches } from "../cache/graph-caches.js";
import type { GraphEmbeddings } from "../embedding/graph-embeddings.js";
import { executeQuery, type QueryContext } from "../exec/execute-query.js";
import { type QueryTuning, tuningOf } from "../exec/query-tuning.js";
import { MutationNotExplainedError } from "../explain/errors.js";
import { explainQuery } from "../explain/explain-query.js";
import type { Explanation } from "../explain/explanation.js";
import type { ExplainOptions, QueryOptions, QueryResult } from "../graph-api.js";
import type { RunningRead } from "../maintenance/running-reads.js";
import type { Snapshot } from "../manifest/snapshot.js";
import { WrongQueryKindError } from "./errors.js";
import { PlanCache } from "./plan-cache.js";
import type { RootAccess } from "./root-access.js";
import type { SnapshotReader } from "./snapshot-reader.js";

/** Everything but the name, which has chosen the query already. */
export type RunOptions = Omit<QueryOptions, "name">;

/** Compiles query sources and runs reads, for one handle. */
export class QueryRunner {
  readonly #access: RootAccess;
  readonly #snapshots: SnapshotReader;
  readonly #caches: GraphCaches;
  readonly #embeddings: GraphEmbeddings;
  readonly #tuning: QueryTuning;
  readonly #plans = new PlanCache();

  constructor(access: RootAccess, snapshots: SnapshotReader, caches: GraphCaches, embeddings: GraphEmbeddings) {
    this.#access = access;
    this.#snapshots = snapshots;
    this.#caches = caches;
    this.#embeddings = embeddings;
    this.#tuning = tuningOf(access.settings);
  }

  /** @param compile gives the query under the catalog of the state that is read */
  async run(compile: (catalog: Catalog) => CompiledRead, options: RunOptions, read: RunningRead): Promise<QueryResult> {
    const { snapshot, target } = this.#snapshots.resolveNow(options.target) ?? (await this.#snapshots.resolve(options.target));
    read.show(snapshot);
    const { plan } = compile(snapshot.catalog);
    const values = bindParameters(plan.parameters, options.params);
    const { rowCount, columns } = await executeQuery(plan, values, this.#contextOf(snapshot, options));
    return { queryName: plan.name, target, graphCommitId: snapshot.graphCommitId, rowCount, columns };
  }

  async explain(source: string, options: ExplainOptions, read: RunningRead): Promise<Explanation> {
    const { snapshot, target } = await this.#snapshots.resolve(options.target);
    read.show(snapshot);
    const compiled = this.#plans.compile(source, snapshot.catalog, options.name);
    if (compiled.kind !== "read") throw new MutationNotExplainedError(compiled.name);
    const { plan } = compiled;
    const explained = await explainQuery(plan, bindParameters(plan.parameters, options.params), this.#contextOf(snapshot, options), options.analyze === true);
    return { queryName: plan.name, target, graphCommitId: snapshot.graphCommitId, ...explained };
  }

  /** @throws CompileError, QuerySelectionError, WrongQueryKindError */
  compileRead(source: string, catalog: Catalog, name: string | undefined): CompiledRead {
    const compiled = this.#plans.compile(source, catalog, name);
    if (compiled.kind !== "read") throw new WrongQueryKindError(compiled.name, compiled.kind);
    return compiled;
  }

  /** @throws CompileError, QuerySelectionError, WrongQueryKindError */
  compileMutation(source: string, catalog: Catalog, name: string | undefined): CompiledMutation {
    const compiled = this.#plans.compile(source, catalog, name);
    if (compiled.kind !== "mutation") throw new WrongQueryKindError(compiled.name, compiled.kind);
    return compiled;
  }

  #contextOf(snapshot: Snapshot, { signal, timeoutMs }: RunOptions): QueryContext {
    const { storage, settings, components } = this.#access;
    return {
      snapshot,
      storage,
      caches: this.#caches,
      embeddings: this.#embeddings,
      settings: timeoutMs === undefined ? settings : { ...settings, queryTimeoutMs: timeoutMs },
      nowMs: components.clock.nowMs(),
      pacer: components.pacer,
      tuning: this.#tuning,
      signal,
    };
  }
}
