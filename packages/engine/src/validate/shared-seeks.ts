import type { RowBatch } from "../columnar/column.js";
import type { PinnedDataset } from "../storage/dataset-gateway.js";

interface Seek {
  readonly values: Set<bigint>;
  readonly rows: Promise<readonly RowBatch[]>;
  readonly start: () => void;
}

/**
 * Looks rows up by hash, for everybody who asks at the same time. A native query costs the same for one value as for a hundred, so whoever
 * comes while one runs shares the next: writers of one record each then need a few queries together. Nobody waits for company.
 */
class SharedSeek {
  readonly #run: (values: ReadonlySet<bigint>) => Promise<readonly RowBatch[]>;
  #isRunning = false;
  #next: Seek | undefined;

  constructor(run: (values: ReadonlySet<bigint>) => Promise<readonly RowBatch[]>) {
    this.#run = run;
  }

  /** Rows of `values`, and of what others asked for. */
  find(values: readonly bigint[]): Promise<readonly RowBatch[]> {
    const seek = (this.#next ??= this.#makeSeek());
    for (const value of values) seek.values.add(value);
    if (!this.#isRunning) this.#begin();
    return seek.rows;
  }

  #makeSeek(): Seek {
    const values = new Set<bigint>();
    let start: () => void = () => undefined;
    const started = new Promise<void>((resolve) => (start = resolve));
    return { values, start, rows: started.then(() => this.#run(values)) };
  }

  #begin(): void {
    const seek = this.#next;
    this.#next = undefined;
    this.#isRunning = seek !== undefined;
    if (seek === undefined) return;
    const goOn = (): void => this.#begin();
    seek.rows.then(goOn, goOn);
    seek.start();
  }
}

const seeks = new WeakMap<PinnedDataset, Map<string, SharedSeek>>();

/** Rows of `dataset` whose `hashColumn` is one of `values`, and perhaps others. */
export function seekShared(dataset: PinnedDataset, columns: readonly string[], hashColumn: string, values: readonly bigint[]): Promise<readonly RowBatch[]> {
  const ofDataset = seeks.get(dataset) ?? new Map<string, SharedSeek>();
  seeks.set(dataset, ofDataset);
  const key = `${hashColumn} ${columns.join(" ")}`;
  let seek = ofDataset.get(key);
  if (seek === undefined) {
    seek = new SharedSeek((wanted) => readAll(dataset, columns, hashColumn, wanted));
    ofDataset.set(key, seek);
  }
  return seek.find(values);
}

async function readAll(dataset: PinnedDataset, columns: readonly string[], hashColumn: string, wanted: ReadonlySet<bigint>): Promise<readonly RowBatch[]> {
  const values = [...wanted].map((value) => ({ kind: "integer", value }) as const);
  const batches: RowBatch[] = [];
  for await (const batch of dataset.scan({ columns, filter: { kind: "in", column: hashColumn, values } })) batches.push(batch);
  return batches;
}
