import { describe, expect, test } from "vitest";
import { AdmissionGate } from "../src/admission/admission-gate.js";
import { startApp } from "./app-fixture.js";

describe("http-api §5 admission", () => {
  test("§26.14 the 17th write of an actor is refused, another actor passes, and a slot is free again", () => {
    const gate = new AdmissionGate({ inflightPerActorMax: 16, bytesPerActorMax: 1000 });
    const slots = Array.from({ length: 16 }, () => gate.admit("ann", 10));
    expect(() => gate.admit("ann", 10)).toThrow(expect.objectContaining({ code: "TOO_MANY_REQUESTS", message: expect.stringContaining("16 requests") as string }));
    gate.admit("raj", 10)[Symbol.dispose]();
    slots[0]?.[Symbol.dispose]();
    slots[0]?.[Symbol.dispose]();
    expect(gate.inflightCount).toBe(15);
    gate.admit("ann", 10);
    expect(() => gate.admit("ann", 10)).toThrow();
  });

  test("5.1 bytes are summed, zero is taken literally, and open mode shares one bucket", () => {
    const gate = new AdmissionGate({ inflightPerActorMax: 16, bytesPerActorMax: 100 });
    const first = gate.admit(undefined, 60);
    expect(() => gate.admit(undefined, 60)).toThrow(expect.objectContaining({ message: expect.stringContaining("100 bytes") as string }));
    first[Symbol.dispose]();
    expect(() => gate.admit("ann", 101)).toThrow();
    gate.admit("ann", 100);
    expect(() => new AdmissionGate({ inflightPerActorMax: 0, bytesPerActorMax: 100 }).admit("ann", 1)).toThrow();
  });

  test("5.4, 5.5 over HTTP: 429 with Retry-After for admitted routes only, after the policy, and nothing is left held", async () => {
    await using app = await startApp({ app: { limits: { inflightPerActorMax: 0 } } });
    const write = { query: 'query w() { insert Account { code: "n" } }' };
    const refused = await app.json("POST", "/graphs/crm/mutate", { actor: "owner", body: write });
    expect(refused).toMatchObject({ status: 429, body: { code: "too_many_requests" } });
    expect(refused.headers.get("retry-after")).toBe("60");
    for (const [method, path, body] of [["POST", "load", { data: "" }], ["POST", "ingest", { data: "" }], ["POST", "branches", { name: "b" }], ["DELETE", "branches/b", undefined], ["POST", "branches/merge", { source: "b" }], ["POST", "queries/rename", { params: { code: "a", name: "b" } }]] as const) {
      expect([path, (await app.call(method, `/graphs/crm/${path}`, { actor: "owner", body })).status]).toEqual([path, 429]);
    }
    expect((await app.call("POST", "/graphs/crm/mutate", { actor: "reader", body: write })).status).toBe(403);
    expect((await app.call("POST", "/graphs/crm/query", { actor: "owner", body: { query: "query q() { match { $a: Account } return { $a.code } }" } })).status).toBe(200);
    expect((await app.call("POST", "/graphs/crm/export", { actor: "owner", body: {} })).status).toBe(200);
  });

  test("5.4 a denied or failing request gives its slot back", async () => {
    await using app = await startApp({ app: { limits: { inflightPerActorMax: 1 } } });
    for (let i = 0; i < 3; i++) {
      expect((await app.call("POST", "/graphs/crm/mutate", { actor: "owner", body: { query: "nonsense" } })).status).toBe(400);
      expect((await app.call("POST", "/graphs/crm/branches", { actor: "reader", body: { name: "b" } })).status).toBe(403);
    }
    const writes = ["x", "y"].map((code) => app.call("POST", "/graphs/crm/mutate", { actor: "owner", body: { query: `query w() { insert Account { code: "${code}" } }` } }));
    expect((await Promise.all(writes)).map(({ status }) => status).sort()).toEqual([200, 429]);
  });

  test("server 6.4, H14 a client that leaves does not stop an admitted write, and stops a read", async () => {
    await using app = await startApp();
    const leaving = new AbortController();
    const written = app.call("POST", "/graphs/crm/mutate", { actor: "owner", signal: leaving.signal, body: { query: 'query w() { insert Account { code: "stays" } }' } });
    setTimeout(() => leaving.abort(), 5);
    expect((await written).status).toBe(200);
    const left = AbortSignal.abort();
    const read = await app.call("POST", "/graphs/crm/explain", { actor: "owner", signal: left, body: { query: "query q() { match { $a: Account } return { $a.code } }", analyze: true } }).catch((error: unknown) => error);
    if (read instanceof Response) expect(read.status).toBeGreaterThanOrEqual(400);
    expect(app.leaseCount()).toBe(0);
  });
});
