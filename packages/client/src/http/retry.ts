import { type Clock, type OmniError } from "@omnigraphdb/common";
import { InvalidRequestError, ServerConnectionError } from "../errors.js";

/**
 * How often a call is sent again by itself. Without one, never (24.2.14).
 *
 * Sent again are, whatever the call: answers 429, and 503 because another process holds the graph. A write also after 409 because what it
 * had read moved. A read also when no complete answer came. In all these cases the earlier attempt had no effect. Loads from a stream are
 * sent once, for a stream cannot be read twice.
 */
export interface RetryPolicy {
  /** Attempts after the first one: 1 to 10. */
  readonly retries: number;
  /** Longest wait before one attempt, in milliseconds; default 60,000. A server that asks for more patience gets none. */
  readonly delayMsMax?: number;
}

export interface Retrier {
  readonly policy: RetryPolicy | undefined;
  readonly clock: Clock;
  /** From 0 to below 1. */
  readonly random: () => number;
}

/** One attempt that failed. */
export interface Failure {
  readonly error: OmniError;
  readonly status: number | undefined;
  /** What the server asks for, in milliseconds. */
  readonly retryAfterMs: number | undefined;
}

const RETRIES_MAX = 10;
const FIRST_DELAY_MS = 100;
const BACKOFF_MS_MAX = 5_000;
const DELAY_MS_MAX_DEFAULT = 60_000;

/** @throws InvalidRequestError */
export function checkPolicy(policy: RetryPolicy | undefined): RetryPolicy | undefined {
  if (policy === undefined) return undefined;
  const { retries, delayMsMax = DELAY_MS_MAX_DEFAULT } = policy;
  if (!Number.isInteger(retries) || retries < 1 || retries > RETRIES_MAX || !(delayMsMax >= 0)) {
    throw new InvalidRequestError(`no retry policy: ${retries} retries, waiting at most ${delayMsMax} ms`, { hint: `Give 1 to ${RETRIES_MAX} retries, or no policy.` });
  }
  return policy;
}

/** Milliseconds to wait before attempt `attempt` (from 1); undefined when the failure stands. */
export function retryDelay(failure: Failure, attempt: number, isWrite: boolean, { policy, random }: Retrier): number | undefined {
  if (policy === undefined || attempt > policy.retries || !mayRetry(failure, isWrite)) return undefined;
  const { delayMsMax = DELAY_MS_MAX_DEFAULT } = policy;
  const asked = failure.retryAfterMs ?? 0;
  if (asked > delayMsMax) return undefined;
  const backoff = Math.min(FIRST_DELAY_MS * 2 ** (attempt - 1), BACKOFF_MS_MAX);
  return Math.min(asked + random() * backoff, delayMsMax);
}

function mayRetry({ error, status }: Failure, isWrite: boolean): boolean {
  if (error.effects !== "none") return false;
  if (status === 429) return true;
  if (status === 503) return error.details["writer_busy"] !== undefined;
  if (isWrite) return status === 409 && error.details["read_set_conflict"] !== undefined;
  return error instanceof ServerConnectionError && error.reason !== "tls" && error.reason !== "name_not_found";
}

/** Seconds or a date, as HTTP has it. */
export function retryAfterMs(header: string | null, nowMs: number): number | undefined {
  if (header === null) return undefined;
  const seconds = /^[0-9]{1,9}$/.test(header.trim()) ? Number(header) : undefined;
  if (seconds !== undefined) return seconds * 1_000;
  const date = Date.parse(header);
  return Number.isNaN(date) ? undefined : Math.max(0, date - nowMs);
}
