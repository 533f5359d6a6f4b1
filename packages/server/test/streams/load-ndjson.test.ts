import { request as httpRequest } from "node:http";
import { describe, expect, test } from "vitest";
import { json, listen, type OneGraph, serveOneGraph } from "./one-graph-app.js";

const SCHEMA = "node Person { slug: String @key age: I64? }\nedge Knows: Person -> Person";
const person = (slug: string): string => `{"type":"Person","data":{"slug":"${slug}"}}\n`;

function ndjson(body: string | ReadableStream<Uint8Array>, headers: Readonly<Record<string, string>> = {}): RequestInit {
  return { method: "POST", headers: { "content-type": "application/x-ndjson", ...headers }, body, duplex: "half" };
}

function streamOf(chunks: readonly (string | Error)[]): ReadableStream<Uint8Array> {
  const rest = [...chunks];
  return new ReadableStream(
    {
      pull(controller) {
        const next = rest.shift();
        if (next === undefined) controller.close();
        else if (next instanceof Error) controller.error(next);
        else controller.enqueue(new TextEncoder().encode(next));
      },
    },
    { highWaterMark: 0 },
  );
}

async function personCount({ graph }: OneGraph): Promise<number> {
  return (await graph.snapshotInfo()).datasets.find(({ typeName }) => typeName === "Person")?.entityCount ?? 0;
}

describe("load/ndjson", () => {
  test("14.3.2 14.3.3 one request is one commit, and the receipt is that commit", async () => {
    const served = await serveOneGraph({ schema: SCHEMA });
    const response = await served.fetch("/load/ndjson?mode=append", ndjson(streamOf([person("a"), `${person("b")}{"edge":"Kno`, 'ws","from":"a","to":"b"}\r\n'])));
    expect(response.status).toBe(200);
    const receipt = (await response.json()) as { commit: { graph_commit_id: string } };
    expect(Object.keys(receipt)).toEqual(["branch", "base_branch", "branch_created", "mode", "nodes", "edges", "total_entities", "actor_id", "commit"]);
    expect(receipt).toMatchObject({ branch: "main", base_branch: null, branch_created: false, mode: "append", total_entities: 3, actor_id: null });
    const [head] = await served.graph.listCommits();
    expect(head?.graphCommitId).toBe(receipt.commit.graph_commit_id);
  });

  test.each([
    ["text that is not JSON", "{oops"],
    ["a value that is no object", "[1]"],
    ["a member twice", '{"type":"Person","type":"Person","data":{"slug":"x"}}'],
    ["an unknown type", '{"type":"Robot","data":{}}'],
    ["an unknown member", '{"type":"Person","data":{"slug":"x"},"extra":1}'],
    ["an unknown property", '{"type":"Person","data":{"slug":"x","extra":1}}'],
    ["a reserved name", '{"type":"Person","data":{"slug":"x","_tombstone":true}}'],
    ["a name that begins with two underscores", '{"type":"Person","data":{"slug":"x","__proto__":1}}'],
    ["an end point in the data of an edge", '{"edge":"Knows","from":"a","to":"a","data":{"src":"a"}}'],
    ["an id that is no string", '{"type":"Person","data":{"slug":"x","id":1}}'],
    ["an id other than the key", '{"type":"Person","data":{"slug":"x","id":"y"}}'],
    ["null for what is required", '{"type":"Person","data":{"slug":null}}'],
    ["a value of the wrong type", '{"type":"Person","data":{"slug":"x","age":"old"}}'],
  ])("14.3.1 %s names record and line, and nothing of the request is visible", async (_name, record) => {
    const served = await serveOneGraph({ schema: SCHEMA });
    const before = await served.graph.listCommits();
    const response = await served.fetch("/load/ndjson?mode=append", ndjson(`${person("a")}\n${record}\n${person("b")}`));
    expect(response.status).toBe(400);
    const { error, code } = (await response.json()) as { error: string; code: string };
    expect(code).toBe("bad_request");
    expect(error).toMatch(/record 2.*line 3/);
    expect(await served.graph.listCommits()).toEqual(before);
    expect(await personCount(served)).toBe(0);
  });

  test("14.3.1 what is not UTF-8 is refused", async () => {
    const served = await serveOneGraph({ schema: SCHEMA });
    const bytes = Buffer.concat([Buffer.from('{"type":"Person","data":{"slug":"'), Buffer.of(0xff), Buffer.from('"}}')]);
    const response = await served.fetch("/load/ndjson", { method: "POST", headers: { "content-type": "application/x-ndjson" }, body: bytes });
    expect(response.status).toBe(400);
    expect(await personCount(served)).toBe(0);
  });

  test("1.4 413 by announced length, before anything is read, and by streamed length", async () => {
    const served = await serveOneGraph({ schema: SCHEMA, limits: { loadBodyBytesMax: 100 } });
    const announced = ndjson(person("a").repeat(10), { "content-length": "370" });
    const grown = ndjson(streamOf(Array.from({ length: 10 }, (_, at) => person(`p${at}`))));
    for (const init of [announced, grown]) {
      const response = await served.fetch("/load/ndjson", init);
      expect(response.status).toBe(413);
      expect(await response.json()).toMatchObject({ code: "bad_request", resource_limit: { resource: "graph_batch_request_bytes", limit: 100 } });
    }
    expect(await personCount(served)).toBe(0);
  });

  test.each(["application/json", "text/plain", "application/x-ndjsonx", undefined])("14.3 415 before the body is read: %s", async (type) => {
    const served = await serveOneGraph({ schema: SCHEMA });
    const response = await served.fetch("/load/ndjson", { ...ndjson(streamOf([new Error("it was read")])), headers: type === undefined ? {} : { "content-type": type } });
    expect(response.status).toBe(415);
    expect(await response.json()).toMatchObject({ code: "bad_request", error_code: "UNSUPPORTED_MEDIA_TYPE" });
  });

  test("1.3 parameters of the media type and letters of either case", async () => {
    const served = await serveOneGraph({ schema: SCHEMA });
    const response = await served.fetch("/load/ndjson", ndjson(person("a"), { "content-type": "Application/X-NDJSON; charset=utf-8" }));
    expect(response.status).toBe(200);
  });

  test("a body that breaks off leaves nothing", async () => {
    const served = await serveOneGraph({ schema: SCHEMA });
    const response = await served.fetch("/load/ndjson", ndjson(streamOf([person("a"), new Error("aborted")])));
    expect(response.status).toBe(400);
    expect(await response.json()).toMatchObject({ error_code: "BODY_UNREADABLE" });
    expect(await personCount(served)).toBe(0);
  });

  test("a client that disconnects in the middle of its body leaves nothing and frees the graph", async () => {
    const served = await serveOneGraph({ schema: SCHEMA });
    const url = await listen(served);
    const request = httpRequest(`${url}/load/ndjson?mode=append`, { method: "POST", headers: { "content-type": "application/x-ndjson" } });
    request.on("error", () => undefined);
    request.write(person("a"));
    await expect.poll(() => served.leaseCount()).toBe(1);
    request.destroy();
    await expect.poll(() => served.leaseCount()).toBe(0);
    expect(await personCount(served)).toBe(0);
    expect((await fetch(`${url}/load/ndjson?mode=append`, ndjson(person("a")))).status).toBe(200);
    expect(await personCount(served)).toBe(1);
  });

  test("over a socket, a bad record is answered although the client is still sending", async () => {
    const served = await serveOneGraph({ schema: SCHEMA });
    const url = await listen(served);
    const answer = await new Promise<{ status: number | undefined; text: string }>((resolve, reject) => {
      const request = httpRequest(`${url}/load/ndjson`, { method: "POST", headers: { "content-type": "application/x-ndjson" } }, (response) => {
        let text = "";
        response.setEncoding("utf8");
        response.on("data", (chunk: string) => (text += chunk));
        response.once("end", () => {
          request.destroy();
          resolve({ status: response.statusCode, text });
        });
      });
      request.on("error", reject);
      request.write('{"type":"Robot","data":{}}\n');
    });
    expect(answer.status).toBe(400);
    expect(answer.text).toContain("record 1");
  });
});

