import type { Logger } from "@omnigraphdb/common";
import { runServer } from "../src/run-server.js";
import type { ServerIo, ServerSignal } from "../src/server-io.js";

export interface TestServerOptions {
  /** Configuration directory or storage root; leave it out for a legacy boot. */
  readonly cluster?: string;
  /** Further arguments. Without `--bind` a free port is taken. */
  readonly args?: readonly string[];
  /** The whole environment of the server; writes survive the process, not a loss of power, unless it says otherwise. */
  readonly env?: Readonly<Record<string, string>>;
  readonly cwd?: string;
}

export interface LogLine {
  readonly level: "debug" | "info" | "warn" | "error";
  readonly message: string;
  readonly [field: string]: unknown;
}

/** A server in this process, with a real socket: the same code path as the binary. */
export interface TestServer extends AsyncDisposable {
  /** `http://127.0.0.1:port` */
  readonly url: string;
  readonly logs: readonly LogLine[];
  /** As if the process had got it. */
  signal(name: ServerSignal): void;
  /** SIGTERM; resolves with the exit code when nothing runs any more. */
  stop(): Promise<number>;
  /** The first logged line of this message from line `from` on, as soon as it is there. */
  logged(message: string, from?: number): Promise<LogLine>;
}

/** How a start ended that was refused. */
export interface RefusedStart {
  readonly exitCode: number;
  readonly stderr: string;
  readonly logs: readonly LogLine[];
}

/** @throws Error with the server's own message when it refuses to start */
export async function startTestServer(options: TestServerOptions): Promise<TestServer> {
  const process = new TestProcess(options);
  const started = await process.start();
  if (started !== "listening") throw new Error(`the server refused to start (exit ${started.exitCode}):\n${started.stderr}`);
  return process;
}

/** Expects the start to be refused; a server that starts all the same is stopped again and is an error. */
export async function refusedStart(options: TestServerOptions): Promise<RefusedStart> {
  const process = new TestProcess(options);
  const started = await process.start();
  if (started !== "listening") return started;
  await process.stop();
  throw new Error("the server started");
}

class TestProcess implements TestServer {
  readonly logs: LogLine[] = [];
  readonly #options: TestServerOptions;
  readonly #handlers = new Map<ServerSignal, () => void>();
  readonly #watchers = new Set<() => void>();
  #stdout = "";
  #stderr = "";
  #ended: Promise<number> | undefined;

  constructor(options: TestServerOptions) {
    this.#options = options;
  }

  get url(): string {
    const address = /OMNIGRAPH_LISTEN_ADDR=(.+)\n/.exec(this.#stdout)?.[1];
    if (address === undefined) throw new Error("the server does not listen");
    return `http://${address}`;
  }

  start(): Promise<"listening" | RefusedStart> {
    const { cluster, args = [], env = {}, cwd = "/nonexistent" } = this.#options;
    const all = [...(cluster === undefined ? [] : ["--cluster", cluster]), ...(args.includes("--bind") ? [] : ["--bind", "127.0.0.1:0"]), ...args];
    return new Promise((resolve, reject) => {
      const io: ServerIo = {
        env: { OMNIGRAPH_DURABILITY: "process", ...env },
        cwd,
        writeOut: (text) => {
          this.#stdout += text;
          if (this.#stdout.includes("OMNIGRAPH_LISTEN_ADDR=")) resolve("listening");
        },
        writeErr: (text) => void (this.#stderr += text),
        createLogger: () => this.#logger(),
        onSignal: (signal, action) => void this.#handlers.set(signal, action),
        exitNow: (code) => reject(new Error(`the process would have ended at once with ${code}`)),
      };
      this.#ended = runServer(all, io);
      this.#ended.then((exitCode) => resolve({ exitCode, stderr: this.#stderr, logs: this.logs }), reject);
    });
  }

  signal(name: ServerSignal): void {
    this.#handlers.get(name)?.();
  }

  async stop(): Promise<number> {
    this.signal("SIGTERM");
    return (await this.#ended) ?? -1;
  }

  logged(message: string, from = 0): Promise<LogLine> {
    return new Promise((resolve) => {
      const look = (): void => {
        const line = this.logs.slice(from).find((each) => each.message === message);
        if (line === undefined) return;
        this.#watchers.delete(look);
        resolve(line);
      };
      this.#watchers.add(look);
      look();
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop();
  }

  #logger(): Logger {
    const log =
      (level: LogLine["level"]) =>
      (message: string, fields: Readonly<Record<string, unknown>> = {}): void => {
        this.logs.push({ ...fields, level, message });
        for (const watcher of [...this.#watchers]) watcher();
      };
    return { debug: log("debug"), info: log("info"), warn: log("warn"), error: log("error") };
  }
}
