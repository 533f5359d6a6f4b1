import { tmpdir } from "node:os";
import { type ExitCode, type Io, run } from "@omnigraphdb/cli";

export interface Captured {
  readonly exitCode: ExitCode;
  readonly stdout: string;
  readonly stderr: string;
}

export interface CapturedIoOptions {
  readonly cwd?: string;
  readonly env?: Record<string, string>;
  /** What stdin holds. */
  readonly stdin?: string;
  /** Whether stdin is a terminal, so that questions may be asked. */
  readonly interactive?: boolean;
  readonly signal?: AbortSignal;
}

/** Runs one command line with captured streams. */
export async function runCaptured(argv: readonly string[], options: CapturedIoOptions = {}): Promise<Captured> {
  const stdout: Uint8Array[] = [];
  const stderr: Uint8Array[] = [];
  const exitCode = await run(argv, capturedIo(stdout, stderr, options));
  return { exitCode, stdout: Buffer.concat(stdout).toString(), stderr: Buffer.concat(stderr).toString() };
}

export function capturedIo(stdout: Uint8Array[], stderr: Uint8Array[], options: CapturedIoOptions): Io {
  const sink = (chunks: Uint8Array[]) => ({
    isTTY: false,
    async write(chunk: string | Uint8Array): Promise<void> {
      chunks.push(Buffer.from(chunk as string));
    },
  });
  const stdin = options.stdin ?? "";
  return {
    stdin: {
      isTTY: options.interactive === true,
      async *chunks(): AsyncIterable<Uint8Array> {
        yield Buffer.from(stdin);
      },
      line: async () => (stdin === "" ? undefined : stdin.split("\n", 1)[0]),
      secretLine: async () => (stdin === "" ? undefined : stdin.split("\n", 1)[0]),
    },
    stdout: sink(stdout),
    stderr: sink(stderr),
    env: options.env ?? {},
    cwd: options.cwd ?? tmpdir(),
    signal: options.signal ?? new AbortController().signal,
  };
}
