import type { Pacer } from "@omnigraphdb/common";
import type { Operation, TraversalOperation } from "../exec/prepared-plan.js";
import type { AccessKind, AccessPath, ExecutionTrace, FinalStep, ReadMeasure } from "../exec/trace.js";

export interface ReadTotals {
  readonly bytesRead: number;
  readonly cacheHits: number;
  readonly cacheMisses: number;
}

export type SearchFamily = "text" | "vector";

function searchFamily(kind: AccessKind): SearchFamily | undefined {
  if (kind === "textIndex" || kind === "nativeText") return "text";
  return kind === "vectorIndex" || kind === "flatVectors" ? "vector" : undefined;
}

const NO_READS: ReadTotals = { bytesRead: 0, cacheHits: 0, cacheMisses: 0 };

export interface StepTotals {
  readonly inputRows: number;
  readonly outputRows: number;
  readonly elapsedMs: number;
}

const NO_WORK: StepTotals = { inputRows: 0, outputRows: 0, elapsedMs: 0 };

/** Keeps what an execution reports. Time belongs to the innermost step that was entered. */
export class RecordingTrace implements ExecutionTrace {
  readonly #pacer: Pacer;
  readonly #accesses = new Map<number | TraversalOperation, AccessPath>();
  /** Of text and vectors, which a variable has besides the path to its rows. */
  readonly #searches = new Map<string, AccessPath>();
  readonly #reads = new Map<number | TraversalOperation, ReadTotals>();
  readonly #steps = new Map<Operation | FinalStep, StepTotals>();
  readonly #entered: (Operation | FinalStep)[] = [];
  #sinceMs = 0;
  memoryPeakBytes = 0;

  constructor(pacer: Pacer) {
    this.#pacer = pacer;
  }

  access(at: number | TraversalOperation, path: AccessPath): void {
    const family = searchFamily(path.kind);
    // A full-text index that storage asks is the way to the rows as well.
    if (family === undefined || typeof at !== "number" || path.kind === "nativeText") this.#accesses.set(at, path);
    if (family !== undefined && typeof at === "number") this.#searches.set(`${at} ${path.detail ?? ""} ${family}`, path);
  }

  read(at: number | TraversalOperation, { bytes, isCached }: ReadMeasure): void {
    const totals = this.readsOf(at);
    this.#reads.set(at, {
      bytesRead: totals.bytesRead + (isCached ? 0 : bytes),
      cacheHits: totals.cacheHits + (isCached ? 1 : 0),
      cacheMisses: totals.cacheMisses + (isCached ? 0 : 1),
    });
  }

  enter(of: Operation | FinalStep): void {
    this.#charge();
    this.#entered.push(of);
  }

  leave(): void {
    this.#charge();
    this.#entered.pop();
  }

  restart(): void {
    this.#steps.clear();
  }

  rows(of: Operation | FinalStep, { input, output }: { readonly input: number; readonly output: number }): void {
    const totals = this.#steps.get(of) ?? NO_WORK;
    this.#steps.set(of, { ...totals, inputRows: totals.inputRows + input, outputRows: totals.outputRows + output });
  }

  memoryPeak(byteCount: number): void {
    this.memoryPeakBytes = byteCount;
  }

  accessOf(at: number | TraversalOperation): AccessPath | undefined {
    return this.#accesses.get(at);
  }

  /** How a property of a variable was searched. */
  searchOf(slot: number, property: string, family: SearchFamily): AccessPath | undefined {
    return this.#searches.get(`${slot} ${property} ${family}`);
  }

  readsOf(at: number | TraversalOperation): ReadTotals {
    return this.#reads.get(at) ?? NO_READS;
  }

  get totalReads(): ReadTotals {
    return [...this.#reads.values()].reduce(addReads, NO_READS);
  }

  /** Undefined when the step never ran. */
  stepOf(of: Operation | FinalStep): StepTotals | undefined {
    return this.#steps.get(of);
  }

  /** Time of all steps together; the rest of a run is waiting. */
  get busyMs(): number {
    return [...this.#steps.values()].reduce((sum, { elapsedMs }) => sum + elapsedMs, 0);
  }

  #charge(): void {
    const now = this.#pacer.nowMs();
    const current = this.#entered.at(-1);
    if (current !== undefined) {
      const totals = this.#steps.get(current) ?? NO_WORK;
      this.#steps.set(current, { ...totals, elapsedMs: totals.elapsedMs + now - this.#sinceMs });
    }
    this.#sinceMs = now;
  }
}

export function addReads(a: ReadTotals, b: ReadTotals): ReadTotals {
  return { bytesRead: a.bytesRead + b.bytesRead, cacheHits: a.cacheHits + b.cacheHits, cacheMisses: a.cacheMisses + b.cacheMisses };
}
