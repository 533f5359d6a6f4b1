import type { Io } from "../io.js";

export interface Progress extends Disposable {
  /** False when stderr is no terminal: then updates cost nothing and show nothing. */
  readonly isShown: boolean;
  update(done: number, label: string): void;
}

export const HIDDEN_PROGRESS: Progress = { isShown: false, update: () => undefined, [Symbol.dispose]: () => undefined };

/** A progress bar on stderr, only when that is a terminal. Without a total it counts. */
export async function showProgress(io: Io, label: string, total: number | undefined, unit: string): Promise<Progress> {
  const { terminal } = io.stderr;
  if (terminal === undefined) return HIDDEN_PROGRESS;
  const { default: cliProgress } = await import("cli-progress");
  const format = total === undefined ? `{label}: {value} ${unit}` : `{label} [{bar}] {percentage}% | {value}/{total} ${unit}`;
  const bar = new cliProgress.SingleBar({
    stream: terminal,
    format,
    clearOnComplete: true,
    hideCursor: true,
    gracefulExit: false,
    barCompleteChar: "=",
    barIncompleteChar: "-",
  });
  bar.start(total ?? 0, 0, { label });
  let running = true;
  return {
    isShown: true,
    update: (done, phase) => bar.update(done, { label: phase }),
    [Symbol.dispose](): void {
      if (running) bar.stop();
      running = false;
    },
  };
}
