import { type AddressInfo, createServer, type Socket } from "node:net";
import { HttpGraphClient, patientFetch } from "@omnigraphdb/client";
import { describe, expect, onTestFinished, test } from "vitest";
import { classifyRejection } from "../../src/http/connection-failure.js";
import { exchange } from "../../src/http/patient-fetch.js";
import { failureOf } from "../../test-support/contract/failure.js";
import { type Answer, json, startScriptedServer } from "./scripted-server.js";

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

/** A server of bytes. Returns its address. */
async function startRawServer(onConnection: (socket: Socket) => void): Promise<string> {
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket.on("error", () => undefined));
    onConnection(socket);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  onTestFinished(async () => {
    for (const socket of sockets) socket.destroy();
    await new Promise((resolve) => server.close(resolve));
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

const answering = (text: string): ((socket: Socket) => void) => (socket) => void socket.once("data", () => socket.end(text));

describe("patientFetch", () => {
  test("its only limit is that of connecting: an answer may take longer, and come drop by drop", async () => {
    const slow: Answer = async (request, response) => {
      request.resume();
      await pause(120);
      response.writeHead(200);
      for (const piece of ["a", "b", "c"]) {
        response.write(piece);
        await pause(120);
      }
      response.end();
    };
    const { origin } = await startScriptedServer(slow);
    const response = await exchange(origin, { method: "POST", body: "{}" }, 50);
    expect(await response.text()).toBe("abc");
  });

  test("a host that never finishes to connect is a failure without effects", async () => {
    const origin = await startRawServer(() => undefined);
    const error: unknown = await exchange(origin.replace("http:", "https:"), { method: "POST", body: "{}" }, 50).catch((caught: unknown) => caught);
    expect(classifyRejection(error)).toEqual({ failure: "timeout", isUnsent: true });
  });

  test("a connection that times out after it was made may have carried the request", () => {
    const broken = (syscall: string, code: string): Error => Object.assign(new Error(`${syscall} ${code}`), { code, syscall });
    for (const code of ["ETIMEDOUT", "EHOSTUNREACH", "ENETUNREACH"]) {
      expect(classifyRejection(broken("read", code))).toEqual({ failure: "lost", isUnsent: false });
      expect(classifyRejection(new TypeError("fetch failed", { cause: broken("connect", code) })).isUnsent).toBe(true);
    }
  });

  test("connections are used again; method, headers, bodies of every kind and repeated answer headers arrive", async () => {
    const ports = new Set<number | undefined>();
    const server = await startScriptedServer(async (request, response) => {
      ports.add(request.socket.remotePort);
      const body = Buffer.concat(await request.toArray()).toString();
      response.writeHead(200, [["x-one", "1"], ["x-one", "2"]].flat());
      response.end(body);
    });
    const stream = new ReadableStream<Uint8Array>({
      start(controller) {
        for (const piece of ["ün", "ï"]) controller.enqueue(Buffer.from(piece));
        controller.close();
      },
    });
    const texts: string[] = [];
    for (const body of ["tëxt", Buffer.from("bytes"), stream, undefined]) {
      const response = await patientFetch(`${server.origin}/a%2Fb?c=%C3%BC`, { method: body === undefined ? "GET" : "POST", headers: { "x-token": "t" }, ...(body === undefined ? {} : { body }) });
      expect(response.headers.get("x-one")).toBe("1, 2");
      texts.push(await response.text());
    }
    expect(texts).toEqual(["tëxt", "bytes", "ünï", ""]);
    expect([server.requests, ports.size]).toEqual([["POST", "POST", "POST", "GET"].map((method) => `${method} /a%2Fb?c=%C3%BC`), 1]);
    expect([0, 1, 2, 3].map((index) => server.headersOf(index)["content-length"])).toEqual(["5", "5", undefined, undefined]);
  });

  test("an upload is read no faster than it is taken, and never ends as if it were whole", async () => {
    let [given, received, ended] = [0, 0, false];
    const origin = await startRawServer((socket) => {
      socket.pause();
      socket.on("data", (chunk) => {
        received += chunk.length;
        ended ||= chunk.includes("\r\n0\r\n\r\n");
      });
      socket.pause();
      setTimeout(() => socket.resume(), 150);
    });
    const body = new ReadableStream<Uint8Array>({ pull: (controller) => {
      given += 65_536;
      controller.enqueue(Buffer.alloc(65_536, 0x20));
    } });
    const stop = new AbortController();
    const call = patientFetch(origin, { method: "POST", body, signal: stop.signal });
    await pause(100);
    const before = given;
    expect(before).toBeLessThan(32 << 20);
    setTimeout(() => stop.abort(), 150);
    await expect(call).rejects.toThrow();
    await pause(30);
    expect(received).toBeGreaterThan(0);
    expect(ended).toBe(false);
    const after = given;
    await pause(30);
    expect(given).toBe(after);
  });

  test("whoever cancels a body closes the connection", async () => {
    let closed = false;
    const { origin } = await startScriptedServer((_request, response) => {
      response.on("close", () => (closed = true)).writeHead(200);
      response.write("a");
    });
    const response = await patientFetch(origin, { method: "GET" });
    await response.body?.cancel();
    await expect.poll(() => closed).toBe(true);
  });

  test.each<[string, string]>([
    ["no HTTP", "220 mail.example.com ESMTP\r\n"],
    ["a status that is none", "HTTP/1.1 999 X\r\nconnection: close\r\n\r\n"],
    ["headers without end", `HTTP/1.1 200 OK\r\nx: ${"y".repeat(100_000)}`],
    ["a header of control characters", "HTTP/1.1 200 OK\r\nx: \u0001\r\n\r\n"],
    ["two lengths", "HTTP/1.1 200 OK\r\ncontent-length: 1\r\ncontent-length: 2\r\n\r\nab"],
    ["a switch of protocols", "HTTP/1.1 101 Switching Protocols\r\nupgrade: x\r\nconnection: upgrade\r\n\r\n"],
    ["half a head", "HTTP/1.1 200 OK\r\ncontent-"],
    ["an unknown compression", "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-encoding: gzip\r\nconnection: close\r\n\r\n\u001f\u008b"],
    ["half a chunk", "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n10\r\nab"],
    ["nothing", ""],
  ])("a peer that answers with %s is a typed failure: of a write with possible effects", async (_name, text) => {
    const client = new HttpGraphClient({ baseUrl: await startRawServer(answering(text)) });
    const source = "query q() { match { $p: P } return { $p.n } }";
    const calls = [["none", () => client.query({ source })], ["possible", () => client.mutate({ source })], ["none", () => client.exportJsonl({ target: {}, typeNames: [] })]] as const;
    for (const [effects, call] of calls) {
      expect(await failureOf(call())).toMatchObject({ code: expect.stringMatching(/^(SERVER_CONNECTION|UNEXPECTED_ANSWER)$/), effects });
    }
  });

  test("a body without end stops with the limit of the call", async () => {
    const endless: Answer = (_request, response) => {
      response.writeHead(200, { "content-type": "application/json" });
      const timer = setInterval(() => response.write(" "), 5);
      response.on("close", () => clearInterval(timer));
    };
    const { baseUrl } = await startScriptedServer(endless);
    expect(await failureOf(new HttpGraphClient({ baseUrl, timeoutMs: 60 }).listBranches())).toMatchObject({ code: "CALL_TIMEOUT" });
  });

  test.each<[string, Answer]>([
    ["an error of ours", json(200, { error: "taken", code: "conflict", error_code: "KEY_CONFLICT", category: "conflict", retryable: false })],
    ["JSON of another service", json(200, { hello: "world" })],
    ["null", json(200, "null")],
    ["an array", json(200, "[]")],
    ["two documents", json(200, "{}{}")],
    ["HTML", (_request, response) => response.writeHead(200, { "content-type": "application/json" }).end("<html>")],
    ["no body", (_request, response) => response.writeHead(200, { "content-type": "application/json" }).end()],
    ["204", (_request, response) => response.writeHead(204).end()],
  ])("success with %s is no result of any call", async (_name, answer) => {
    const { baseUrl } = await startScriptedServer(answer);
    const client = new HttpGraphClient({ baseUrl });
    const source = "query q() { match { $p: P } return { $p.n } }";
    const calls = [
      () => client.query({ source }), () => client.explain({ source, analyze: false }), () => client.mutate({ source }), () => client.storedQueries(), () => client.load({ input: "", mode: "merge" }), () => client.schemaSource(),
      () => client.applySchema({ source: "", allowDataLoss: false }), () => client.snapshot({}), () => client.listCommits({}), () => client.getCommit("x"), () => client.commitChanges("x", {}), () => client.changes({}),
      () => client.diff("a", "b", {}), () => client.createBranch({ name: "x", from: "main" }), () => client.listBranches(), () => client.deleteBranch({ name: "x" }), () => client.mergeBranch({ source: "x", target: "main", deleteBranch: false }),
      () => client.changesBaseline({}),
    ];
    const codes = await Promise.all(calls.map(async (call) => [String(call), await failureOf(call()).then(({ code }) => code, () => "taken for a result")]));
    expect(codes.filter(([, code = ""]) => !/^(SERVER_CONNECTION|UNEXPECTED_ANSWER)$/.test(code))).toEqual([]);
  });
});
