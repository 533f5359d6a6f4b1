import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { runCaptured } from "../captured-io.js";

/** Takes every request and answers none. */
let silent: Server;
let onRequest: () => void = () => undefined;
let at: readonly string[];

beforeAll(async () => {
  silent = createServer(() => onRequest());
  await new Promise<void>((resolve) => silent.listen(0, "127.0.0.1", resolve));
  at = ["--server", `http://127.0.0.1:${(silent.address() as AddressInfo).port}`, "--graph", "g"];
});
afterAll(() => {
  silent.closeAllConnections();
  silent.close();
});

describe("a request that is interrupted (§1.8)", () => {
  test.each<[string, readonly string[], string]>([
    ["a read changes nothing", ["snapshot"], "Error: interrupted; nothing was changed\n"],
    ["a write may have happened", ["mutate", "close"], "Error: the request was cancelled"],
  ])("%s", async (_name, argv, expected) => {
    const controller = new AbortController();
    onRequest = () => controller.abort();
    const { exitCode, stdout, stderr } = await runCaptured([...argv, ...at], { signal: controller.signal });
    expect({ exitCode, stdout }).toEqual({ exitCode: 130, stdout: "" });
    expect(stderr).toContain(expected);
    expect(stderr.includes("nothing was changed")).toBe(expected.includes("nothing was changed"));
  });

  test("a time limit is a failure, not an interruption", async () => {
    onRequest = () => undefined;
    const { exitCode, stderr } = await runCaptured(["query", "recent", "--timeout", "50ms", ...at]);
    expect(exitCode).toBe(1);
    expect(stderr).toMatch(/^Error: no answer within \d+ ms\n {2}hint: /);
  });
});
