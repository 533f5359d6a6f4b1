import { createServer, type Server } from "node:http";
import { type AddressInfo, connect } from "node:net";
import { expect, test } from "vitest";
import { ConnectionTracker } from "./connection-tracker.js";

async function listening(server: Server): Promise<string> {
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

test("an answer that takes longer than the stall timeout arrives, also on a kept connection", async () => {
  const server = createServer((request, response) => {
    request.resume();
    setTimeout(() => response.end("late"), 350);
  });
  const tracker = new ConnectionTracker(server, 100);
  const url = await listening(server);
  for (let turn = 0; turn < 2; turn++) expect(await fetch(url, { method: "POST", body: "x" }).then((response) => response.text())).toBe("late");
  await tracker.drain();
});

test("an answer that waits for a slow one before it, or a body behind it that is not complete yet, is no stall", async () => {
  const server = createServer((request, response) => {
    request.resume();
    if (request.url === "/slow") setTimeout(() => response.end("slow"), 350);
    else request.on("end", () => response.end("quick"));
  });
  const tracker = new ConnectionTracker(server, 100);
  const { port } = new URL(await listening(server));
  const socket = connect(Number(port), "127.0.0.1");
  const post = (path: string, body: string): string => `POST ${path} HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\n\r\n${body}`;
  socket.write(post("/slow", "ab") + post("/quick", "ab") + post("/quick", "a"));
  let text = "";
  for await (const chunk of socket) {
    text += String(chunk);
    if (text.includes("quick")) break;
  }
  expect(text).toMatch(/slow[^]*quick/);
  await tracker.drain();
});

test("a body that the server does not read yet is no stall of the client", async () => {
  const size = 4_000_000;
  const server = createServer((request, response) => {
    setTimeout(() => {
      let received = 0;
      request.on("data", (chunk: Buffer) => (received += chunk.length));
      request.on("end", () => response.end(String(received)));
    }, 350);
  });
  const tracker = new ConnectionTracker(server, 100);
  const url = await listening(server);
  expect(await fetch(url, { method: "POST", body: new Uint8Array(size) }).then((response) => response.text())).toBe(String(size));
  await tracker.drain();
});

test("draining waits for the running request and tells its client to close", async () => {
  const server = createServer((_, response) => setTimeout(() => response.end("done"), 150));
  const tracker = new ConnectionTracker(server, 1_000);
  const url = await listening(server);
  const hasBegun = new Promise((resolve) => server.once("request", resolve));
  const running = fetch(url);
  await hasBegun;
  const drained = tracker.drain();
  await expect(fetch(url)).rejects.toThrow();
  expect(await (await running).text()).toBe("done");
  await drained;
});

test("a request that came while the process was busy for longer than a stall is answered", async () => {
  const server = createServer((_, response) => response.end("here"));
  const tracker = new ConnectionTracker(server, 200);
  const { port } = new URL(await listening(server));
  const isAccepted = new Promise((resolve) => server.once("connection", resolve));
  const socket = connect(Number(port), "127.0.0.1");
  await isAccepted;
  socket.write("GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
  const end = performance.now() + 400;
  while (performance.now() < end);
  let text = "";
  for await (const chunk of socket) text += String(chunk);
  expect(text).toMatch(/^HTTP\/1\.1 200 OK\r\n.*here/s);
  await tracker.drain();
});
