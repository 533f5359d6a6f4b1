import type { InputStream, Io, OutputStream } from "./io.js";
import { StreamClosedError } from "./io.js";

/**
 * The real process as {@link Io}. The first SIGINT or SIGTERM aborts `signal`, so that the running command unwinds and
 * leaves nothing behind; the second one kills the process at once.
 */
export function processIo(): Io & Disposable {
  const controller = new AbortController();
  const stop = (): void => {
    for (const name of STOP_SIGNALS) process.removeListener(name, stop);
    controller.abort();
    // A read that waits for a terminal or a pipe would not notice.
    if (stdin.isUsed) process.stdin.destroy(controller.signal.reason as Error);
  };
  const stdin = standardInput();
  for (const name of STOP_SIGNALS) process.on(name, stop);
  return {
    stdin,
    stdout: standardOutput(process.stdout),
    stderr: standardOutput(process.stderr),
    env: process.env,
    cwd: process.cwd(),
    signal: controller.signal,
    [Symbol.dispose](): void {
      for (const name of STOP_SIGNALS) process.removeListener(name, stop);
    },
  };
}

const STOP_SIGNALS = ["SIGINT", "SIGTERM"] as const;

function standardOutput(stream: NodeJS.WriteStream): OutputStream {
  let failure: Error | undefined;
  // Without a listener a failed write would end the process; the pending write reports it as well.
  stream.on("error", (error: NodeJS.ErrnoException) => {
    failure ??= error.code === "EPIPE" ? new StreamClosedError("the reader closed the stream", { cause: error }) : error;
  });
  return {
    isTTY: stream.isTTY === true,
    ...(stream.isTTY === true ? { terminal: stream, columns: stream.columns } : {}),
    write(chunk): Promise<void> {
      return new Promise((resolve, reject) => {
        if (failure !== undefined) return reject(failure);
        stream.write(chunk, (error) => {
          if (!error) return resolve();
          const closed = (error as NodeJS.ErrnoException).code === "EPIPE";
          reject(closed ? new StreamClosedError("the reader closed the stream", { cause: error }) : error);
        });
      });
    },
  };
}

function standardInput(): InputStream & { readonly isUsed: boolean } {
  let isUsed = false;
  return {
    get isUsed(): boolean {
      return isUsed;
    },
    get isTTY(): boolean {
      return process.stdin.isTTY === true;
    },
    chunks(): AsyncIterable<Uint8Array> {
      isUsed = true;
      // Nobody may be waiting for a chunk when the stream is destroyed; the next wait reports it.
      process.stdin.on("error", () => undefined);
      return process.stdin;
    },
    async secretLine(): Promise<string | undefined> {
      isUsed = true;
      const { readSecretLine } = await import("./secret-line.js");
      return readSecretLine(process.stdin);
    },
    async line(): Promise<string | undefined> {
      isUsed = true;
      const { createInterface } = await import("node:readline");
      const lines = createInterface({ input: process.stdin });
      try {
        for await (const line of lines) return line;
        return undefined;
      } finally {
        lines.close();
        process.stdin.destroy();
      }
    },
  };
}
