/**
 * A crash matrix that finds its own crash points.
 *
 * What a crash leaves behind is decided by the changes of storage made until then and by nothing else. So a case is
 * rehearsed once to record its changes and the named crash points between them; then it is run again for every change, dies
 * just before it, and the graph is recovered in every way a graph can be recovered. A step added to a protocol is covered
 * without anybody listing it.
 *
 * 1. whatever happens, the content is that before or after each whole step, and includes every acknowledged one (G-1 … G-3)
 * 2. with everybody gone, published = HEAD and history is complete (G-4, G-5)
 * 3. recovery gives the same however often it is interrupted (G-11)
 * 4. the next writer succeeds (G-12)
 */
import { isOmniError } from "@omnigraphdb/common";
import { copyFolder, makeScratchDir, type TempDir } from "@omnigraphdb/testkit";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { GraphSettingsInput } from "../../src/graph-settings.js";
import { RecoveryAuditLog } from "../../src/recovery/recovery-audit.js";
import { expectAtRest } from "./check-graph.js";
import { appendCompanies, stage } from "./direct-write.js";
import { type GraphContent, readContent } from "./graph-content.js";
import { SimulatedProcess } from "./simulated-process.js";
import { type Interruption, SimulatedCrash, type StorageChange } from "./storage-changes.js";

type Step = (process: SimulatedProcess) => Promise<unknown>;

export interface CrashCase {
  /** Makes the graph at `uri`. Runs once; every crash starts from a copy of its files. */
  readonly prepare: (uri: string) => Promise<void>;
  /**
   * What the process does, nearly always one step. A step is acknowledged as a whole or not at all; give an operation that
   * acknowledges half-way several steps. Run twice, it must make the same content: no generated ids in edges.
   */
  readonly steps: readonly [Step, ...Step[]];
  /** Crash points (`FAILPOINT.…`) the case exists for: it fails when its steps do not pass one of them. */
  readonly passes?: readonly string[];
  /** The same for its recovery. */
  readonly recoveryPasses?: readonly string[];
  /** A write of somebody else that must succeed after the crash; by default it adds the company `after` to main. */
  readonly nextWrite?: Step;
  readonly settings?: GraphSettingsInput;
}

const addCompany: Step = (process) => process.writer.write({ branch: null, actorId: "act-next" }, stage("Mutation", appendCompanies("after")));

/** Registers the tests of one case: every crash and fault at every change × every way to recover. */
export function describeCrashes(name: string, crashCase: CrashCase): void {
  describe(name, () => {
    let rig: CrashRig;

    beforeAll(async () => {
      rig = await CrashRig.rehearse(crashCase);
    }, 60_000);
    afterAll(() => rig[Symbol.asyncDispose]());

    test("RC-100 the case passes the crash points it exists for", () => {
      expect((crashCase.passes ?? []).filter((point) => !rig.passed.has(point))).toEqual([]);
    });

    test("RC-1 G-1 G-3 G-4 G-5 dies before each change, and is recovered by reopening", { timeout: 120_000 }, () =>
      rig.forEachChange((at) => rig.reopenAfterCrash(at)),
    );

    test("LE-7 G-12 dies before each change, and is recovered by the next write of another process", { timeout: 120_000 }, () =>
      rig.forEachChange((at) => rig.writeAfterCrash(at)),
    );

    test.each(["fails", "loses its reply"] as const)("G-2 G-3 each change %s, and the same handle goes on", { timeout: 120_000 }, (kind) =>
      rig.forEachChange((at) => rig.writeAfterFault(kind, at)),
    );

    test("G-11 RC-48 RC-62 dies before each change, and so does every recovery at each of its own", { timeout: 300_000 }, async () => {
      const passed = new Set<string>();
      const seen = new Set<string>();
      await rig.forEachChange(async (at) => {
        for (const point of await rig.interruptRecovery(at, seen)) passed.add(point);
      });
      expect((crashCase.recoveryPasses ?? []).filter((point) => !passed.has(point))).toEqual([]);
    });
  });
}

class CrashRig implements AsyncDisposable {
  readonly #case: CrashCase;
  readonly #dir: TempDir;
  /** Content after 0, 1, … steps, and the same with the next write on top. */
  readonly #contents: GraphContent[] = [];
  readonly #contentsWithNext: GraphContent[] = [];
  #log: readonly StorageChange[] = [];

  private constructor(crashCase: CrashCase, dir: TempDir) {
    this.#case = crashCase;
    this.#dir = dir;
  }

