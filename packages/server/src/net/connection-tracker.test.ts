import { createServer, type Server } from "node:http";
import { type AddressInfo, connect, type Socket } from "node:net";
import { afterEach, expect, test } from "vitest";
import { ConnectionTracker } from "./connection-tracker.js";

const STALL_MS = 200;
let server: Server;

afterEach(() => {
  server.closeAllConnections();
  server.close();
});

/** Connected, and accepted by a server whose connections are watched. */
async function accepted(): Promise<Socket> {
  server = createServer((_request, response) => response.end("here"));
  new ConnectionTracker(server, STALL_MS);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const connection = new Promise((resolve) => server.once("connection", resolve));
  const socket = connect((server.address() as AddressInfo).port, "127.0.0.1");
  await connection;
  return socket;
}

function untilEnd(socket: Socket): Promise<string> {
  return new Promise((resolve) => {
    let text = "";
    socket.on("data", (chunk: Buffer) => (text += chunk.toString("latin1")));
    socket.on("close", () => resolve(text));
  });
}

test("a request that came while the process was busy for longer than a stall is answered", async () => {
  const socket = await accepted();
  socket.write("GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
  const end = performance.now() + 2 * STALL_MS;
  while (performance.now() < end);
  expect(await untilEnd(socket)).toMatch(/^HTTP\/1\.1 200 OK\r\n.*here/s);
});

test("a client that sends nothing is given up", async () => {
  expect(await untilEnd(await accepted())).toBe("");
});
