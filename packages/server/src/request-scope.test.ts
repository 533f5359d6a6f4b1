import { getEventListeners } from "node:events";
import { expect, test } from "vitest";
import type { AppServices } from "./app-services.js";
import { WebRequest } from "./http/http-request.js";
import { RequestScope } from "./request-scope.js";
import { DEFAULT_SERVER_LIMITS } from "./server-limits.js";
import type { ServingState } from "./serving/serving-state.js";

function scopeOf(caller: AbortController, requestTimeoutMs: number): RequestScope {
  const request = new WebRequest(new Request("http://localhost/", { signal: caller.signal }));
  const lease = { state: {} as ServingState, [Symbol.dispose]: () => undefined };
  const logger = { debug: () => undefined, info: () => undefined, warn: () => undefined, error: () => undefined };
  return new RequestScope({ requestId: "r", request, lease, logger, services: { limits: { ...DEFAULT_SERVER_LIMITS, requestTimeoutMs } } as AppServices });
}

test("a request with a deadline is stopped by its caller, with the caller's reason", () => {
  const caller = new AbortController();
  using scope = scopeOf(caller, 60_000);
  expect(scope.signal.aborted).toBe(false);
  caller.abort("gone");
  expect([scope.signal.aborted, scope.signal.reason]).toEqual([true, "gone"]);
});

test("it is stopped by its deadline", async () => {
  using scope = scopeOf(new AbortController(), 1);
  await new Promise((resolve) => scope.signal.addEventListener("abort", resolve));
  expect((scope.signal.reason as Error).name).toBe("TimeoutError");
});

test("what was aborted before anybody asked is aborted", () => {
  const caller = new AbortController();
  using scope = scopeOf(caller, 60_000);
  caller.abort("gone");
  expect(scope.signal.reason).toBe("gone");
});

test("it listens to its connection until the last holder lets go, and no longer", () => {
  const scope = scopeOf(new AbortController(), 60_000);
  const { signal } = scope.request;
  const before = getEventListeners(signal, "abort").length;
  expect(scope.signal.aborted).toBe(false);
  const letGo = scope.hold();
  scope[Symbol.dispose]();
  expect(getEventListeners(signal, "abort")).toHaveLength(before + 1);
  letGo();
  expect(getEventListeners(signal, "abort")).toHaveLength(before);
});
