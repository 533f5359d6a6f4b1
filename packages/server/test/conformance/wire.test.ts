import { connect } from "node:net";
import { afterAll, beforeAll, expect, test } from "vitest";
import { listen, type Listening } from "../../src/net/listen.js";
import { DEFAULT_CONNECTIONS } from "../../src/settings.js";
import { startApp, type TestApp, tokenOf } from "../app-fixture.js";

let app: TestApp;
let server: Listening;
beforeAll(async () => {
  app = await startApp();
  server = await listen(app.app, { host: "127.0.0.1", port: 0 }, DEFAULT_CONNECTIONS);
});
afterAll(async () => {
  await server.drain();
  await app[Symbol.asyncDispose]();
});

/** Sends a head as it is, and gives the status and the body back. */
function send(lines: readonly string[], body = ""): Promise<readonly [number, string]> {
  return new Promise((resolve, reject) => {
    const socket = connect(server.port, "127.0.0.1", () => socket.write(`${[...lines, "connection: close"].join("\r\n")}\r\n\r\n${body}`, "latin1"));
    let text = "";
    socket.setEncoding("utf8").on("data", (chunk: string) => (text += chunk)).on("error", reject).on("close", () => {
      const [head = "", ...rest] = text.split("\r\n\r\n");
      resolve([Number(head.split(" ")[1]), rest.join("\r\n\r\n")]);
    });
  });
}

const auth = `authorization: Bearer ${tokenOf("owner")}`;

test("paths as only a raw socket sends them are answered, and lead nowhere", async () => {
  const rows: readonly (readonly [string, number])[] = [
    ["/graphs/../healthz", 200],
    ["/graphs/%2e%2e/healthz", 200],
    ["/graphs/%2F..%2Fcrm/snapshot", 400],
    ["/graphs/crm%2Fsnapshot", 404],
    ["//graphs/crm/snapshot", 404],
    ["/graphs/crm//snapshot", 404],
    ["/graphs/crm/snapshot?branch=%00", 404],
    ["/graphs/crm/commits/%00", 404],
    ["/graphs/crm/commits/%zz", 400],
    ["http://elsewhere/graphs/crm/snapshot", 200],
    ["/graphs/crm/../../../../etc/passwd", 404],
    ["/graphs/crm/snapshot;x=1", 404],
    ["/graphs/crm\\snapshot", 400],
    ["/graphs/crm/snapshot#x", 200],
  ];
  const answers: unknown[] = [];
  for (const [path] of rows) answers.push([path, (await send([`GET ${path} HTTP/1.1`, "host: x", auth]))[0]]);
  expect(answers).toEqual(rows);
});

test("heads that are no HTTP, or too long, are refused and the server goes on", async () => {
  const heads: readonly (readonly string[])[] = [
    ["GET / HTTP/9.9", "host: x"],
    ["GET /healthz HTTP/1.1", "host: a b"],
    ["GET /healthz HTTP/1.1"],
    ["GET /healthz HTTP/1.1", "host: x", `x-long: ${"a".repeat(20_000)}`],
    ["GET /graphs/\u0000 HTTP/1.1", "host: x"],
    ["POST /graphs/crm/query HTTP/1.1", "host: x", auth, "content-length: 5", "transfer-encoding: chunked"],
    ["POST /graphs/crm/query HTTP/1.1", "host: x", auth, "content-type: application/json", "content-length: -1"],
  ];
  for (const head of heads) {
    const [status] = await send(head);
    expect([head[0], status >= 400 && status < 500]).toEqual([head[0], true]);
  }
  expect((await send(["GET /healthz HTTP/1.1", "host: x"]))[0]).toBe(200);
});

test("10.3.1 two lines of the condition are refused; 1.4 an announced length that is too large is refused before the body", async () => {
  const body = '{"query":"query w() { insert Account { code: \\"w\\" } }"}';
  const post = (path: string, ...lines: string[]): Promise<readonly [number, string]> =>
    send([`POST /graphs/crm/${path} HTTP/1.1`, "host: x", auth, "content-type: application/json", ...lines], body);
  const id = await app.graph.headCommitId();
  const length = `content-length: ${body.length}`;
  expect((await post("mutate/if-graph-commit", length, `omnigraph-if-graph-commit: ${id}`, `omnigraph-if-graph-commit: ${id}`))[0]).toBe(400);
  expect((await post("mutate/if-graph-commit", length, "omnigraph-if-graph-commit: caf\u00e9"))[0]).toBe(400);
  const [status, text] = await post("query", "content-length: 99999999");
  expect([status, JSON.parse(text)]).toMatchObject([413, { resource_limit: { limit: 1_048_576, actual: 99_999_999 } }]);
  expect((await post("mutate/if-graph-commit", length, `omnigraph-if-graph-commit: ${id}`))[0]).toBe(200);
});
