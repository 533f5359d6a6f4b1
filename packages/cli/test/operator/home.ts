import { chmodSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Captured, type CapturedIoOptions, runCaptured } from "../captured-io.js";

/** A person's own folder, and a working directory. */
export interface Home extends Disposable {
  readonly cwd: string;
  /** Value of OMNIGRAPH_HOME. */
  readonly home: string;
  run(argv: readonly string[], options?: CapturedIoOptions): Promise<Captured>;
  config(text: string): void;
  /** Into the working directory. */
  write(name: string, text: string): string;
  read(name: string): string;
  mode(name: string): number;
  chmod(name: string, mode: number): void;
  /** Names in OMNIGRAPH_HOME; none when there is no such folder. */
  names(): readonly string[];
}

export function personalHome(): Home {
  const root = mkdtempSync(join(tmpdir(), "omnigraph-operator-"));
  const [cwd, home] = [join(root, "work"), join(root, "home", "omnigraph")];
  mkdirSync(cwd);
  return {
    cwd,
    home,
    run: (argv, options = {}) => runCaptured(argv, { cwd, ...options, env: { OMNIGRAPH_HOME: home, ...options.env } }),
    config(text) {
      mkdirSync(home, { recursive: true });
      writeFileSync(join(home, "config.yaml"), text);
    },
    write(name, text) {
      mkdirSync(join(cwd, name, ".."), { recursive: true });
      writeFileSync(join(cwd, name), text);
      return join(cwd, name);
    },
    read: (name) => readFileSync(join(home, name), "utf8"),
    mode: (name) => statSync(join(home, name)).mode & 0o777,
    chmod: (name, mode) => chmodSync(join(home, name), mode),
    names: () => (existsSync(home) ? readdirSync(home).sort() : []),
    [Symbol.dispose]: () => rmSync(root, { recursive: true, force: true }),
  };
}

export interface SeenRequest {
  readonly method: string;
  readonly url: string;
  readonly authorization: string | undefined;
  readonly body: string;
}

/** Writes down what it is asked and answers every stored query with one row. */
export interface Recorder extends AsyncDisposable {
  readonly url: string;
  readonly seen: SeenRequest[];
}

export async function startRecorder(): Promise<Recorder> {
  const seen: SeenRequest[] = [];
  const answer = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    seen.push({ method: request.method ?? "", url: request.url ?? "", authorization: request.headers.authorization, body: await bodyOf(request) });
    const isQuery = request.url?.includes("/queries/") === true;
    const document = isQuery ? { query_name: "late_shipments", target: { branch: "main", snapshot: null }, row_count: 1, columns: ["s.ref"], rows: [{ "s.ref": "A-7" }] } : { error: "not here", code: "not_found" };
    response.writeHead(isQuery ? 200 : 404, { "content-type": "application/json" }).end(JSON.stringify(document));
  };
  const server = createServer((request, response) => void answer(request, response));
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    seen,
    [Symbol.asyncDispose]: () =>
      new Promise((resolve) => {
        server.closeAllConnections();
        server.close(() => resolve());
      }),
  };
}

async function bodyOf(request: IncomingMessage): Promise<string> {
  let text = "";
  for await (const chunk of request) text += String(chunk);
  return text;
}
