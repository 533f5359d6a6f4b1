/** Kills `omnigraph cluster apply`, does what its successors say, and looks what became of the cluster. */
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { rm } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { applyCluster, type ApplyOutcome, approveChange, type ClusterEnvironment, forceUnlock, importCluster, refreshCluster } from "@omnigraphdb/cluster";
import { declareCluster } from "@omnigraphdb/cluster/test-support";
import { Failpoints, must, randomIds, systemClock } from "@omnigraphdb/common";
import { cellToJson, Graph } from "@omnigraphdb/engine";
import { makeScratchDir } from "@omnigraphdb/testkit";
import { expect } from "vitest";
import { runBinary, start } from "../binary.js";
import type { OperationFault } from "../scripts/fault-at-operation.js";
import { DeclaredModel, schemaText } from "./declared-model.js";

export interface KillRunOptions {
  readonly random: () => number;
  /** The bundled `scripts/fault-at-operation.ts`. */
  readonly faultScript: string;
  readonly killsMax: number;
}

/** What was met, for the report of a long run. */
export type KillCounts = Map<string, number>;

const KEYS = "query keys() { match { $p: Person } return { $p.name } }";
/** One round in this many is gone through with the program alone; the others go on in this process, which is quicker. */
const ROUNDS_PER_WALK = 6;
const STEPS_MAX = 8;
/** About as long as an apply holds its lock on a quiet machine. */
const KILL_WAIT_MS_MAX = 120;
const environment = (): ClusterEnvironment => ({ clock: systemClock, ids: randomIds, processId: process.pid, failpoints: new Failpoints(), durability: "process" });

/** One cluster with its rounds. @returns how many applies were killed: at most `killsMax` */
export async function killOneCluster(options: KillRunOptions, counts: KillCounts): Promise<number> {
  await using directory = await makeScratchDir();
  const run = new KillRun(directory.path, options, counts);
  await run.begin();
  while (run.killed < options.killsMax) await run.round();
  return run.killed;
}

class KillRun {
  killed = 0;
  readonly #directory: string;
  readonly #options: KillRunOptions;
  readonly #counts: KillCounts;
  readonly #model: DeclaredModel;
  readonly #deleted = new Set<string>();
  #rounds = 0;
  #rows = 0;
  #config: string;

  constructor(directory: string, options: KillRunOptions, counts: KillCounts) {
    this.#directory = directory;
    this.#options = options;
    this.#counts = counts;
    this.#model = new DeclaredModel(options.random);
    this.#config = join(directory, "config");
  }

  get #root(): string {
    return join(this.#directory, "root");
  }

