import { CancelledError } from "@omnigraphdb/common";

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
