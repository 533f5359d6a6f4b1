import { type Clock, throwIfAborted } from "@omnigraphdb/common";
import type { RequestPolicy } from "./embedding-config.js";
import { either } from "./either.js";
import { EmbeddingDeadlineError, EmbeddingProviderError, type ProviderFailure } from "./errors.js";

/** Waiting longer on a server's word would look like hanging. */
const RETRY_AFTER_MAX_MS = 300_000;
/** The doubling of the backoff ends here. */
const BACKOFF_EXPONENT_MAX = 10;
const PROBLEM_CHARACTERS_MAX = 500;

/** One request, as often as it takes. */
export interface Exchange {
  readonly provider: string;
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: unknown;
  readonly policy: RequestPolicy;
  readonly clock: Clock;
  readonly signal: AbortSignal | undefined;
  /** Removes secrets from what the other side said. */
  readonly redact: (text: string) => string;
}

/** A request that may be made again, and the pause its answer asked for. */
interface Failed {
  readonly failure: Omit<ProviderFailure, "provider" | "attempts">;
  readonly retryAfterMs: number;
}

/**
 * The decoded JSON of a successful answer. Failed connections, timeouts, 429 and 5xx are retried with a doubling pause, or the one the
 * server names; nothing else is (EM-5, EM-7).
 *
 * @throws EmbeddingProviderError, EmbeddingDeadlineError, CancelledError
 */
export async function exchange(request: Exchange): Promise<unknown> {
  const { policy, clock, provider, signal } = request;
  const startMs = clock.nowMs();
  using deadline = alarm(clock, policy.deadlineMs);
  using stop = either(deadline.signal, signal);
  let last: EmbeddingProviderError | undefined;
  for (let attempt = 1; ; attempt++) {
    const answer = await attemptOnce(request, stop.signal);
    // Whatever a stopped request reports, it was stopped.
    refuseStopped(request, deadline.signal, last);
    if ("reply" in answer) return answer.reply;
    last = new EmbeddingProviderError({ ...answer.failure, provider, attempts: attempt });
    if (!answer.failure.isTransient || attempt >= policy.attempts) throw last;
    const pauseMs = Math.max(policy.backoffMs * 2 ** Math.min(attempt - 1, BACKOFF_EXPONENT_MAX), answer.retryAfterMs);
    const leftMs = policy.deadlineMs === 0 ? Infinity : policy.deadlineMs - (clock.nowMs() - startMs);
    if (pauseMs >= leftMs) throw new EmbeddingDeadlineError(provider, policy.deadlineMs, last);
    await clock.sleep(pauseMs, stop.signal).catch(() => undefined);
    refuseStopped(request, deadline.signal, last);
  }
}

function refuseStopped({ signal, provider, policy }: Exchange, deadline: AbortSignal, last: EmbeddingProviderError | undefined): void {
  throwIfAborted(signal, "the embedding");
  if (deadline.aborted) throw new EmbeddingDeadlineError(provider, policy.deadlineMs, last);
}

async function attemptOnce(request: Exchange, stop: AbortSignal): Promise<{ readonly reply: unknown } | Failed> {
  const { policy, clock, redact } = request;
  using timeout = alarm(clock, policy.timeoutMs);
  using ending = either(timeout.signal, stop);
  try {
    const response = await fetch(request.url, {
      method: "POST",
      headers: { "content-type": "application/json", accept: "application/json", ...request.headers },
      body: JSON.stringify(request.body),
      // Followed, it would take the key to another host.
      redirect: "manual",
      signal: ending.signal,
    });
    return answerOf(response, await response.text(), request);
  } catch (error) {
    const problem = timeout.signal.aborted ? `no answer within ${policy.timeoutMs} ms` : redact(connectionProblem(error));
    return { failure: { problem, isTransient: true }, retryAfterMs: 0 };
  }
}

function answerOf(response: Response, text: string, { clock, redact }: Exchange): { readonly reply: unknown } | Failed {
  const { status } = response;
  if (response.ok) {
    try {
      return { reply: JSON.parse(text) as unknown };
    } catch {
      return { failure: { problem: `the answer is not JSON: ${redact(brief(text)) || "it is empty"}`, status, isTransient: false }, retryAfterMs: 0 };
    }
  }
  const isTransient = status === 429 || status >= 500;
  const said = redact(brief(spokenProblem(text)));
  const moved = status >= 300 && status < 400 ? "it redirects, and redirects are not followed" : said;
  return { failure: { problem: moved === "" ? `HTTP ${status}` : `HTTP ${status}: ${moved}`, status, isTransient }, retryAfterMs: retryAfterMs(response.headers.get("retry-after"), clock) };
}

/** The provider's message: `{"error": {"message"}}`, `{"error": "…"}`, `{"message": "…"}`, or whatever it sent. */
function spokenProblem(text: string): string {
  try {
    const reply = JSON.parse(text) as { readonly error?: { readonly message?: unknown }; readonly message?: unknown } | null;
    const said = [reply?.error?.message, reply?.error, reply?.message].find((value) => typeof value === "string");
    return typeof said === "string" ? said : text;
  } catch {
    return text;
  }
}

/** One line without control characters, cut short. */
function brief(text: string): string {
  const line = text
    .slice(0, 4 * PROBLEM_CHARACTERS_MAX)
    .replace(/[\s\p{Cc}]+/gu, " ")
    .trim();
  return line.length > PROBLEM_CHARACTERS_MAX ? `${line.slice(0, PROBLEM_CHARACTERS_MAX)}…` : line;
}

/** What the network reported: `fetch` wraps it as "fetch failed". */
function connectionProblem(error: unknown): string {
  const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error;
  const { code, message } = cause as { readonly code?: unknown; readonly message?: unknown };
  const words = typeof message === "string" ? brief(message) : "";
  const name = typeof code === "string" ? code : "";
  return `connection failed: ${[words, words.includes(name) ? "" : name].filter((part) => part !== "").join(" ") || "no reason given"}`;
}

/** Seconds or an HTTP date, as milliseconds from now. */
function retryAfterMs(header: string | null, clock: Clock): number {
  if (header === null) return 0;
  const waitMs = /^\s*\d+(\.\d+)?\s*$/.test(header) ? Number(header) * 1000 : Date.parse(header) - clock.nowMs();
  return Number.isFinite(waitMs) ? Math.min(Math.max(0, Math.ceil(waitMs)), RETRY_AFTER_MAX_MS) : 0;
}

/** A signal that aborts after `ms`; never for 0. Disposing it stops the clock. */
function alarm(clock: Clock, ms: number): Disposable & { readonly signal: AbortSignal } {
  const ringing = new AbortController();
  const stopping = new AbortController();
  if (ms > 0) {
    clock.sleep(ms, stopping.signal).then(
      () => ringing.abort(),
      () => undefined,
    );
  }
  return { signal: ringing.signal, [Symbol.dispose]: () => stopping.abort() };
}