  async begin(): Promise<void> {
    await this.#declare();
    expect(await importCluster({ configDirectory: this.#config, environment: environment() })).toMatchObject({ isOk: true });
    expect(await this.#apply()).toMatchObject({ isOk: true, isConverged: true });
    await this.#loadRows();
  }

  async round(): Promise<void> {
    const before = [...this.#model.graphs.keys()];
    const effort = this.#model.change();
    await this.#declare();
    for (const id of before) if (!this.#model.graphs.has(id)) await this.#approve(`graph.${id}`);
    for (const id of before) if (!this.#model.graphs.has(id)) this.#deleted.add(id);
    for (const id of this.#model.graphs.keys()) this.#deleted.delete(id);
    const isWalked = this.#rounds++ % ROUNDS_PER_WALK === 0;
    await this.#kill(effort);
    await this.#unlock(isWalked);
    // Whoever repairs may be killed as well.
    if (this.#options.random() < 0.2 && this.killed < this.#options.killsMax) {
      await this.#kill(effort);
      await this.#unlock(false);
    }
    await this.#goOn(isWalked);
    await this.#expectDeclared();
    await this.#loadRows();
  }

  /** By the number of changes it has made, or after a time: within what Lance does, too. */
  async #kill(effort: number): Promise<void> {
    const { random, faultScript } = this.#options;
    const isTimed = random() < 0.3;
    const below = join(this.#directory, "root");
    const fault: OperationFault = { below, at: isTimed ? 1_000_000 : Math.floor(random() * effort), fault: random() < 0.5 ? "killBefore" : "killAfter" };
    const waitMs = random() * KILL_WAIT_MS_MAX;
    const { child, finished } = start(["cluster", "apply", "--as", "ann"], {
      cwd: this.#config,
      nodeFlags: ["--import", faultScript],
      env: { ...this.#environment(), OMNIGRAPH_TEST_OPERATION_FAULT: JSON.stringify(fault) },
    });
    child.stdin.end();
    let isEnded = false;
    void finished.then(() => (isEnded = true));
    if (isTimed) {
      while (!isEnded && !existsSync(join(this.#root, "__cluster/lock.json"))) await delay(2);
      await delay(waitMs);
      child.kill("SIGKILL");
    }
    const { signal, exitCode, stdout, stderr } = await finished;
    expect(stderr).toBe("");
    if (signal === "SIGKILL") {
      this.killed++;
      this.#count(isTimed ? "killed after a time" : "killed at a change of a file");
    } else {
      if (exitCode !== 0) expect(stdout).toContain("graph_create_incomplete");
      this.#count("ended before its kill");
    }
  }

  /** As the message says, word by word. */
  async #unlock(isWalked: boolean): Promise<void> {
    if (!existsSync(join(this.#root, "__cluster/lock.json"))) return;
    const refused = await this.#apply();
    expect(refused).toMatchObject({ isOk: false, isStateWritten: false });
    const [held] = refused.diagnostics;
    expect(held).toMatchObject({ code: "state_lock_held" });
    const command = must(/ (cluster force-unlock .+)$/.exec(held?.message ?? "")?.[1], "the message names a command").split(" ");
    this.#count("force-unlock");
    if (isWalked) expect(await runBinary(command, { cwd: "/", env: this.#environment() })).toMatchObject({ exitCode: 0, stderr: "" });
    else expect(await forceUnlock({ configDirectory: must(command[4], "with its folder"), environment: environment(), lockId: must(command[2], "with its id") })).toMatchObject({ isLockRemoved: true });
  }

  async #goOn(isWalked: boolean): Promise<void> {
    const way = this.#options.random();
    if (way < 0.3) {
      this.#count("refresh first");
      await this.#refresh();
    } else if (way < 0.6) {
      this.#count("from another folder");
      this.#config = join(this.#directory, `config-${this.#rounds}`);
      await this.#declare();
    }
    if (isWalked) {
      const { exitCode, stdout, stderr } = await runBinary(["cluster", "apply", "--json"], { cwd: this.#config, env: this.#environment() });
      expect(stderr).toBe("");
      const { converged, diagnostics } = JSON.parse(stdout) as { readonly converged: boolean; readonly diagnostics: readonly { readonly code: string }[] };
      expect(exitCode === 0).toBe(!diagnostics.some(({ code }) => code === "graph_create_incomplete"));
      if (converged) return;
    }
    for (let step = 0; step < STEPS_MAX; step++) {
      const outcome = await this.#apply();
      for (const { code } of outcome.diagnostics) this.#count(code);
      if (outcome.isConverged) return;
      await this.#doAsTold(outcome);
    }
    expect.fail("the cluster does not converge");
  }

  async #doAsTold({ diagnostics }: ApplyOutcome): Promise<void> {
    let isHelped = false;
    for (const { code, message } of diagnostics) {
      const root = code === "graph_create_incomplete" ? / remove (\S+) with everything in it by hand/.exec(message)?.[1] : undefined;
      if (root === undefined) continue;
      await rm(root, { recursive: true });
      isHelped = true;
    }
    if (!isHelped) expect.fail(`nothing says what to do: ${JSON.stringify(diagnostics, undefined, 2)}`);
  }

  async #refresh(): Promise<void> {
    const { diagnostics } = await refreshCluster({ configDirectory: this.#config, environment: environment() });
    const errors = diagnostics.filter(({ severity }) => severity === "error");
    for (const { code, message } of errors) expect(["graph_create_incomplete", "graph_observation_error"], message).toContain(code);
  }

  async #expectDeclared(): Promise<void> {
    const ledger = JSON.parse(readFileSync(join(this.#root, "__cluster/state.json"), "utf8")) as {
      readonly applied_revision: { readonly resources: Readonly<Record<string, unknown>> };
      readonly resource_statuses: Readonly<Record<string, { readonly status: string }>>;
      readonly approval_records: Readonly<Record<string, unknown>>;
    };
    for (const [address, { status }] of Object.entries(ledger.resource_statuses)) expect([address, status]).toEqual([address, "applied"]);
    expect(Object.keys(ledger.applied_revision.resources).filter((address) => address.startsWith("graph.")).sort()).toEqual([...this.#model.graphs.keys()].map((id) => `graph.${id}`).sort());
    for (const [path, text] of this.#model.catalog()) expect(readFileSync(join(this.#root, path), "utf8")).toBe(text);
    for (const [id, { schemaVersion, rows }] of this.#model.graphs) {
      await using graph = await this.#open(id, "ro");
      expect(graph.schema.source).toBe(schemaText(schemaVersion));
      const found = await graph.query(KEYS);
      const names = found.columns.flatMap((column) => Array.from({ length: found.rowCount }, (_, row) => cellToJson(column, row)));
      expect(names.sort(), `rows of ${id}`).toEqual([...rows].sort());
    }
    for (const id of this.#deleted) expect(existsSync(join(this.#root, `graphs/${id}.omni`)), id).toBe(false);
    expect(readdirSync(join(this.#root, "__cluster/recoveries")).filter((name) => name.endsWith(".json"))).toEqual([]);
    expect(existsSync(join(this.#root, "__cluster/lock.json"))).toBe(false);
    for (const file of this.#approvals()) {
      const { approval_id: id, consumed_at: consumedAt } = JSON.parse(readFileSync(file, "utf8")) as { readonly approval_id: string; readonly consumed_at: string | null };
      expect(consumedAt !== null).toBe(id in ledger.approval_records);
    }
    expect(await this.#apply()).toMatchObject({ changes: [], isConverged: true, isStateWritten: false });
  }

  #approvals(): readonly string[] {
    const directory = join(this.#root, "__cluster/approvals");
    // A kill leaves temporary files, too.
    const names = existsSync(directory) ? readdirSync(directory).filter((name) => name.endsWith(".json")) : [];
    return names.map((name) => join(directory, name));
  }

  async #loadRows(): Promise<void> {
    for (const [id, { rows }] of this.#model.graphs) {
      if (rows.length > 0 && this.#options.random() < 0.6) continue;
      await using graph = await this.#open(id, "rw");
      const name = `n${this.#rows++}`;
      await graph.load(JSON.stringify({ type: "Person", data: { name } }), { mode: "append" });
      rows.push(name);
    }
  }

  #open(id: string, mode: "ro" | "rw"): Promise<Graph> {
    return Graph.open(join(this.#root, `graphs/${id}.omni`), { mode, settings: { durability: "process" } });
  }

  #declare(): Promise<void> {
    return declareCluster(this.#config, this.#model.declared(), this.#root);
  }

  async #approve(address: string): Promise<void> {
    expect(await approveChange({ configDirectory: this.#config, environment: environment(), actor: "boss", address })).toMatchObject({ isOk: true });
  }

  #apply(): Promise<ApplyOutcome> {
    return applyCluster({ configDirectory: this.#config, environment: environment(), actor: "ann" });
  }

  #environment(): Record<string, string> {
    return { PATH: process.env["PATH"] ?? "", OMNIGRAPH_HOME: join(this.#directory, "home"), OMNIGRAPH_DURABILITY: "process", LANCEDB_LOG: "error" };
  }

  #count(what: string): void {
    this.#counts.set(what, (this.#counts.get(what) ?? 0) + 1);
  }
}