describe("load and ingest", () => {
  test("26.8 the branch rule: four cells of (exists, from given)", async () => {
    const served = await serveOneGraph({ schema: SCHEMA });
    const load = async (branch: string, from?: string) => {
      const response = await served.fetch("/load", json({ branch, ...(from === undefined ? {} : { from }), data: person("a") }));
      return { status: response.status, body: (await response.json()) as { branch_created?: boolean; base_branch?: string | null; uri?: string; mode?: string } };
    };
    expect((await load("new")).status).toBe(404);
    expect(await load("new", "main")).toMatchObject({ status: 200, body: { branch_created: true, base_branch: "main", mode: "merge" } });
    expect(await load("new", " no such branch ")).toMatchObject({ status: 200, body: { branch_created: false } });
    const last = await load("new");
    expect(last).toMatchObject({ status: 200, body: { branch_created: false, base_branch: null } });
    expect(Object.keys(last.body)[0]).toBe("uri");
    expect((await load("other", "nowhere")).status).toBe(404);
  });

  test("26.9 the three framings are one load each", async () => {
    for (const data of [person("a") + person("b"), (person("a") + person("b")).replaceAll("\n", " "), `${JSON.stringify(JSON.parse(person("a")), null, 2)}\n${person("b")}`]) {
      const served = await serveOneGraph({ schema: SCHEMA });
      expect(await (await served.fetch("/load", json({ data }))).json()).toMatchObject({ total_entities: 2 });
      expect(await personCount(served)).toBe(2);
    }
  });

  test("14.1.1 ingest ignores what load refuses, and says that it is deprecated", async () => {
    const served = await serveOneGraph({ schema: SCHEMA });
    const data = '{"type":"Person","data":{"slug":"a","age":"old","extra":1},"more":2}';
    expect((await served.fetch("/load", json({ data }))).status).toBe(400);
    const response = await served.fetch("/ingest", json({ data }));
    expect(response.status).toBe(200);
    expect(response.headers.get("deprecation")).toBe("true");
    expect(response.headers.get("link")).toBe('<load>; rel="successor-version"');
    expect(await personCount(served)).toBe(1);
  });

  test("14.2 append of an existing identity is a conflict", async () => {
    const served = await serveOneGraph({ schema: SCHEMA, records: person("a") });
    const response = await served.fetch("/load", json({ mode: "append", data: person("a") }));
    expect(response.status).toBe(409);
    expect(await response.json()).toMatchObject({ code: "conflict", key_conflict: { entity_kind: "node", type_name: "Person", entity_id: "a" } });
  });

  test("10.1.3 a condition is refused on every load route", async () => {
    const served = await serveOneGraph({ schema: SCHEMA });
    const headers = { "omnigraph-if-graph-commit": "01ARZ3NDEKTSV4RRFFQ69G5FAV" };
    for (const path of ["/load", "/ingest"]) expect((await served.fetch(path, { ...json({ data: person("a") }), headers: { "content-type": "application/json", ...headers } })).status).toBe(400);
    expect((await served.fetch("/load/ndjson", ndjson(person("a"), headers))).status).toBe(400);
    expect(await personCount(served)).toBe(0);
  });
});
