import { describe, expect, test } from "vitest";
import { json, listen, type OneGraph, openRequest, serveOneGraph } from "./one-graph-app.js";

const SCHEMA = "node Person { slug: String @key born: Date? note: String? photo: Blob? }\nedge Knows: Person -> Person { since: DateTime? }\nnode Account { slug: String @key }";

const RECORDS = [
  '{"type":"Person","data":{"slug":"b","born":"2000-01-02"}}',
  '{"type":"Person","data":{"slug":"a","photo":"base64:aGk="}}',
  '{"type":"Account","data":{"slug":"z"}}',
  '{"edge":"Knows","from":"a","to":"b","data":{"id":"e1","since":"1970-01-01T00:00:01Z"}}',
].join("\n");

const EXPECTED = [
  '{"edge":"Knows","from":"a","to":"b","data":{"id":"e1","since":1000}}',
  '{"type":"Account","data":{"id":"z","slug":"z"}}',
  '{"type":"Person","data":{"id":"a","born":null,"note":null,"photo":"base64:aGk=","slug":"a"}}',
  '{"type":"Person","data":{"id":"b","born":10958,"note":null,"photo":null,"slug":"b"}}',
  "",
].join("\n");

/** Some 30 MiB of records: more than all buffers between the engine and a client that does not read. */
function manyRecords(): string {
  const note = "x".repeat(30_000);
  return Array.from({ length: 1000 }, (_, at) => `{"type":"Person","data":{"slug":"p${at}","note":"${note}"}}`).join("\n");
}

async function isFree({ fetch, leaseCount }: OneGraph): Promise<void> {
  await expect.poll(leaseCount).toBe(0);
  const again = await fetch("/export", json({ type_names: ["Account"] }));
  expect(again.status).toBe(200);
  await again.text();
}

