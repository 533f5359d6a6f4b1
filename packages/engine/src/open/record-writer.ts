import { bindParameters, type CompiledMutation } from "@omnigraphdb/compiler";
import type { WriteGate } from "../authorization/write-gate.js";
import type { BranchBinding } from "../branches/branch-binding.js";
import type { GraphEmbeddings } from "../embedding/graph-embeddings.js";
import type { LoadInput, LoadOptions, LoadReceipt, MutateOptions, MutationReceipt } from "../graph-api.js";
import { prepareLoad } from "../load/load.js";
import { embedsMissing } from "../load/vector-filler.js";
import type { GraphCommit } from "../manifest/graph-commit.js";
import { branchDisplayName } from "../manifest/manifest.js";
import { isInsertOnly, prepareMutation } from "../mutate/prepare-mutation.js";
import type { QueryRunner } from "./query-runner.js";
import type { RootAccess } from "./root-access.js";
import type { SnapshotReader } from "./snapshot-reader.js";
import type { WriteServices } from "./write-services.js";

interface RecordWriterParts {
  readonly access: RootAccess;
  readonly writing: WriteServices;
  readonly gate: WriteGate;
  readonly binding: BranchBinding;
  readonly snapshots: SnapshotReader;
  readonly queries: QueryRunner;
  readonly embeddings: GraphEmbeddings;
}

/** Runs what writes records, mutations and loads, for one read-write handle. */
export class RecordWriter {
  readonly #parts: RecordWriterParts;

  constructor(parts: RecordWriterParts) {
    this.#parts = parts;
  }

  async mutate(source: string, options: MutateOptions): Promise<MutationReceipt> {
    const { access, writing, gate, binding, queries } = this.#parts;
    gate.change(options.actor, options.branch ?? branchDisplayName(binding.branch));
    const target = await binding.resolve("mutate", options.branch);
    const actorId = options.actor ?? null;
    const { clock, ids } = access.components;
    const nowMs = clock.nowMs();
    const signal = options.signal === undefined ? {} : { signal: options.signal };
    const ifCommit = options.ifCommit === undefined ? {} : { ifCommit: options.ifCommit };
    const { plan } = await this.#precompile(source, options.name);
    const values = bindParameters(plan.parameters, options.params);
    const write = { ...target, actorId, operation: "mutate", isSharing: isInsertOnly(plan), ...ifCommit, ...signal } as const;
    const { result, commit } = await writing.writer.write(write, (view) => {
      const current = queries.compileMutation(source, view.schema.catalog, options.name);
      return prepareMutation(current.plan, values, view, { ids, nowMs, ...signal });
    });
    return { branch: branchDisplayName(target.branch), queryName: plan.name, ...result, actorId, commit };
  }

  async load(input: LoadInput, options: LoadOptions): Promise<LoadReceipt> {
    const { access, writing, gate, binding, embeddings } = this.#parts;
    gate.change(options.actor, options.branch ?? branchDisplayName(binding.branch));
    const target = await binding.resolve("load", options.branch);
    const branch = branchDisplayName(target.branch);
    const { base } = options;
    const branchCreated = base !== undefined && (await writing.branches.ensure(branch, base, () => gate.branchCreate(options.actor, branch, base)));
    const actorId = options.actor ?? null;
    const { clock, ids } = access.components;
    const { stagingDirectory, embedOnLoad } = access.settings;
    const embedder = embedsMissing(options.embed, embedOnLoad) ? { embedder: () => embeddings.embedder() } : {};
    await using load = prepareLoad(input, options, { clock, ids, stagingDirectory, ...embedder });
    const signal = options.signal === undefined ? {} : { signal: options.signal };
    const write = { ...target, actorId, operation: "load", isSharing: options.mode !== "overwrite", ...signal } as const;
    const { result, commit } = await writing.writer.write(write, (view) => load.prepare(view));
    return { branch, baseBranch: base ?? null, branchCreated, mode: options.mode, ...result, actorId, commit: commit as GraphCommit };
  }

  /**
   * Refused here, a wrong query or parameter costs no commit and waits for nobody. It may also be right under a schema that was
   * applied through another handle (OP-13).
   */
  async #precompile(source: string, name: string | undefined): Promise<CompiledMutation> {
    const { writing, snapshots, queries } = this.#parts;
    const known = snapshots.schema.catalog;
    try {
      return queries.compileMutation(source, known, name);
    } catch (error) {
      // Perhaps by an apply that an interrupted write left for this one to finish (RC-85).
      await writing.recovery.recover("rollForwardOnly");
      const { catalog } = await snapshots.head(null);
      if (catalog.irHash === known.irHash) throw error;
      return queries.compileMutation(source, catalog, name);
    }
  }
}
