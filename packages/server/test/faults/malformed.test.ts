/** Requests that are no good HTTP, or use its rarer parts: each is answered as HTTP says, or its connection ends, and nothing stays behind. */
import { writeAppliedCluster } from "@omnigraphdb/cluster/test-support";
import { makeTempDir, type TempDir } from "@omnigraphdb/testkit";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { startTestServer, type TestServer } from "../../test-support/index.js";
import { ADD_PERSON, ALL_PEOPLE, ask, namesOf, PEOPLE_GRAPH, SCHEMA } from "../boot/fixtures.js";
import { exchange, RawClient, rawPost, statusesOf } from "./raw-client.js";

let directory: TempDir;
let server: TestServer;

beforeAll(async () => {
  directory = await makeTempDir();
  await writeAppliedCluster(directory.path, { graphs: { crm: PEOPLE_GRAPH, empty: { schema: SCHEMA } } });
  server = await startTestServer({ cluster: directory.path, args: ["--unauthenticated"], env: { OMNIGRAPH_HEADERS_TIMEOUT_MS: "500", OMNIGRAPH_STALL_TIMEOUT_MS: "600" } });
});
afterAll(async () => {
  expect(await server.stop()).toBe(0);
  await directory[Symbol.asyncDispose]();
});
afterEach(async () => expect(await namesOf(server.url)).toEqual(["ann", "bo"]));

const QUERY = JSON.stringify({ query: ALL_PEOPLE });
const HEAD = "Host: x\r\nConnection: close\r\n";
const chunked = (rest: string): string => `POST /graphs/crm/query HTTP/1.1\r\n${HEAD}Content-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n${rest}`;
const addBody = (name: string): string => JSON.stringify({ query: ADD_PERSON, params: { name } });
const keptPost = (path: string, body: string): string => rawPost(path, body).replace("Connection: close\r\n", "");

