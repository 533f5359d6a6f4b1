import { createHash, randomBytes } from "node:crypto";
import { describe, expect, test } from "vitest";
import { listen, type OneGraph, serveOneGraph } from "./one-graph-app.js";

const SCHEMA = "node Photo { slug: String @key name: String data: Blob? }";
const CONTENT = Buffer.from("0123456789");

function record(slug: string, content: Uint8Array | null): string {
  return JSON.stringify({ type: "Photo", data: { slug, name: slug, data: content === null ? null : `base64:${Buffer.from(content).toString("base64")}` } });
}

function servePhotos(): Promise<OneGraph> {
  return serveOneGraph({ schema: SCHEMA, records: [record("ten", CONTENT), record("empty", new Uint8Array()), record("none", null)].join("\n") });
}

const photo = (slug: string): string => `/blob?entity=node&type=Photo&id=${slug}&property=data`;

/** What an answer of either method says. */
async function shown(response: Response) {
  const header = (name: string): string | undefined => response.headers.get(name) ?? undefined;
  return { status: response.status, length: header("content-length"), range: header("content-range"), type: header("content-type"), acceptRanges: header("accept-ranges"), body: await response.text() };
}

describe("blobs", () => {
  test("19.2 19.6 the whole content, and its headers without content", async () => {
    const { fetch, graph } = await servePhotos();
    const response = await fetch(photo("ten"));
    const etag = response.headers.get("etag") as string;
    expect(etag).toMatch(/^"[0-9a-f]{32}"$/);
    const snapshot = response.headers.get("omnigraph-snapshot-id") as string;
    expect(snapshot).toBe((await graph.snapshot()).graphCommitId);
    const whole = { status: 200, length: "10", range: undefined, type: "application/octet-stream", acceptRanges: "bytes" };
    expect(await shown(response)).toEqual({ ...whole, body: "0123456789" });

    const head = await fetch(photo("ten"), { method: "HEAD", headers: { range: "bytes=0-3" } });
    expect(head.headers.get("etag")).toBe(etag);
    expect(head.headers.get("omnigraph-snapshot-id")).toBe(snapshot);
    expect(await shown(head)).toEqual({ ...whole, body: "" });

    await graph.load(record("ten", Buffer.from("changed")), { mode: "merge" });
    expect((await fetch(photo("ten"))).headers.get("etag")).not.toBe(etag);
    const past = await fetch(`${photo("ten")}&snapshot=${snapshot}`);
    expect(past.headers.get("etag")).toBe(etag);
    expect(await past.text()).toBe("0123456789");
  });

  test("an empty blob is content, null is none", async () => {
    const { fetch } = await servePhotos();
    expect(await shown(await fetch(photo("empty")))).toMatchObject({ status: 200, length: "0", body: "" });
    expect((await fetch(photo("none"))).status).toBe(404);
  });

  test.each([
    ["bytes=2-4", 206, "234", "bytes 2-4/10"],
    ["bytes=8-99", 206, "89", "bytes 8-9/10"],
    ["bytes=-3", 206, "789", "bytes 7-9/10"],
    ["bytes=0-1,3-4", 200, "0123456789", undefined],
    ["bytes=4-2", 200, "0123456789", undefined],
  ])("19.5 %s", async (range, status, body, contentRange) => {
    const { fetch } = await servePhotos();
    expect(await shown(await fetch(photo("ten"), { headers: { range } }))).toMatchObject({ status, body, range: contentRange, length: String(body.length) });
  });

  test.each([
    ["ten", "bytes=10-12", { start: 10, end: 13, length: 10 }],
    ["ten", "bytes=10-", { start: 10, end: 10, length: 10 }],
    ["ten", "bytes=-0", { start: 10, end: 10, length: 10 }],
    ["empty", "bytes=0-0", { start: 0, end: 1, length: 0 }],
  ])("19.5 %s, %s is not satisfiable", async (slug, range, blobRange) => {
    const { fetch } = await servePhotos();
    const response = await fetch(photo(slug), { headers: { range } });
    expect(response.status).toBe(416);
    expect(response.headers.get("content-range")).toBe(`bytes */${blobRange.length}`);
    for (const name of ["etag", "accept-ranges", "omnigraph-snapshot-id"]) expect(response.headers.has(name)).toBe(true);
    expect(await response.json()).toMatchObject({ code: "bad_request", error_code: "BLOB_RANGE_NOT_SATISFIABLE", blob_range: blobRange });
    expect((await fetch(photo(slug), { method: "HEAD", headers: { range } })).status).toBe(200);
  });

  test.each(["GET", "HEAD"])("19.4 conditions of %s", async (method) => {
    const { fetch } = await servePhotos();
    const etag = (await fetch(photo("ten"))).headers.get("etag") as string;
    const ask = (headers: Record<string, string>): Promise<Response> => fetch(photo("ten"), { method, headers });

    const lost = await ask({ "if-match": '"other"', "if-none-match": etag });
    expect(lost.status).toBe(412);
    for (const name of ["etag", "accept-ranges", "omnigraph-snapshot-id"]) expect(lost.headers.has(name)).toBe(true);
    if (method === "GET") expect(await lost.json()).toMatchObject({ code: "conflict", error_code: "BLOB_CHANGED" });

    const same = await ask({ "if-none-match": `W/${etag}` });
    expect(await shown(same)).toMatchObject({ status: 304, length: "10", acceptRanges: "bytes", body: "" });
    expect(same.headers.get("etag")).toBe(etag);

    expect((await ask({ "if-match": etag, "if-none-match": '"other"' })).status).toBe(200);
    const ranged = await ask({ "if-match": etag, "if-range": etag, range: "bytes=0-0" });
    expect(ranged.status).toBe(method === "GET" ? 206 : 200);
    expect((await ask({ "if-range": '"other"', range: "bytes=0-0" })).status).toBe(200);
  });

  test.each([
    ["no entity", "/blob?type=Photo&id=ten&property=data", 400],
    ["no id", "/blob?entity=node&type=Photo&property=data", 400],
    ["an entity of another kind", "/blob?entity=vertex&type=Photo&id=ten&property=data", 400],
    ["an id that is given twice", `${photo("ten")}&id=ten`, 400],
    ["both targets", `${photo("ten")}&branch=main&snapshot=x`, 400],
    ["an unknown type", "/blob?entity=node&type=Poster&id=ten&property=data", 400],
    ["a property that is no blob", "/blob?entity=node&type=Photo&id=ten&property=name", 400],
    ["an unknown entity", photo("eleven"), 404],
    ["an unknown branch", `${photo("ten")}&branch=nowhere`, 404],
    ["an unknown snapshot", `${photo("ten")}&snapshot=01ARZ3NDEKTSV4RRFFQ69G5FAV`, 404],
  ])("19.1 %s", async (_name, path, status) => {
    const { fetch } = await servePhotos();
    for (const method of ["GET", "HEAD"]) expect((await fetch(path, { method })).status).toBe(status);
  });

  test("19.6 large content is streamed, in ranges too, and a reader that leaves frees the graph", async () => {
    const served = await serveOneGraph({ schema: SCHEMA });
    const content = randomBytes(9 * 1024 * 1024);
    await served.graph.load(record("large", content), { mode: "append" });
    const digest = (bytes: Uint8Array): string => createHash("sha256").update(bytes).digest("hex");
    const url = `${await listen(served)}${photo("large")}`;
    const whole = await fetch(url);
    expect(whole.headers.get("content-length")).toBe(String(content.length));
    expect(digest(new Uint8Array(await whole.arrayBuffer()))).toBe(digest(content));
    const part = await fetch(url, { headers: { range: "bytes=1000-8000000" } });
    expect(part.status).toBe(206);
    expect(digest(new Uint8Array(await part.arrayBuffer()))).toBe(digest(content.subarray(1000, 8_000_001)));
    expect(served.leaseCount()).toBe(0);

    const left = await served.fetch(photo("large"));
    expect(served.leaseCount()).toBe(1);
    await left.body?.cancel();
    expect(served.leaseCount()).toBe(0);
  });
});
