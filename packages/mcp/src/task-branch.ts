import type { BranchDeleted, GraphDiff, MergeReceipt, DiffOptions } from "@omnigraphdb/api-types";
import type { CallOptions, GraphClient } from "@omnigraphdb/client";
import { type IdSource, randomIds } from "@omnigraphdb/common";
import { NoTaskBranchError } from "./errors.js";

export interface TaskBranchOptions {
  readonly client: GraphClient;
  /** Word in the name of the branch. Default `session`. */
  readonly task?: string;
  /** What it is created from and merged into. */
  readonly base: string;
  readonly actor?: string | undefined;
  readonly ids?: IdSource;
}

interface OpenBranch {
  readonly name: string;
  /** Commit it was created at: what a diff compares with, however far its base has moved since. */
  readonly forkCommitId: string;
}

/** The branch that the writes of one session go to: `mcp/<task>-<ulid>`, created with the first of them. */
export class TaskBranch {
  readonly base: string;
  readonly #client: GraphClient;
  readonly #task: string;
  readonly #actor: string | undefined;
  readonly #ids: IdSource;
  #open: Promise<OpenBranch> | undefined;
  #last: Promise<unknown> = Promise.resolve();

  constructor({ client, task = "session", base, actor, ids = randomIds }: TaskBranchOptions) {
    this.base = base;
    this.#client = client;
    this.#task = task;
    this.#actor = actor;
    this.#ids = ids;
  }

  /** Where reads look: the session sees what it wrote. */
  async forReads(): Promise<string> {
    return (await this.#open?.catch(() => undefined))?.name ?? this.base;
  }

  /**
   * Runs a write on the branch, which the first one creates; one that fails to be created is tried again by the next. Writes, merges and
   * discards take turns: nothing is written to a branch that is just being merged away.
   */
  write<T>(run: (branch: string) => Promise<T>): Promise<T> {
    return this.#inTurn(async () => {
      this.#open ??= this.#create().catch((error: unknown) => {
        this.#open = undefined;
        throw error;
      });
      return run((await this.#open).name);
    });
  }

  /** What the session changed, against where its branch began. @throws NoTaskBranchError */
  async diff(options: DiffOptions & CallOptions): Promise<GraphDiff> {
    const { name, forkCommitId } = await this.#opened();
    return this.#client.diff(forkCommitId, name, options);
  }

  /** Into the base; the next write begins another branch. Conflicts leave everything as it was. @throws NoTaskBranchError */
  merge(options: CallOptions): Promise<MergeReceipt> {
    return this.#inTurn(async () => {
      const { name } = await this.#opened();
      const receipt = await this.#client.mergeBranch({ source: name, target: this.base, deleteBranch: true, actor: this.#actor, ...options });
      this.#open = undefined;
      return receipt;
    });
  }

  /** Deletes the branch and what was written there. @throws NoTaskBranchError */
  discard(options: CallOptions): Promise<BranchDeleted> {
    return this.#inTurn(async () => {
      const { name } = await this.#opened();
      const receipt = await this.#client.deleteBranch({ name, actor: this.#actor, ...options });
      this.#open = undefined;
      return receipt;
    });
  }

  async #create(): Promise<OpenBranch> {
    const name = `mcp/${this.#task}-${this.#ids.ulid()}`;
    await this.#client.createBranch({ name, from: this.base, actor: this.#actor });
    const { graphCommitId } = await this.#client.snapshot({ branch: name });
    return { name, forkCommitId: graphCommitId };
  }

  #inTurn<T>(action: () => Promise<T>): Promise<T> {
    const turn = this.#last.then(action);
    this.#last = turn.catch(() => undefined);
    return turn;
  }

  async #opened(): Promise<OpenBranch> {
    const open = await this.#open;
    if (open === undefined) throw new NoTaskBranchError();
    return open;
  }
}