  static async rehearse(crashCase: CrashCase): Promise<CrashRig> {
    const rig = new CrashRig(crashCase, await makeScratchDir());
    await crashCase.prepare(rig.#uri);
    copyFolder(rig.#uri, rig.#files("prepared"));
    for (let stepCount = 0; stepCount <= crashCase.steps.length; stepCount++) {
      rig.#restore("prepared");
      await using process = await SimulatedProcess.start(rig.#uri, crashCase.settings);
      process.changes.forget();
      for (const step of crashCase.steps.slice(0, stepCount)) await step(process);
      rig.#log = [...process.changes.log];
      rig.#contents.push(await readContent(process.graph));
      await rig.#nextWrite(process);
      rig.#contentsWithNext.push(await readContent(process.graph));
    }
    return rig;
  }

  get passed(): ReadonlySet<string> {
    return new Set(this.#log.flatMap(({ passed }) => passed));
  }

  /** Runs `check` for every change and once for the moment after all of them. A failure says where the process died. */
  async forEachChange(check: (at: number) => Promise<void>): Promise<void> {
    const count = this.#log.filter(({ call }) => call !== "").length;
    for (let at = 1; at <= count + 1; at++) {
      try {
        await check(at);
      } catch (error) {
        const { call = "", passed = [] } = this.#log[at - 1] ?? {};
        const where = `change ${at} of ${count} (${call === "" ? "the end" : call}; passed ${passed.join(", ")})`;
        if (error instanceof Error) error.message = `interrupted at ${where}: ${error.message}`;
        throw error;
      }
    }
  }

  async reopenAfterCrash(at: number): Promise<void> {
    const { steps, settings } = this.#case;
    this.#restore("prepared");
    const acknowledged = await this.#crash(at);
    let stepCount: number;
    {
      await using process = await SimulatedProcess.start(this.#uri, settings);
      await expectAtRest(process.graph);
      stepCount = this.#expectWhole(await readContent(process.graph), this.#contents, acknowledged);
    }
    await using process = await SimulatedProcess.start(this.#uri, settings);
    expect(process.changes.log.map(({ call }) => call).filter((call) => call !== ""), "a second recovery changes nothing").toEqual([]);
    for (const step of steps.slice(stepCount)) await step(process);
    expect(await readContent(process.graph)).toEqual(this.#contents.at(-1));
    await expectAtRest(process.graph);
  }

  async writeAfterCrash(at: number): Promise<void> {
    this.#restore("prepared");
    // Open all the time, so no sweep at its opening helps it: it takes the dead one's lease over.
    await using survivor = await SimulatedProcess.start(this.#uri, this.#case.settings);
    const acknowledged = await this.#crash(at);
    await this.#nextWrite(survivor);
    await expectAtRest(survivor.graph);
    this.#expectWhole(await readContent(survivor.graph), this.#contentsWithNext, acknowledged);
  }

  async writeAfterFault(kind: Interruption, at: number): Promise<void> {
    const { steps, settings } = this.#case;
    this.#restore("prepared");
    let outcome: StepsOutcome;
    let isNextAcknowledged: boolean;
    {
      await using process = await SimulatedProcess.start(this.#uri, settings);
      process.changes.interrupt(kind, at);
      outcome = await runSteps(steps, process);
      process.changes.calm();
      if (outcome.error !== undefined && !isOmniError(outcome.error)) throw outcome.error;
      isNextAcknowledged = await this.#tryNextWrite(process);
    }
    await using process = await SimulatedProcess.start(this.#uri, settings);
    await expectAtRest(process.graph);
    const stepCount = this.#expectWhole(
      await readContent(process.graph),
      isNextAcknowledged ? this.#contentsWithNext : this.#contents,
      outcome.acknowledged,
    );
    if (isOmniError(outcome.error) && outcome.error.effects === "none") expect(stepCount, "an error without effects").toBe(outcome.acknowledged);
    await this.#nextWriteUnlessDone(process, isNextAcknowledged);
    this.#expectWhole(await readContent(process.graph), this.#contentsWithNext, stepCount);
  }

  /**
   * Crashes in the same phase are recovered by the same changes: one of them is enough.
   *
   * @param seen recoveries that were interrupted before; this one is added
   * @returns the crash points passed by the recovery
   */
  async interruptRecovery(at: number, seen: Set<string>): Promise<ReadonlySet<string>> {
    const { settings } = this.#case;
    this.#restore("prepared");
    await this.#crash(at);
    copyFolder(this.#uri, this.#files("crashed"));
    const undisturbed = new SimulatedProcess();
    await undisturbed.open(this.#uri, settings);
    const changeCount = undisturbed.changes.count;
    const passed = undisturbed.changes.passedFailpoints;
    const changes = JSON.stringify(undisturbed.changes.log);
    const expected = { content: await readContent(undisturbed.graph), audits: await describeAudits(undisturbed) };
    await undisturbed[Symbol.asyncDispose]();
    if (seen.has(changes)) return passed;
    seen.add(changes);
    for (let recoveryAt = 1; recoveryAt <= changeCount; recoveryAt++) {
      this.#restore("crashed");
      await using recovering = new SimulatedProcess();
      recovering.changes.interrupt("dies", recoveryAt);
      // Some changes may be refused without harm, such as giving the lease back.
      await recovering.open(this.#uri, settings).catch(expectCrash);
      expect(recovering.changes.isDead).toBe(true);
      await using process = await SimulatedProcess.start(this.#uri, settings);
      await expectAtRest(process.graph);
      const actual = { content: await readContent(process.graph), audits: await describeAudits(process) };
      expect(actual, `recovery interrupted at change ${recoveryAt} of ${changeCount}`).toEqual(expected);
    }
    return passed;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#dir[Symbol.asyncDispose]();
  }

  get #uri(): string {
    return this.#files("graph");
  }

  #files(name: string): string {
    return `${this.#dir.path}/${name}`;
  }

  /** At the same address: native branches name the root by its absolute path (OP-15). */
  #restore(name: string): void {
    copyFolder(this.#files(name), this.#uri);
  }

  /** Runs the steps in a process that dies at change `at`, or after all of them. @returns how many it acknowledged */
  async #crash(at: number): Promise<number> {
    await using process = await SimulatedProcess.start(this.#uri, this.#case.settings);
    process.changes.interrupt("dies", at);
    const { acknowledged, error } = await runSteps(this.#case.steps, process);
    if (error !== undefined) expectCrash(error);
    process.die();
    return acknowledged;
  }

  #nextWrite(process: SimulatedProcess): Promise<unknown> {
    return (this.#case.nextWrite ?? addCompany)(process);
  }

  /** A write on a handle that just had a fault may be refused, when only a reopen can undo what is left (RC-80). */
  async #tryNextWrite(process: SimulatedProcess): Promise<boolean> {
    try {
      await this.#nextWrite(process);
      return true;
    } catch (error) {
      if (!isOmniError(error)) throw error;
      expect(error, "the next write").toMatchObject({ code: "RECOVERY_REQUIRED", effects: "none" });
      return false;
    }
  }

  async #nextWriteUnlessDone(process: SimulatedProcess, isDone: boolean): Promise<void> {
    if (!isDone) await this.#nextWrite(process);
  }

  /** @returns after how many steps the graph shows `content`, which is at least the acknowledged ones */
  #expectWhole(content: GraphContent, legal: readonly GraphContent[], acknowledged: number): number {
    for (let stepCount = acknowledged; stepCount < legal.length; stepCount++) {
      // Steps that change no content, such as an optimization, all count.
      if (JSON.stringify(legal[stepCount]) === JSON.stringify(content)) return stepCount;
    }
    expect(content, `neither of the states from ${acknowledged} acknowledged steps on`).toEqual(legal[acknowledged]);
    throw new Error("unreachable");
  }
}

interface StepsOutcome {
  readonly acknowledged: number;
  readonly error: unknown;
}

async function runSteps(steps: readonly Step[], process: SimulatedProcess): Promise<StepsOutcome> {
  let acknowledged = 0;
  try {
    for (const step of steps) {
      await step(process);
      acknowledged++;
    }
    return { acknowledged, error: undefined };
  } catch (error) {
    return { acknowledged, error };
  }
}

/** A crash after effects is reported as RecoveryRequired, one before them as itself. */
function expectCrash(error: unknown): void {
  for (let cause = error; cause instanceof Error; cause = cause.cause) if (cause instanceof SimulatedCrash) return;
  throw error;
}

async function describeAudits({ graph, failpoints }: SimulatedProcess): Promise<readonly unknown[]> {
  const { objects, layout } = graph.access;
  const audits = await new RecoveryAuditLog(objects, layout, failpoints).list();
  return audits.map(({ recoveryKind, recoveryForActor, sidecarWriterKind }) => ({ recoveryKind, recoveryForActor, sidecarWriterKind }));
}
