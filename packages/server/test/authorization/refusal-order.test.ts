/** http-api 1.1.2: who may not come in learns nothing, however the request is broken; who may not do something learns nothing of what there is. */
import { type OperationId, ROUTES } from "@omnigraphdb/api-types";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type Actor, startApp, type TestApp, tokenOf } from "../app-fixture.js";

let app: TestApp;
beforeAll(async () => {
  app = await startApp({ setAside: [{ graphId: "broken", reason: "graph root missing" }] });
  await app.graph.branchCreate("kept", { actor: "owner" });
});
afterAll(() => app[Symbol.asyncDispose]());

const GRAPH_ROUTES = Object.values(ROUTES).filter(({ scope }) => scope === "graph");

/** A request that is wrong in every way that a body and its headers can be wrong. */
interface Broken {
  readonly title: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: () => string | Uint8Array<ArrayBuffer> | ReadableStream<Uint8Array>;
}

const BROKEN: readonly Broken[] = [
  { title: "no JSON", headers: { "content-type": "application/json" }, body: () => "{" },
  { title: "the wrong shape", headers: { "content-type": "application/json" }, body: () => "[1]" },
  { title: "another media type", headers: { "content-type": "text/plain" }, body: () => "x" },
  { title: "too much announced", headers: { "content-type": "application/json", "content-length": "99999999999" }, body: () => "{}" },
  { title: "no UTF-8", headers: { "content-type": "application/json" }, body: () => new Uint8Array([0xff, 0xfe]) },
  { title: "a condition that is none", headers: { "omnigraph-if-graph-commit": '"*"' } },
];

let bytesTaken = 0;

/** Endless, and counts what is taken of it. */
function endless(): ReadableStream<Uint8Array> {
  return new ReadableStream({
    pull(controller) {
      bytesTaken += 65_536;
      controller.enqueue(new Uint8Array(65_536));
    },
  }, { highWaterMark: 0 });
}

async function send(operationId: OperationId, graphId: string, actor: Actor | "forger" | undefined, { headers, body }: Omit<Broken, "title">, query = ""): Promise<{ readonly status: number; readonly text: string; readonly headers: unknown }> {
  const { method, path, bodyKind } = ROUTES[operationId];
  const filled = path.replace("{name}", "accounts").replace("{branch}", "kept").replace("{commit_id}", "01J8Z5W6T4Q8M3N2K1H0G9F8E7");
  const token = actor === undefined ? {} : { authorization: `Bearer ${actor === "forger" ? `${tokenOf("owner").slice(0, -1)}x` : tokenOf(actor)}` };
  const takesBody = bodyKind !== "none" && body !== undefined;
  const request = new Request(`http://localhost/graphs/${graphId}${filled}${query}`, { method, headers: { ...token, ...headers }, ...(takesBody ? { body: body(), duplex: "half" as const } : {}) });
  const response = await app.app.fetch(request);
  return { status: response.status, text: await response.text(), headers: [...response.headers].filter(([name]) => name !== "x-request-id") };
}

describe.each(GRAPH_ROUTES.map(({ operationId }) => operationId))("%s", (operationId) => {
  test("without a usable token every graph, and every broken request, is the same 401", async () => {
    for (const actor of [undefined, "forger"] as const) {
      const answers = new Set<string>();
      for (const broken of [{ title: "" }, ...BROKEN]) {
        for (const graphId of ["crm", "ghost", "broken", "not_an_id"]) {
          const answer = await send(operationId, graphId, actor, broken, "?branch=%ff&branch=x&limit=-1");
          expect([broken.title, graphId, answer.status]).toEqual([broken.title, graphId, 401]);
          answers.add(JSON.stringify(answer));
        }
      }
      expect(answers.size).toBe(1);
    }
  });

  test("a graph that is not there is not there, however broken the request is", async () => {
    for (const broken of BROKEN) {
      const statuses = [];
      for (const graphId of ["ghost", "broken", "not_an_id"]) statuses.push((await send(operationId, graphId, "nobody", broken)).status);
      expect([broken.title, ...statuses]).toEqual([broken.title, 404, 503, 400]);
    }
  });

  test("what is wrong with a request says nothing of the graph to who may do nothing", async () => {
    for (const broken of BROKEN) {
      const { status, text } = await send(operationId, "crm", "nobody", broken);
      expect([broken.title, [400, 403, 404, 413, 415, 422].includes(status)]).toEqual([broken.title, true]);
      expect(text).not.toMatch(/Account|Owns|accounts|rename|readers|owners/);
    }
  });

  test("a body is not read for who has no token", async () => {
    bytesTaken = 0;
    expect((await send(operationId, "crm", undefined, { headers: { "content-type": "application/json" }, body: endless })).status).toBe(401);
    expect(bytesTaken).toBe(0);
  });
});

test("1.1.2 load/ndjson decides before it reads a byte", async () => {
  bytesTaken = 0;
  expect((await send("loadNdjson", "crm", "nobody", { headers: { "content-type": "application/x-ndjson" }, body: endless })).status).toBe(403);
  expect(bytesTaken).toBe(0);
});

test("§2 no spelling of a header, a parameter or a member makes somebody else of the caller", async () => {
  const body = (): string => JSON.stringify({ query: 'query w() { insert Account { code: "forged" } }', actor: "owner", actor_id: "owner", as: "owner", "x-actor-id": "owner" });
  const names = ["x-actor-id", "x-actor", "x-user", "x-forwarded-user", "x-remote-user", "x-auth-request-user", "proxy-authorization", "x-authorization", "omnigraph-actor", "omnigraph-as", "cookie", "from"];
  for (const name of names) {
    const { status } = await send("mutate", "crm", "reader", { headers: { "content-type": "application/json", [name]: name.includes("auth") ? `Bearer ${tokenOf("owner")}` : "owner" }, body }, `?actor=owner&access_token=${tokenOf("owner")}&token=${tokenOf("owner")}`);
    expect([name, status]).toEqual([name, 403]);
  }
  // Two credentials are none.
  const request = new Request("http://localhost/graphs/crm/snapshot", { headers: [["authorization", `Bearer ${tokenOf("owner")}`], ["authorization", `Bearer ${tokenOf("reader")}`]] });
  expect((await app.app.fetch(request)).status).toBe(401);
});
