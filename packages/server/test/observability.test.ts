import { UnauthorizedError } from "@omnigraphdb/api-types";
import { describe, expect, test } from "vitest";
import { createLogger } from "../src/observability/logger.js";
import { createMetrics } from "../src/observability/metrics.js";
import { ACTORS, startApp, tokenOf } from "./app-fixture.js";

const SECRETS = ["s3cr3t-param", "s3cr3t-body", "s3cr3t-id"];

describe("server §9 logs", () => {
  test("9.2 no token, header, parameter value or entity data reaches a line, whatever is called", async () => {
    const lines: string[] = [];
    const logger = createLogger("debug", { write: (line) => void lines.push(line) });
    await using app = await startApp({ app: { logger } });
    const authorization = { authorization: "Bearer s3cr3t-token" };
    await app.call("GET", "/graphs/crm/snapshot", { headers: authorization });
    await app.call("POST", "/graphs/crm/query", { actor: "owner", body: { query: "query q($c: String) { match { $a: Account { code: $c } } return { $a.code } }", params: { c: SECRETS[0] } } });
    await app.call("POST", "/graphs/crm/query", { actor: "owner", body: { query: "query q($c: I64) { match { $a: Account { big: $c } } return { $a.code } }", params: { c: SECRETS[0] } } });
    await app.call("POST", "/graphs/crm/load", { actor: "owner", body: { data: `{"type":"Account","data":{"code":"${SECRETS[1] as string}"}}` } });
    await app.call("POST", "/graphs/crm/load", { actor: "owner", body: { data: `{"type":"${SECRETS[1] as string}"` } });
    await app.call("GET", `/graphs/crm/blob?entity=node&type=Account&id=${SECRETS[2] as string}&property=logo`, { actor: "owner" });
    await app.call("POST", "/graphs/crm/queries/rename", { actor: "owner", body: { params: { code: "a", name: SECRETS[0] } } });
    for (const actor of ACTORS) await app.call("POST", "/graphs/crm/mutate", { actor, body: { query: 'query w() { insert Account { code: "s3cr3t-body" } }' } });
    const text = lines.join("");
    expect(lines.length).toBeGreaterThan(10);
    for (const secret of [...SECRETS, "s3cr3t-token", "Bearer", ...ACTORS.map(tokenOf)]) expect(text).not.toContain(secret);
    expect(lines.map((line) => JSON.parse(line) as object).find((line) => "latency_ms" in line)).toMatchObject({
      level: "debug",
      msg: "request",
      method: "GET",
      path: "/graphs/crm/snapshot",
      status: 401,
      request_id: expect.any(String) as string,
    });
  });

  test("an export that is refused is answered, and no failure of the server", async () => {
    await using app = await startApp();
    expect((await app.call("POST", "/graphs/crm/export", { actor: "owner", body: { type_names: ["Ghost"] } })).status).toBe(400);
    expect((await app.call("POST", "/graphs/crm/changes/baseline", { actor: "owner", body: { branch: "ghost" } })).status).toBe(404);
    expect(app.logLines.filter((line) => line.includes('"level":"error"'))).toEqual([]);
  });

  test("a sane request id of the caller is kept, another one is replaced", async () => {
    await using app = await startApp();
    expect((await app.call("GET", "/healthz", { headers: { "x-request-id": "trace-1.2:3" } })).headers.get("x-request-id")).toBe("trace-1.2:3");
    for (const given of ["", "a b", "x".repeat(129), '"quoted"', "<script>"]) {
      expect((await app.call("GET", "/nowhere", { headers: { "x-request-id": given } })).headers.get("x-request-id")).toMatch(/^[0-9A-Z]{26}$/);
    }
  });
});

describe("metrics", () => {
  test("are served where they are switched on, to callers with a token, with a bounded number of labels", async () => {
    await using app = await startApp({ app: { metrics: createMetrics() } });
    expect((await app.call("GET", "/metrics")).status).toBe(401);
    await app.call("GET", "/graphs/crm/snapshot", { actor: "owner" });
    await app.call("GET", "/graphs/ghost/snapshot", { actor: "owner" });
    await app.call("GET", "/x1", {});
    await app.call("QUACK", "/x2", {});
    const response = await app.call("GET", "/metrics", { actor: "nobody" });
    const text = await response.text();
    expect(response.headers.get("content-type")).toContain("text/plain");
    expect(text).toContain('omnigraph_http_request_seconds_count{route="getSnapshot",method="GET",status="200"} 1');
    expect(text).toContain('omnigraph_http_request_seconds_count{route="unknown",method="other",status="404"} 1');
    expect(text).toContain('omnigraph_policy_decisions_total{action="read",allowed="true"} 1');
    expect(text).toContain("omnigraph_inflight_writes 0");
    expect(text).toContain("# TYPE omnigraph_admission_refused_total counter");
    expect(text).toContain("process_resident_memory_bytes");
    expect(text).not.toMatch(/crm|ghost|owner/);
  });

  test("server 9.3 are not there unless they are switched on", async () => {
    await using app = await startApp();
    expect((await app.call("GET", "/metrics", { actor: "owner" })).status).toBe(404);
  });
});

describe("deadlines", () => {
  const QUERY = { query: "query q() { match { $a: Account } return { $a.code } }" };

  /** A body that arrives so late that the time of the request is over. */
  function late(text: string): ReadableStream<Uint8Array> {
    return new ReadableStream({
      async pull(controller) {
        await new Promise((resolve) => setTimeout(resolve, 30));
        controller.enqueue(new TextEncoder().encode(text));
        controller.close();
      },
    });
  }

  test("a request that takes longer than the server allows is cancelled, reads and writes alike, without effect", async () => {
    await using app = await startApp({ app: { limits: { requestTimeoutMs: 5 } } });
    const head = await app.graph.headCommitId();
    const send = (path: string, body: object): Promise<Response> =>
      app.app.fetch(new Request(`http://localhost/graphs/crm/${path}`, { method: "POST", headers: { authorization: `Bearer ${tokenOf("owner")}`, "content-type": "application/json" }, body: late(JSON.stringify(body)), duplex: "half" }));
    for (const response of [await send("explain", { ...QUERY, analyze: true }), await send("mutate", { query: 'query w() { insert Account { code: "late" } }' })]) {
      expect([response.status, await response.json()]).toMatchObject([504, { error_code: "CANCELLED" }]);
    }
    expect(await app.graph.headCommitId()).toBe(head);
  });

  test("a request may lower the time limit of queries, not raise it", async () => {
    await using app = await startApp({ app: { queryTimeoutMs: 60_000 } });
    expect((await app.json("POST", "/graphs/crm/query", { actor: "owner", body: { ...QUERY, timeout_ms: 10_000_000 } })).status).toBe(200);
    expect((await app.json("POST", "/graphs/crm/query", { actor: "owner", body: { ...QUERY, timeout_ms: 0 } })).status).toBe(422);
  });
});

test("errors in the fields of a line show what they are, and their causes", () => {
  const lines: string[] = [];
  const logger = createLogger("info", { write: (line) => void lines.push(line) });
  logger.error("failed", { error: new TypeError("odd"), cause: "text" });
  logger.warn("failed", { error: new UnauthorizedError("invalid") });
  logger.debug("not at this level");
  expect(lines.map((line) => JSON.parse(line) as object)).toMatchObject([
    { level: "error", msg: "failed", cause: "text", error: { type: "TypeError", message: "odd", stack: expect.any(String) as string } },
    { level: "warn", error: { code: "UNAUTHORIZED", message: "invalid bearer token" } },
  ]);
});
