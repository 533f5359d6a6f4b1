import { Failpoints } from "@omnigraphdb/common";
import type { GraphStorage } from "../../src/storage/dataset-gateway.js";
import { StorageError } from "../../src/storage/errors.js";
import type { ObjectStore } from "../../src/storage/object-store.js";

/** Calls that change nothing. Every other call counts as a change, so a new one is covered before anybody thinks of it. */
const READS: ReadonlySet<string> = new Set([
  "close", "countRows", "exists", "fingerprint", "findHead", "headVersion", "indexes", "inspect", "listDir", "listForks", "listObjects", "listVersions", "openPinned",
  "operationsAfter", "persist", "probe", "probeCreateIfAbsent", "readRows", "readRowsByPrefix", "readText", "readTextIfExists",
]);

/** Thrown at the moment of a simulated crash: from then on nothing of the process reaches storage. */
export class SimulatedCrash extends Error {
  override readonly name = "SimulatedCrash";
}

/** What happens at a chosen change of storage. */
export type Interruption =
  /** The process is dead before the change. */
  | "dies"
  /** The change does not happen; its caller gets an error. */
  | "fails"
  /** The change happens; its caller gets an error. */
  | "loses its reply";

export interface StorageChange {
  /** Such as `writeText __recovery`, `applyEffect append`. */
  readonly call: string;
  /** Crash points passed since the change before. */
  readonly passed: readonly string[];
}

/**
 * What one process does to storage, in order. As far as a crash can tell, a process *is* this sequence: to die at a crash
 * point is to die before the change that follows it.
 */
export class StorageChanges {
  /** Observes every crash point, armed or not. */
  readonly failpoints: Failpoints;
  readonly #done: StorageChange[] = [];
  #passed: string[] = [];
  readonly #passCounts = new Map<string, number>();
  #isDead = false;
  #interruption: { readonly kind: Interruption; readonly at: number } | undefined;
  readonly #onDeath: () => void;

  constructor(onDeath: () => void) {
    this.#onDeath = onDeath;
    const pass = (name: string): void => {
      this.#passCounts.set(name, this.passCount(name) + 1);
      this.#passed.push(name);
    };
    this.failpoints = new (class extends Failpoints {
      override hit(name: string): Promise<void> {
        pass(name);
        return super.hit(name);
      }
    })();
  }

  /** Changes since the last {@link forget}; the last one without a call when crash points were passed after all changes. */
  get log(): readonly StorageChange[] {
    return this.#passed.length === 0 ? this.#done : [...this.#done, { call: "", passed: this.#passed }];
  }

  get count(): number {
    return this.#done.length;
  }

  /** How often the process passed a crash point, since its start. */
  passCount(name: string): number {
    return this.#passCounts.get(name) ?? 0;
  }

  get passedFailpoints(): ReadonlySet<string> {
    return new Set(this.log.flatMap(({ passed }) => passed));
  }

  get isDead(): boolean {
    return this.#isDead;
  }

  /** Counting begins anew. */
  forget(): void {
    this.#done.length = 0;
    this.#passed = [];
  }

  /** Nothing is interrupted any more. */
  calm(): void {
    this.#interruption = undefined;
  }

  /** Interrupts the change number `at` from now on, 1 = the next. */
  interrupt(kind: Interruption, at: number): void {
    this.#interruption = { kind, at: this.#done.length + at };
  }

  die(): void {
    this.#isDead = true;
    this.#onDeath();
  }

  refuseWhenDead(): void {
    if (this.#isDead) throw new SimulatedCrash("the process is dead");
  }

  wrapObjectStore(store: ObjectStore): ObjectStore {
    return this.#observe(store, ([uri]) => String(uri).split("/").slice(-2).join("/").replace(/[0-9A-HJKMNP-TV-Z]{26}/, "*"));
  }

  wrapStorage(storage: GraphStorage): GraphStorage {
    const describe = (args: readonly unknown[]): string => args.map((arg) => (arg as { kind?: string } | undefined)?.kind ?? "").join("");
    return {
      datasets: this.#observe(storage.datasets, describe),
      administration: this.#observe(storage.administration, describe),
      manifest: this.#observe(storage.manifest, () => "the manifest"),
      close: () => storage.close(),
    };
  }

  #observe<T extends object>(target: T, describe: (args: readonly unknown[]) => string): T {
    return new Proxy(target, {
      get: (_, name) => {
        // Knows nothing, so that everybody asks.
        if (name === "probeNow") return () => undefined;
        const member: unknown = Reflect.get(target, name, target);
        if (typeof member !== "function" || name === "close") return member;
        return (...args: unknown[]): unknown => this.#call(String(name), describe(args), () => Reflect.apply(member, target, args) as unknown);
      },
    });
  }

  async #call(name: string, subject: string, run: () => unknown): Promise<unknown> {
    this.refuseWhenDead();
    if (READS.has(name)) return await run();
    const call = `${name} ${subject}`.trim();
    this.#done.push({ call, passed: this.#passed });
    this.#passed = [];
    const interruption = this.#interruption?.at === this.#done.length ? this.#interruption.kind : undefined;
    if (interruption === "dies") {
      this.die();
      throw new SimulatedCrash(`before ${call}`);
    }
    if (interruption === "fails") throw new StorageError("Unknown", `injected: ${call} failed`);
    const result = await run();
    if (interruption === "loses its reply") throw new StorageError("Unknown", `injected: the reply of ${call} was lost`, { effects: "possible" });
    return result;
  }
}
