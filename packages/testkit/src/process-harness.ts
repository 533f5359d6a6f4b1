import { type ChildProcess, spawn } from "node:child_process";

export interface ProcessOptions {
  readonly args?: readonly string[];
  readonly cwd?: string;
  /** Added to the environment of this process. */
  readonly env?: Readonly<Record<string, string>>;
  /** Written to standard input, which is then closed. */
  readonly stdin?: string;
  /** Flags of Node itself, before the script. */
  readonly nodeFlags?: readonly string[];
}

export interface ProcessResult {
  /** Null when a signal ended the process. */
  readonly exitCode: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface RunningProcess extends AsyncDisposable {
  readonly pid: number;
  /** What was written to standard output until now. */
  readonly stdout: string;
  readonly stderr: string;
  readonly ended: Promise<ProcessResult>;
  /** Resolves as soon as standard output contains `text`; rejects when the process ends before. */
  waitForOutput(text: string): Promise<void>;
  write(text: string): void;
  /** Sends the signal to this process only and waits for its end. */
  kill(signal?: NodeJS.Signals): Promise<ProcessResult>;
}

/** Starts `script` (a JavaScript file) in a process of its own. Still running at the end of the scope, it is killed. */
export function startProcess(script: string, options: ProcessOptions = {}): RunningProcess {
  const child = spawn(process.execPath, [...(options.nodeFlags ?? []), script, ...(options.args ?? [])], {
    stdio: ["pipe", "pipe", "pipe"],
    env: { ...process.env, LANCEDB_LOG: "error", ...options.env },
    ...(options.cwd === undefined ? {} : { cwd: options.cwd }),
  });
  return new HarnessedProcess(child, options.stdin);
}

/** Runs `script` to its end. A failing exit code is a result, not an error. */
export async function runProcess(script: string, options: ProcessOptions = {}): Promise<ProcessResult> {
  await using running = startProcess(script, { ...options, stdin: options.stdin ?? "" });
  return await running.ended;
}

class HarnessedProcess implements RunningProcess {
  readonly pid: number;
  readonly ended: Promise<ProcessResult>;
  readonly #child: ChildProcess;
  #stdout = "";
  #stderr = "";
  #isEnded = false;
  readonly #listeners = new Set<() => void>();

  constructor(child: ChildProcess, stdin: string | undefined) {
    this.#child = child;
    this.pid = child.pid ?? -1;
    child.stdout?.setEncoding("utf8").on("data", (chunk: string) => {
      this.#stdout += chunk;
      this.#notify();
    });
    child.stderr?.setEncoding("utf8").on("data", (chunk: string) => {
      this.#stderr += chunk;
    });
    // A child that exits without reading its input closes the pipe.
    child.stdin?.on("error", () => undefined);
    if (stdin !== undefined) child.stdin?.end(stdin);
    this.ended = new Promise((resolve, reject) => {
      child.once("error", reject);
      child.once("close", (exitCode, signal) => {
        this.#isEnded = true;
        this.#notify();
        resolve({ exitCode, signal, stdout: this.#stdout, stderr: this.#stderr });
      });
    });
  }

  get stdout(): string {
    return this.#stdout;
  }

  get stderr(): string {
    return this.#stderr;
  }

  waitForOutput(text: string): Promise<void> {
    return new Promise((resolve, reject) => {
      const look = (): void => {
        const isFound = this.#stdout.includes(text);
        if (!isFound && !this.#isEnded) return;
        this.#listeners.delete(look);
        if (isFound) resolve();
        else reject(new Error(`the process ended without writing ${JSON.stringify(text)}:\n${this.#stdout}${this.#stderr}`));
      };
      this.#listeners.add(look);
      look();
    });
  }

  write(text: string): void {
    this.#child.stdin?.write(text);
  }

  kill(signal: NodeJS.Signals = "SIGKILL"): Promise<ProcessResult> {
    if (!this.#isEnded) this.#child.kill(signal);
    return this.ended;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.kill();
  }

  #notify(): void {
    for (const listener of [...this.#listeners]) listener();
  }
}