describe("export", () => {
  test("15.1 15.2 20.2 order and values, and they load back", async () => {
    const served = await serveOneGraph({ schema: SCHEMA, records: RECORDS });
    const response = await served.fetch("/export", json({}));
    expect(response.headers.get("content-type")).toBe("application/x-ndjson; charset=utf-8");
    const text = await response.text();
    expect(text).toBe(EXPECTED);
    const twin = await serveOneGraph({ schema: SCHEMA });
    const loaded = await twin.fetch("/load/ndjson?mode=append", { method: "POST", headers: { "content-type": "application/x-ndjson" }, body: text });
    expect(loaded.status).toBe(200);
    expect(await (await twin.fetch("/export", json({}))).text()).toBe(EXPECTED);
  });

  test("15 types, branches, and what is refused", async () => {
    const served = await serveOneGraph({ schema: SCHEMA, records: RECORDS });
    expect(await (await served.fetch("/export", json({ type_names: ["Account"] }))).text()).toBe('{"type":"Account","data":{"id":"z","slug":"z"}}\n');
    const cases: readonly [unknown, number][] = [
      [{ type_names: ["Robot"] }, 400],
      [{ table_keys: ["node:Person"] }, 400],
      [{ branch: 1 }, 400],
      [{ branch: "nowhere" }, 404],
    ];
    for (const [body, status] of cases) {
      const response = await served.fetch("/export", json(body));
      expect(response.status).toBe(status);
      expect(Object.keys((await response.json()) as object)[0]).toBe("error");
      await isFree(served);
    }
  });

  test("15.3 later commits are not seen", async () => {
    const served = await serveOneGraph({ schema: SCHEMA, records: RECORDS });
    const response = await served.fetch("/export", json({}));
    await served.graph.load('{"type":"Account","data":{"slug":"later"}}', { mode: "append" });
    expect(await response.text()).toBe(EXPECTED);
  });

  test("15.4 while one runs: no second export, no branch is created or deleted; all of it again afterwards", async () => {
    const served = await serveOneGraph({ schema: SCHEMA, records: RECORDS });
    await served.graph.branchCreate("old");
    const running = await served.fetch("/export", json({}));
    const refused = [
      await served.fetch("/export", json({})),
      await served.fetch("/changes/baseline", json({})),
      await served.fetch("/branches", json({ name: "new" })),
      await served.fetch("/branches/old", { method: "DELETE" }),
      await served.fetch("/load", json({ branch: "new", from: "main", data: "" })),
    ];
    for (const response of refused) {
      expect(response.status).toBe(413);
      expect(await response.json()).toMatchObject({ code: "bad_request", resource_limit: { resource: "stream_export_slots", limit: 1, actual: 2 } });
    }
    expect((await served.fetch("/load", json({ data: '{"type":"Account","data":{"slug":"y"}}' }))).status).toBe(200);
    await running.text();
    await isFree(served);
    expect((await served.fetch("/branches", json({ name: "new" }))).status).toBe(200);
    expect((await served.fetch("/branches/old", { method: "DELETE" })).status).toBe(200);
  });

  test("15.5 15.6 a slow client over a socket holds the engine back; one that leaves frees the slot", async () => {
    const served = await serveOneGraph({ schema: SCHEMA, records: manyRecords() });
    const url = await listen(served);
    let drawn = 0;
    const { graph } = served;
    const original = graph.exportJsonl.bind(graph);
    graph.exportJsonl = async function* (options) {
      for await (const chunk of original(options)) {
        drawn += chunk.length;
        yield chunk;
      }
    };
    const response = await openRequest(`${url}/export`, "{}");
    expect(response.headers["transfer-encoding"]).toBe("chunked");
    await expect.poll(() => drawn).toBeGreaterThan(0);
    let before = -1;
    await expect.poll(() => {
      const isStill = before === drawn;
      before = drawn;
      return isStill;
    }, { interval: 200 }).toBe(true);
    // Kernel buffers of a loopback connection take several megabytes.
    expect(drawn).toBeLessThan(20_000_000);
    expect((await served.fetch("/export", json({}))).status).toBe(413);
    response.destroy();
    await isFree(served);
  });

  test("15.6, server 6.7 a failure after the first byte ends the connection without a regular end, and frees everything", async () => {
    const served = await serveOneGraph({ schema: SCHEMA, records: RECORDS });
    const url = await listen(served);
    const { graph } = served;
    const original = graph.exportJsonl.bind(graph);
    graph.exportJsonl = async function* (options) {
      yield* original(options);
      await new Promise((resolve) => setTimeout(resolve, 20));
      throw new Error("the storage is gone");
    };
    const response = await openRequest(`${url}/export`, "{}");
    await expect(
      (async () => {
        for await (const _chunk of response) continue;
      })(),
    ).rejects.toThrow("aborted");
    expect(response.complete).toBe(false);
    graph.exportJsonl = original;
    await isFree(served);
  });
});

describe("changes/baseline", () => {
  test("18.7 records, then exactly one line from which the feed goes on", async () => {
    const served = await serveOneGraph({ schema: SCHEMA, records: RECORDS });
    const response = await served.fetch("/changes/baseline", json({ kind: ["node"], type: ["Account"] }));
    expect(response.headers.get("content-type")).toBe("application/x-ndjson; charset=utf-8");
    const lines = (await response.text()).split("\n");
    expect(lines.slice(0, -2)).toEqual(['{"type":"Account","data":{"id":"z","slug":"z"}}']);
    expect(lines.at(-1)).toBe("");
    const { baseline } = JSON.parse(lines.at(-2) as string) as { baseline: { snapshot_commit_id: string; resume_cursor: string } };
    expect(baseline.snapshot_commit_id).toBe((await served.graph.snapshot()).graphCommitId);
    await served.graph.load('{"type":"Account","data":{"slug":"later"}}\n{"type":"Person","data":{"slug":"c"}}', { mode: "append" });
    const feed = await served.fetch(`/changes?kind=node&type=Account&cursor=${encodeURIComponent(baseline.resume_cursor)}`);
    const { blocks } = (await feed.json()) as { blocks: readonly { changes: readonly { id: string }[] }[] };
    expect(blocks.map(({ changes }) => changes.map(({ id }) => id))).toEqual([["later"]]);
  });

  test("18.7 an unknown branch and a filter that is none", async () => {
    const served = await serveOneGraph({ schema: SCHEMA });
    expect((await served.fetch("/changes/baseline", json({ branch: "nowhere" }))).status).toBe(404);
    expect((await served.fetch("/changes/baseline", json({ kind: ["vertex"] }))).status).toBeGreaterThanOrEqual(400);
    await isFree(served);
  });
});
