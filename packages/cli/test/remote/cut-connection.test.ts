import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { connect, createServer, type AddressInfo, type Server, type Socket } from "node:net";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Captured } from "../captured-io.js";
import { type ServedLibrary, servedLibrary, TOKEN } from "./served-library.js";

/** What passes in each direction before the connection is cut. */
interface Cut {
  readonly up: number;
  readonly down: number;
  /** It stays open, and nothing more passes. */
  readonly isHeld?: boolean;
}

let served: ServedLibrary;
let proxy: Server;
let onHeld: () => void = () => undefined;
let cut: Cut = { up: Infinity, down: Infinity };
const open = new Set<Socket>();
let at: readonly string[];

beforeAll(async () => {
  served = await servedLibrary();
  const { hostname, port } = new URL(served.server.url);
  // Bytes in, bytes out: what a broken network does.
  proxy = createServer((client) => {
    const server = connect(Number(port), hostname);
    let { up, down } = cut;
    const { isHeld = false } = cut;
    open.add(client);
    const end = (): void => void (client.destroy(), server.destroy(), open.delete(client));
    for (const socket of [client, server]) socket.on("error", end).on("close", end);
    client.on("data", (bytes) => {
      const passing = bytes.subarray(0, Math.max(0, up));
      const isCut = (up -= bytes.length) < 0;
      // Not before it is on its way: a connection that is still being made would take it along.
      server.write(passing, () => {
        if (isCut) setTimeout(isHeld ? onHeld : end, 5);
      });
    });
    server.on("data", (bytes) => {
      client.write(bytes.subarray(0, Math.max(0, down)));
      if ((down -= bytes.length) < 0) setTimeout(isHeld ? onHeld : end, 5);
    });
  });
  await new Promise<void>((resolve) => proxy.listen(0, "127.0.0.1", resolve));
  at = ["--server", `http://127.0.0.1:${(proxy.address() as AddressInfo).port}`, "--graph", "library"];
  writeFileSync(join(served.library.directory, "more.jsonl"), Array.from({ length: 400 }, (_, index) => `{"type":"Author","data":{"handle":"cut${index}","name":"${"N".repeat(80)}"}}\n`).join(""));
}, 60_000);
afterAll(async () => {
  proxy.close();
  await served[Symbol.asyncDispose]();
});

/** From the next connection on; those that are kept for further requests end. */
async function cutAfter(next: Partial<Cut>): Promise<void> {
  cut = { up: Infinity, down: Infinity, ...next };
  for (const socket of open) socket.destroy();
  await expect.poll(() => open.size).toBe(0);
  await new Promise((resolve) => setTimeout(resolve, 10));
}

function failed({ exitCode, stderr }: Captured, what: string): void {
  expect({ exitCode, stderr }, what).toMatchObject({ exitCode: 1, stderr: expect.stringMatching(/^(omnigraph .*\n)?Error: no complete answer from .*\n[\s\S]*hint: /) });
  expect(stderr).not.toContain(TOKEN);
}

const commits = async (): Promise<number> => (JSON.parse((await served.run(["commit", "list", "--json", "--server", served.server.url, "--graph", "library"])).stdout) as { readonly commits: readonly unknown[] }).commits.length;

describe("a connection that is cut", () => {
  test.each<[string, readonly string[]]>([
    ["export", ["export"]],
    ["query", ["query", "authors", "--query", "library.gq", "--format", "jsonl"]],
    ["changes poll", ["changes", "poll", "--start", "beginning", "--json"]],
    ["snapshot", ["snapshot"]],
    ["schema show", ["schema", "show"]],
  ])("in the middle of the answer to %s: never a success with a part of it", async (_name, argv) => {
    await cutAfter({});
    const whole = await served.run([...argv, ...at]);
    expect(whole.exitCode).toBe(0);
    for (const down of [0, 20, 200, 350, whole.stdout.length]) {
      await cutAfter({ down });
      const part = await served.run([...argv, ...at]);
      if (part.exitCode === 0) expect(part.stdout, String(down)).toBe(whole.stdout);
      else failed(part, `${argv.join(" ")} after ${down} bytes`);
    }
  });

  test("a baseline leaves the file that was there, and none beside it", async () => {
    const file = join(served.library.directory, "cut.jsonl");
    writeFileSync(file, "before\n");
    await cutAfter({ down: 400 });
    failed(await served.run(["changes", "baseline", "--out", "cut.jsonl", ...at]), "baseline");
    expect(readFileSync(file, "utf8")).toBe("before\n");
    expect(readdirSync(served.library.directory).filter((name) => /\.(tmp|lock)$/.test(name))).toEqual([]);
  });

  test("in the middle of a load: nothing is loaded, and the message says that it may have been", async () => {
    const before = await commits();
    for (const up of [100, 5_000, 30_000]) {
      await cutAfter({ up });
      const load = await served.run(["load", "--data", "more.jsonl", "--mode", "merge", ...at]);
      failed(load, `load after ${up} bytes`);
      expect(load.stderr).toContain("may have happened");
    }
    expect(await commits()).toBe(before);
  });

  test("before the answer to a write: it happened once, is not sent again, and the message says so", async () => {
    for (const [argv, added] of [
      [["load", "--data", "more.jsonl", "--mode", "merge"], 1],
      [["mutate", "add", "--params", '{"handle":"once","name":"Once"}'], 1],
    ] as const) {
      const before = await commits();
      await cutAfter({ down: 10 });
      const write = await served.run([...argv, ...at]);
      failed(write, argv.join(" "));
      expect(write.stderr).toContain("may have happened");
      expect(await commits()).toBe(before + added);
    }
  });
});

test.each<[string, readonly string[], Partial<Cut>]>([
  ["export", ["export"], { down: 600 }],
  ["changes baseline", ["changes", "baseline", "--out", "stopped.jsonl"], { down: 600 }],
  ["load", ["load", "--data", "more.jsonl", "--mode", "merge", "--branch", "stopped", "--from", "main"], { up: 3_000 }],
])("%s that is stopped in the middle ends with 130 (§1.8)", async (_name, argv, after) => {
  await cutAfter({ ...after, isHeld: true });
  const stop = new AbortController();
  onHeld = () => stop.abort();
  const { exitCode, stderr } = await served.run([...argv, ...at], { signal: stop.signal });
  expect({ exitCode, stderr }).toEqual({ exitCode: 130, stderr: expect.stringMatching(argv[0] === "load" ? /may have happened/ : /^Error: interrupted; nothing was changed\n$/) });
  expect(readdirSync(served.library.directory)).not.toContain("stopped.jsonl");
  await cutAfter({});
  if (argv[0] !== "load") return;
  // The branch stays, without a commit of its own (LD-4). Nobody waits for the server, which makes it when it comes to the request.
  const commitsOf = (branch: string): Promise<Captured> => served.run(["commit", "list", "--branch", branch, "--json", ...at]);
  await expect.poll(async () => (await commitsOf("stopped")).exitCode, { timeout: 10_000 }).toBe(0);
  const [main, stopped] = await Promise.all(["main", "stopped"].map(commitsOf));
  expect(stopped).toEqual(main);
});
