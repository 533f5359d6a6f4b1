import { type ErrorCategory, OmniError } from "@omnigraphdb/common";
import { describe, expect, test } from "vitest";
import { ServerConnectionError } from "../errors.js";
import { checkPolicy, retryAfterMs, retryDelay, type Retrier } from "./retry.js";

class Answered extends OmniError {
  readonly code = "ANSWERED";
  readonly category: ErrorCategory = "conflict";
  readonly #details: Readonly<Record<string, unknown>>;
  constructor(details: Readonly<Record<string, unknown>>, effects: "none" | "possible" = "none") {
    super("answered", { effects });
    this.#details = details;
  }
  override get details(): Readonly<Record<string, unknown>> {
    return this.#details;
  }
}

const retrier: Retrier = { policy: { retries: 3 }, clock: { nowMicros: () => 0, nowMs: () => 0, sleep: () => Promise.resolve() }, random: () => 0.5 };
const delayOf = (status: number | undefined, error: OmniError, isWrite: boolean): number | undefined => retryDelay({ error, status, retryAfterMs: undefined }, 1, isWrite, retrier);

describe("retries (24.2.14)", () => {
  test.each([
    ["429", 429, new Answered({}), true, true],
    ["503 because another process writes", 503, new Answered({ writer_busy: { waited_ms: 5 } }), true, true],
    ["503 for any other reason", 503, new Answered({ recovery_required: {} }), false, false],
    ["409 because what was read moved", 409, new Answered({ read_set_conflict: {} }), true, false],
    ["409 for any other reason", 409, new Answered({ key_conflict: {} }), false, false],
    ["412", 412, new Answered({ precondition_failure: {} }), false, false],
    ["no answer", undefined, new ServerConnectionError("http://h", "lost", { effects: "none" }), false, true],
    ["nothing listens", undefined, new ServerConnectionError("http://h", "refused", { effects: "none" }), false, true],
    ["no trusted connection", undefined, new ServerConnectionError("http://h", "tls", { effects: "none" }), false, false],
    ["possible effects, whatever the status", 429, new Answered({}, "possible"), false, false],
  ])("%s", (_what, status, error, write, read) => {
    expect([delayOf(status, error, true) !== undefined, delayOf(status, error, false) !== undefined]).toEqual([write, read]);
  });

  test("waits grow, are jittered, and respect what the server asks for", () => {
    const failure = { error: new Answered({}), status: 429, retryAfterMs: undefined };
    expect([1, 2, 3, 4].map((attempt) => retryDelay(failure, attempt, true, retrier))).toEqual([50, 100, 200, undefined]);
    expect(retryDelay({ ...failure, retryAfterMs: 2_000 }, 1, true, retrier)).toBe(2_050);
    expect(retryDelay({ ...failure, retryAfterMs: 61_000 }, 1, true, retrier)).toBeUndefined();
    expect(retryDelay(failure, 1, true, { ...retrier, policy: undefined })).toBeUndefined();
  });

  test.each([[{ retries: 0 }], [{ retries: 11 }], [{ retries: 1.5 }], [{ retries: 1, delayMsMax: -1 }], [{ retries: Number.NaN }]])("%j is no policy", (policy) => {
    expect(() => checkPolicy(policy)).toThrow(expect.objectContaining({ code: "INVALID_CLIENT_REQUEST" }));
  });

  test("Retry-After is seconds or a date", () => {
    expect(retryAfterMs("60", 0)).toBe(60_000);
    expect(retryAfterMs("Thu, 01 Jan 1970 00:00:10 GMT", 4_000)).toBe(6_000);
    expect([retryAfterMs(null, 0), retryAfterMs("soon", 0)]).toEqual([undefined, undefined]);
  });
});
