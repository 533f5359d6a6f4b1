import { describe, expect, test } from "vitest";
import { WebRequest } from "./http-request.js";
import { type BodyLimit, type BodySource, readBody, streamBody } from "./read-body.js";

const limit: BodyLimit = { resource: "request_bytes", bytesMax: 10 };

function request(body: string | ReadableStream<Uint8Array> | undefined, headers: Readonly<Record<string, string>> = {}): Request {
  const init = body === undefined ? {} : { body, duplex: "half" };
  return new Request("http://localhost/", { method: "POST", headers, ...init } as RequestInit);
}

function stream(chunks: readonly number[], end: "close" | "error" | "hang" = "close"): ReadableStream<Uint8Array> {
  const rest = [...chunks];
  return new ReadableStream({
    pull(controller) {
      const size = rest.shift();
      if (size !== undefined) controller.enqueue(new Uint8Array(size));
      else if (end === "close") controller.close();
      else if (end === "error") controller.error(new Error("aborted"));
    },
  });
}

function whole(of: Request): BodySource {
  return new WebRequest(of);
}

function broken(of: Request): BodySource {
  const request = new WebRequest(of);
  return { headers: request.headers, isBodyWhole: false, bytes: () => request.bytes(), chunks: () => request.chunks() };
}

async function sizes(chunks: AsyncIterable<Uint8Array>): Promise<readonly number[]> {
  const found: number[] = [];
  for await (const { length } of chunks) found.push(length);
  return found;
}

describe("bodies", () => {
  test("1.4 a body up to the limit is read, by announced length and without", async () => {
    expect((await readBody(whole(request("0123456789", { "content-length": "10" })), limit)).length).toBe(10);
    expect((await readBody(whole(request(stream([4, 6]))), limit)).length).toBe(10);
    expect((await readBody(whole(request(undefined)), limit)).length).toBe(0);
    expect(await sizes(streamBody(whole(request(stream([4, 6]))), limit))).toEqual([4, 6]);
    expect(await sizes(streamBody(whole(request(undefined)), limit))).toEqual([]);
  });

  test("1.4 too much is refused by its announced length before anything is read", async () => {
    const unread = request(stream([1], "hang"), { "content-length": "11" });
    await expect(readBody(whole(unread), limit)).rejects.toMatchObject({ actual: 11 });
    expect(unread.bodyUsed).toBe(false);
    await expect(sizes(streamBody(whole(unread), limit))).rejects.toMatchObject({ actual: 11 });
  });

  test("1.4 too much is refused once the stream grows past the limit", async () => {
    await expect(readBody(whole(request(stream([6, 6, 6], "hang"))), limit)).rejects.toMatchObject({ actual: 12 });
    await expect(sizes(streamBody(whole(request(stream([6, 6, 6], "hang"))), limit))).rejects.toMatchObject({ actual: 12 });
    await expect(readBody(whole(request("0123456789a", { "content-length": "1" })), limit)).rejects.toMatchObject({ actual: 11 });
  });

  test("1.5 a body that breaks off is no body", async () => {
    await expect(readBody(whole(request(stream([1], "error"))), limit)).rejects.toMatchObject({ code: "BODY_UNREADABLE", httpStatus: 400 });
    await expect(sizes(streamBody(whole(request(stream([1], "error"))), limit))).rejects.toMatchObject({ code: "BODY_UNREADABLE" });
  });

  test("1.5 6.4 a body whose connection broke before it was read ends like an empty one, and is refused", async () => {
    for (const body of [undefined, stream([]), stream([5])]) {
      await expect(readBody(broken(request(body)), limit)).rejects.toMatchObject({ code: "BODY_UNREADABLE" });
    }
    await expect(sizes(streamBody(broken(request(stream([]))), limit))).rejects.toMatchObject({ code: "BODY_UNREADABLE" });
  });
});
