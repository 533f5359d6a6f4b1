import { writeAppliedCluster } from "@omnigraphdb/cluster/test-support";
import { makeTempDir, type TempDir } from "@omnigraphdb/testkit";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { startTestServer } from "../../test-support/index.js";
import { namesOf, SCHEMA } from "./fixtures.js";

let directory: TempDir;

beforeEach(async () => {
  directory = await makeTempDir();
});
afterEach(() => directory[Symbol.asyncDispose]());

const person = (index: number, padding = ""): string => `${JSON.stringify({ type: "Person", data: { name: `p${String(index).padStart(6, "0")}${padding}`, age: index } })}\n`;

describe("server.md §13.8: shutdown", () => {
  test("a running export is finished, a new connection is refused, the exit code is 0", async () => {
    const padding = "x".repeat(1000);
    const data = Array.from({ length: 12_000 }, (_, index) => person(index, padding)).join("");
    await writeAppliedCluster(directory.path, { graphs: { crm: { schema: SCHEMA, data } } });
    const server = await startTestServer({ cluster: directory.path, args: ["--unauthenticated"] });
    const { url } = server;
    const response = await fetch(`${url}/graphs/crm/export`, { method: "POST", headers: { "content-type": "application/json" }, body: "{}" });
    const reader = (response.body as ReadableStream<Uint8Array>).getReader();
    let bytes = (await reader.read()).value?.length ?? 0;
    const stopped = server.stop();
    await expect(fetch(`${url}/healthz`)).rejects.toThrow();
    for (let part = await reader.read(); !part.done; part = await reader.read()) bytes += part.value.length;
    expect(bytes).toBeGreaterThan(12_000_000);
    expect(await stopped).toBe(0);
  });

  test("a running write is finished and there after the next start", async () => {
    await writeAppliedCluster(directory.path, { graphs: { crm: { schema: SCHEMA } } });
    const server = await startTestServer({ cluster: directory.path, args: ["--unauthenticated"] });
    let sendRest: () => void = () => undefined;
    const mayGoOn = new Promise<void>((resolve) => (sendRest = resolve));
    const body = new ReadableStream<Uint8Array>({
      async start(controller) {
        controller.enqueue(new TextEncoder().encode(person(1)));
        await mayGoOn;
        controller.enqueue(new TextEncoder().encode(person(2)));
        controller.close();
      },
    });
    const answer = fetch(`${server.url}/graphs/crm/load/ndjson?mode=append`, { method: "POST", headers: { "content-type": "application/x-ndjson" }, body, duplex: "half" });
    await new Promise((resolve) => setTimeout(resolve, 100));
    const stopped = server.stop();
    sendRest();
    expect([(await answer).status, await stopped]).toEqual([200, 0]);
    await using next = await startTestServer({ cluster: directory.path, args: ["--unauthenticated"] });
    expect(await namesOf(next.url)).toHaveLength(2);
  });

  test("idle keep-alive connections hold nothing up", async () => {
    await writeAppliedCluster(directory.path, { graphs: { crm: { schema: SCHEMA } } });
    const server = await startTestServer({ cluster: directory.path, args: ["--unauthenticated"] });
    await Promise.all(Array.from({ length: 20 }, () => fetch(`${server.url}/healthz`).then((response) => response.text())));
    const startedAt = performance.now();
    expect(await server.stop()).toBe(0);
    expect(performance.now() - startedAt).toBeLessThan(3_000);
  });
});
