import { connect, type Socket } from "node:net";
import { writeAppliedCluster } from "@omnigraphdb/cluster/test-support";
import { makeTempDir, type TempDir } from "@omnigraphdb/testkit";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { startTestServer, type TestServer } from "../../test-support/index.js";
import { namesOf, PEOPLE_GRAPH } from "./fixtures.js";

let directory: TempDir;
let server: TestServer;
const sockets: Socket[] = [];

beforeAll(async () => {
  directory = await makeTempDir();
  const padded = Array.from({ length: 3_000 }, (_, index) => `${JSON.stringify({ type: "Person", data: { name: `z${index}${"x".repeat(BIG_NAME)}` } })}\n`).join("");
  await writeAppliedCluster(directory.path, { graphs: { crm: PEOPLE_GRAPH, big: { ...PEOPLE_GRAPH, data: padded } } });
  server = await startTestServer({
    cluster: directory.path,
    args: ["--unauthenticated"],
    env: { OMNIGRAPH_HEADERS_TIMEOUT_MS: "300", OMNIGRAPH_STALL_TIMEOUT_MS: "400", OMNIGRAPH_HEADER_BYTES_MAX: "4096" },
  });
});
afterAll(async () => {
  for (const socket of sockets) socket.destroy();
  await server.stop();
  await directory[Symbol.asyncDispose]();
});

function open(): Promise<Socket> {
  const { hostname, port } = new URL(server.url);
  return new Promise((resolve, reject) => {
    const socket = connect(Number(port), hostname, () => resolve(socket));
    socket.on("error", reject);
    sockets.push(socket);
  });
}

/** What the server sends until it ends the connection. */
function untilEnd(socket: Socket): Promise<string> {
  return new Promise((resolve) => {
    let text = "";
    socket.on("data", (chunk: Buffer) => (text += chunk.toString("latin1")));
    socket.on("close", () => resolve(text));
  });
}

/** Three thousand of them are more than the buffers of a connection on loopback hold. */
const BIG_NAME = 8_000;

describe("connections that are no good", () => {
  test("1,000 idle connections do not hurt", async () => {
    await Promise.all(Array.from({ length: 1_000 }, () => open()));
    const startedAt = performance.now();
    expect(await namesOf(server.url)).toEqual(["ann", "bo"]);
    expect(performance.now() - startedAt).toBeLessThan(2_000);
  });

  test("a head that never ends is given up", async () => {
    const socket = await open();
    socket.write("GET /healthz HTTP/1.1\r\nHost: x\r\n");
    expect(await untilEnd(socket)).toMatch(/^(HTTP\/1\.1 408|$)/);
  });

  test("a body that stops coming is given up", async () => {
    const socket = await open();
    socket.write("POST /graphs/crm/load/ndjson?mode=append HTTP/1.1\r\nHost: x\r\nContent-Type: application/x-ndjson\r\nContent-Length: 1000\r\n\r\n{");
    await untilEnd(socket);
    expect(await namesOf(server.url)).toEqual(["ann", "bo"]);
  });

  test("an answer that is not read is given up", async () => {
    const socket = await open();
    socket.pause();
    socket.write("POST /graphs/big/export HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nConnection: close\r\nContent-Length: 2\r\n\r\n{}");
    await new Promise((resolve) => socket.once("readable", resolve));
    await new Promise((resolve) => setTimeout(resolve, 2_500));
    const received = untilEnd(socket);
    socket.resume();
    expect((await received).length).toBeLessThan(3_000 * BIG_NAME);
  });

  test("a flood of headers is refused", async () => {
    const socket = await open();
    socket.write(`GET /healthz HTTP/1.1\r\nHost: x\r\nX-Big: ${"a".repeat(8_192)}\r\n\r\n`);
    expect(await untilEnd(socket)).toMatch(/^HTTP\/1\.1 431.*"error_code":"MALFORMED_REQUEST"/s);
  });

  test.each(["nonsense\r\n\r\n", "GET /healthz HTTP/9.9\r\n\r\n", "\u0000\u0001\u0002", "GET / HTTP/1.1\r\nBad Header: x\r\n\r\n", "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n"])("what is no request is answered as such: %j", async (text) => {
    const socket = await open();
    socket.write(text);
    expect(await untilEnd(socket)).toMatch(/^HTTP\/1\.1 400 Bad Request\r\n.*\{"error":"the request is not HTTP\/1\.1"/s);
  });

  test("a client that goes away in the middle of a head leaves nothing behind", async () => {
    const many = await Promise.all(Array.from({ length: 50 }, () => open()));
    for (const socket of many) {
      socket.write("POST /graphs/crm/query HTTP/1.1\r\nHo");
      socket.destroy();
    }
    expect(await namesOf(server.url)).toEqual(["ann", "bo"]);
  });

  test("a pause between two requests is no stall", async () => {
    const socket = await open();
    socket.write("GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n");
    await new Promise((resolve) => setTimeout(resolve, 600));
    socket.write("GET /healthz HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
    expect((await untilEnd(socket)).match(/HTTP\/1\.1 200/g)).toHaveLength(2);
  });

  test("a connection on which nothing is ever sent is given up", async () => {
    const socket = await open();
    expect(await untilEnd(socket)).toBe("");
  });
});
