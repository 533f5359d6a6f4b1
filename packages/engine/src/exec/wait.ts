import { CancelledError } from "@omnigraphdb/common";

/** Lets other work of the process run, abort signals included. */
export function pause(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

/** Waits for shared work that nobody may cancel; an abort releases this caller and leaves the work to the others. */
export async function waitUnlessAborted<T>(work: Promise<T>, signal: AbortSignal | undefined, operation: string): Promise<T> {
  if (signal === undefined) return work;
  let release: (() => void) | undefined;
  const aborted = new Promise<never>((_, reject) => {
    release = () => reject(new CancelledError(operation, { cause: signal.reason }));
    if (signal.aborted) release();
    else signal.addEventListener("abort", release, { once: true });
  });
  try {
    return await Promise.race([work, aborted]);
  } finally {
    if (release !== undefined) signal.removeEventListener("abort", release);
  }
}