describe("what is no request", () => {
  test.each([
    ["two lengths", `POST /graphs/crm/query HTTP/1.1\r\n${HEAD}Content-Length: 3\r\nContent-Length: 4\r\n\r\nabcd`],
    ["a length and chunks", `POST /graphs/crm/query HTTP/1.1\r\n${HEAD}Content-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n`],
    ["chunks and a length", `POST /graphs/crm/query HTTP/1.1\r\n${HEAD}Transfer-Encoding: chunked\r\nContent-Length: 3\r\n\r\n0\r\n\r\n`],
    ["a negative length", `POST /graphs/crm/query HTTP/1.1\r\n${HEAD}Content-Length: -3\r\n\r\nabc`],
    ["a length beyond all numbers", `POST /graphs/crm/query HTTP/1.1\r\n${HEAD}Content-Length: ${"9".repeat(40)}\r\n\r\nabc`],
    ["an unknown coding", `POST /graphs/crm/query HTTP/1.1\r\n${HEAD}Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n`],
    ["no size of a chunk", chunked("zz\r\n\r\n")],
    ["a negative size of a chunk", chunked("-1\r\nabc\r\n0\r\n\r\n")],
    ["a flood of chunk extensions", chunked(`3;${"a".repeat(40_000)}\r\nabc\r\n0\r\n\r\n`)],
    ["a folded header", `GET /healthz HTTP/1.1\r\n${HEAD}X-A: b\r\n c\r\n\r\n`],
    ["line feeds alone", "GET /healthz HTTP/1.1\nHost: x\n\n"],
    ["a blank before a colon", "GET /healthz HTTP/1.1\r\nHost : x\r\n\r\n"],
    ["bytes above ASCII in the target", `GET /healthz\xff HTTP/1.1\r\n${HEAD}\r\n`],
    ["the preface of HTTP/2", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"],
    ["two hosts", "GET /healthz HTTP/1.1\r\nHost: a\r\nhost: b\r\nConnection: close\r\n\r\n"],
    ["a host twice", "GET /healthz HTTP/1.1\r\nHost: a\r\nHost: a\r\nConnection: close\r\n\r\n"],
    ["a host with a blank", "GET /healthz HTTP/1.1\r\nHost: a b\r\nConnection: close\r\n\r\n"],
    ["a host that holds a path", "GET /healthz HTTP/1.1\r\nHost: 1/23456\r\nConnection: close\r\n\r\n"],
    ["a host that holds a user", "GET /healthz HTTP/1.1\r\nHost: a@b\r\nConnection: close\r\n\r\n"],
    ["a target of another scheme", `GET ftp://x/healthz HTTP/1.1\r\n${HEAD}\r\n`],
    ["a target that is no address", `GET http://[/healthz HTTP/1.1\r\n${HEAD}\r\n`],
    ["a target that is a star", `OPTIONS * HTTP/1.1\r\n${HEAD}\r\n`],
    ["a backslash in the path", `GET /\\healthz HTTP/1.1\r\n${HEAD}\r\n`],
  ])("is refused with the envelope: %s", async (_, text) => {
    const received = await exchange(server.url, text);
    expect(statusesOf(received)).toEqual([400]);
    expect(received).toContain('"error_code":"MALFORMED_REQUEST"');
  });

  test("behind a write, it does not take the place of the write's answer", async () => {
    for (const garbage of ["GARBAGE\r\n\r\n", "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: x\r\n\r\n", keptPost("/graphs/empty/query", QUERY).replace("Content-Length", "Transfer-Encoding: chunked\r\nX")]) {
      const name = `before ${garbage.slice(0, 20)}`;
      const received = await exchange(server.url, keptPost("/graphs/empty/mutate", addBody(name)), garbage);
      expect(statusesOf(received)).toEqual([200, 400]);
      expect(await namesOf(server.url, "/graphs/empty")).toContain(name);
    }
  });

  test("after an answer, it is refused too", async () => {
    using client = await RawClient.open(server.url);
    client.send(`GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n`);
    await expect.poll(() => client.received).toContain('"status":"ok"');
    client.send("nonsense\r\n\r\n");
    client.send("more nonsense\r\n\r\n");
    expect(statusesOf(await client.ended)).toEqual([200, 400]);
  });

  test("a client that ends in the middle of its body changes nothing", async () => {
    const record = '{"type":"Person","data":{"name":"half"}}\n';
    for (const head of ["Content-Length: 1000\r\n\r\n", `Transfer-Encoding: chunked\r\n\r\n${record.length.toString(16)}\r\n`]) {
      using client = await RawClient.open(server.url);
      client.send(`POST /graphs/crm/load/ndjson?mode=append HTTP/1.1\r\nHost: x\r\nContent-Type: application/x-ndjson\r\n${head}${record}`);
      client.socket.end();
      expect(statusesOf(await client.ended)).toEqual([400]);
    }
  });
});

describe("what is unusual, and HTTP", () => {
  test.each([
    ["HTTP/1.0 without a host", "GET /healthz HTTP/1.0\r\n\r\n", [200]],
    ["HTTP/1.0 with a body", `POST /graphs/crm/query HTTP/1.0\r\nContent-Type: application/json\r\nContent-Length: ${QUERY.length}\r\n\r\n${QUERY}`, [200]],
    ["an absolute target", `GET http://elsewhere/healthz HTTP/1.1\r\n${HEAD}\r\n`, [200]],
    ["an address as host", "GET /healthz HTTP/1.1\r\nHost: [::1]:8080\r\nConnection: close\r\n\r\n", [200]],
    ["an empty host", "GET /healthz HTTP/1.1\r\nHost: \r\nConnection: close\r\n\r\n", [200]],
    ["no host", "GET /healthz HTTP/1.1\r\nConnection: close\r\n\r\n", [400]],
    ["chunks", chunked(`${QUERY.length.toString(16)}\r\n${QUERY}\r\n0\r\nX-Trailer: a\r\n\r\n`), [200]],
    ["a body where none belongs", `GET /graphs/crm/snapshot HTTP/1.1\r\n${HEAD}Content-Length: 5\r\n\r\nabcde`, [200]],
    ["a request hidden in a body", `GET /graphs/crm/snapshot HTTP/1.1\r\nHost: x\r\nContent-Length: 36\r\n\r\nGET /nothere HTTP/1.1\r\nHost: evil\r\n\r\nGET /healthz HTTP/1.1\r\n${HEAD}\r\n`, [200, 200]],
    ["requests in a row", `${"GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n".repeat(99)}GET /healthz HTTP/1.1\r\n${HEAD}\r\n`, Array.from({ length: 100 }, () => 200)],
    ["an offer to change the protocol", `GET /healthz HTTP/1.1\r\nHost: x\r\nConnection: close, upgrade\r\nUpgrade: h2c\r\n\r\n`, [200]],
    ["an expectation nobody knows", `POST /graphs/crm/query HTTP/1.1\r\n${HEAD}Expect: tea\r\nContent-Length: 2\r\n\r\n{}`, [417]],
    ["dots in the path", `GET /graphs/../healthz HTTP/1.1\r\n${HEAD}\r\n`, [200]],
    ["encoded dots", `GET /graphs/%2e%2e/healthz HTTP/1.1\r\n${HEAD}\r\n`, [200]],
    ["dots that go too far", `GET /../../../../etc/passwd HTTP/1.1\r\n${HEAD}\r\n`, [404]],
    ["encoded slashes", `GET /graphs%2Fcrm%2Fsnapshot HTTP/1.1\r\n${HEAD}\r\n`, [404]],
    ["two slashes", `GET //graphs/crm/snapshot HTTP/1.1\r\n${HEAD}\r\n`, [404]],
    ["a nul", `GET /graphs/crm%00/snapshot HTTP/1.1\r\n${HEAD}\r\n`, [400]],
    ["what is no encoding", `DELETE /graphs/crm/branches/%zz HTTP/1.1\r\n${HEAD}\r\n`, [400]],
    ["what encodes no text", `DELETE /graphs/crm/branches/%ff HTTP/1.1\r\n${HEAD}\r\n`, [400]],
    ["another method", `TRACE /healthz HTTP/1.1\r\n${HEAD}\r\n`, [405]],
    ["thousands of headers", `GET /healthz HTTP/1.1\r\n${HEAD}${"a:\r\n".repeat(3_000)}\r\n`, [200]],
    ["text that is not marked as JSON", rawPost("/graphs/crm/query", QUERY, "Content-Type: text/plain\r\n"), [415]],
    ["two types", rawPost("/graphs/crm/query", QUERY, "Content-Type: application/json\r\nContent-Type: text/plain\r\n"), [415]],
    ["no type", rawPost("/graphs/crm/query", QUERY, ""), [415]],
    ["bytes that are no UTF-8", rawPost("/graphs/crm/query", '{"query":"\xff\xfe"}'), [400]],
    ["bytes that are no UTF-8 in a record", rawPost("/graphs/crm/load/ndjson?mode=append", '{"type":"Person","data":{"name":"\xff"}}\n', "Content-Type: application/x-ndjson\r\n"), [400]],
  ])("is answered: %s", async (_, text, statuses) => {
    expect(statusesOf(await exchange(server.url, text))).toEqual(statuses);
  });

  test("a tunnel is refused by closing", async () => {
    expect(await exchange(server.url, "CONNECT x:80 HTTP/1.1\r\nHost: x\r\n\r\n")).toBe("");
  });

  test("a condition behind thousands of headers is not overlooked", async () => {
    const { length } = await namesOf(server.url, "/graphs/empty");
    const many = "a:\r\n".repeat(2_500);
    const received = await exchange(server.url, rawPost("/graphs/empty/mutate/if-graph-commit", addBody("conditional"), `Content-Type: application/json\r\n${many}Omnigraph-If-Graph-Commit: 01J8Z5W6T4Q8M3N2K1H0G9F8E7\r\n`));
    expect(statusesOf(received)).toEqual([412]);
    expect(await namesOf(server.url, "/graphs/empty")).toHaveLength(length);
  });

  test("who asks before sending is told to go on, and may change his mind", async () => {
    const head = (length: number): string => `POST /graphs/crm/query HTTP/1.1\r\n${HEAD}Content-Type: application/json\r\nExpect: 100-continue\r\nContent-Length: ${length}\r\n\r\n`;
    using polite = await RawClient.open(server.url);
    polite.send(head(QUERY.length));
    await expect.poll(() => polite.received).toBe("HTTP/1.1 100 Continue\r\n\r\n");
    polite.send(QUERY);
    expect(statusesOf(await polite.ended)).toEqual([100, 200]);
    // No byte of what is too large anyway has to be sent.
    expect(statusesOf(await exchange(server.url, head(99_999_999))).at(-1)).toBe(413);
    expect(statusesOf(await exchange(server.url, head(10)))).toEqual([100]);
  });

  test("a body without an end is refused at its limit", async () => {
    const part = `10000\r\n${"a".repeat(65_536)}\r\n`;
    expect(statusesOf(await exchange(server.url, chunked(""), ...Array.from({ length: 40 }, () => part)))).toEqual([413]);
  });
});

describe("writes on one connection", () => {
  test("in a row are all made, each once, and answered in their order", async () => {
    const names = Array.from({ length: 8 }, (_, index) => `row${index}`);
    const { received } = await (async () => {
      using client = await RawClient.open(server.url);
      client.send(names.map((name) => keptPost("/graphs/empty/mutate", addBody(name))).join(""));
      await expect.poll(() => statusesOf(client.received).length, { timeout: 10_000 }).toBe(names.length);
      return { received: client.received };
    })();
    expect(new Set(statusesOf(received))).toEqual(new Set([200]));
    expect((await namesOf(server.url, "/graphs/empty")).filter((name) => String(name).startsWith("row"))).toEqual(names);
  });

  test("that lose their client are finished, or were never begun", async () => {
    await Promise.all(Array.from({ length: 10 }, async (_, index) => {
      using client = await RawClient.open(server.url);
      client.send(rawPost("/graphs/empty/mutate", addBody(`lost${index}`)));
      await new Promise((resolve) => setTimeout(resolve, index * 5));
    }));
    const { status } = await ask(server.url, "/graphs/empty/mutate", { body: { query: ADD_PERSON, params: { name: "after the lost" } } });
    expect(status).toBe(200);
    const names = await namesOf(server.url, "/graphs/empty");
    expect(new Set(names).size).toBe(names.length);
  });
});
