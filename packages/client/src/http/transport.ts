import { parseAnswerJson } from "@omnigraphdb/api-types";
import { isOmniError, type Effects, type OmniError } from "@omnigraphdb/common";
import { InvalidTokenError, ServerConnectionError, UnexpectedAnswerError } from "../errors.js";
import { CallScope } from "./call-scope.js";
import { classifyRejection } from "./connection-failure.js";
import { type Failure, type Retrier, retryAfterMs, retryDelay } from "./retry.js";
import { remoteErrorOf } from "./remote-error.js";
import { composeUrl, type UrlQuery } from "./url.js";

/** A token, or what yields the current one for each attempt; undefined sends none. */
export type TokenSource = string | (() => string | undefined | Promise<string | undefined>) | undefined;

/** The part of `fetch` that is used. */
export type FetchLike = (url: string, init: RequestInit) => Promise<Response>;

/** One request, below the base address. */
export interface WireRequest {
  readonly method: "GET" | "HEAD" | "POST" | "DELETE";
  readonly segments: readonly string[];
  readonly query?: UrlQuery;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: RequestBody;
  /** Whether the server may have changed something when no answer comes. */
  readonly isWrite?: boolean;
  readonly signal: AbortSignal | undefined;
  /** Milliseconds, instead of the client's limit. */
  readonly timeoutMs?: number | undefined;
  /** Answers beside 2xx that are no failures here. */
  readonly accepts?: readonly number[];
}

export interface RequestBody {
  readonly contentType: string;
  /** A stream is sent once; everything else can be sent again. */
  readonly content: string | Uint8Array | ReadableStream<Uint8Array>;
}

/** An answer whose body has not been read. Whoever receives it disposes it, at the latest when the body ended. */
export class Answer implements Disposable {
  readonly response: Response;
  readonly #scope: CallScope;
  readonly #explain: (error: unknown) => unknown;

  constructor(response: Response, scope: CallScope, explain: (error: unknown) => unknown) {
    this.response = response;
    this.#scope = scope;
    this.#explain = explain;
  }

  async text(): Promise<string> {
    try {
      return await this.#scope.race(this.response.text());
    } catch (error) {
      throw this.#explain(error);
    }
  }

  /** The body as it arrives. A body that ends before its regular end is a failure. */
  async *chunks(): AsyncGenerator<Uint8Array> {
    const reader = this.response.body?.getReader();
    if (reader === undefined) return;
    try {
      for (;;) {
        const next: { readonly value?: Uint8Array } = await this.#scope.race(reader.read());
        if (next.value === undefined) return;
        yield next.value;
      }
    } catch (error) {
      throw this.#explain(error);
    } finally {
      // Whoever stops early tells the server so; after the end it has no effect.
      await reader.cancel().catch(() => undefined);
    }
  }

  /** The answer has begun and may take as long as it takes. */
  stopTimer(): void {
    this.#scope.stopTimer();
  }

  [Symbol.dispose](): void {
    this.#scope[Symbol.dispose]();
    // A body that nobody reads keeps its connection.
    if (!this.response.bodyUsed) this.response.body?.cancel().catch(() => undefined);
  }
}

export interface TransportOptions {
  /** As {@link parseBaseUrl} returns it. */
  readonly baseUrl: string;
  readonly token: TokenSource;
  readonly fetch: FetchLike;
  readonly timeoutMs: number | undefined;
  readonly retrier: Retrier;
  /** Of all calls together. */
  readonly signal: AbortSignal | undefined;
  readonly disposed: AbortSignal;
}

/** Sends requests to one address, and turns everything that is no answer of success into typed errors. */
export class Transport {
  readonly #options: TransportOptions;

  constructor(options: TransportOptions) {
    this.#options = options;
  }

  get origin(): string {
    return new URL(this.#options.baseUrl).origin;
  }

  /**
   * What `decode` makes of the parsed answer.
   *
   * @param member that the answer of this route has, and the one of something else lacks
   */
  json<A extends object, T>(request: WireRequest, member: keyof A & string, decode: (answer: A) => T): Promise<T> {
    return this.decoded(request, (text) => {
      const answer = parseAnswerJson(text) as A;
      if (answer[member] === undefined) throw new TypeError(`no member '${member}'`);
      return decode(answer);
    });
  }

  /**
   * What `decode` makes of the text of the answer. The time limit covers all of it.
   *
   * @throws UnexpectedAnswerError when it throws: the answer is that of something else, or of a version that speaks otherwise
   */
  async decoded<T>(request: WireRequest, decode: (text: string) => T): Promise<T> {
    using answer = await this.send(request);
    const text = await answer.text();
    try {
      return decode(text);
    } catch (error) {
      throw new UnexpectedAnswerError(this.origin, answer.response.status, "a body that does not belong to this call", request.isWrite === true ? "possible" : "none", error);
    }
  }

  /**
   * @returns the first answer that is a success
   * @throws the failure of the last attempt
   */
  async send(request: WireRequest): Promise<Answer> {
    const { retrier } = this.#options;
    const isWrite = request.isWrite === true;
    for (let attempt = 1; ; attempt++) {
      const outcome = await this.#attempt(request);
      if (outcome instanceof Answer) return outcome;
      const delay = isReplayable(request) ? retryDelay(outcome, attempt, isWrite, retrier) : undefined;
      if (delay === undefined) throw outcome.error;
      using pause = this.#scopeOf({ ...request, timeoutMs: 0 });
      await retrier.clock.sleep(delay, pause.signal).catch((error: unknown) => {
        throw pause.failure("none") ?? error;
      });
    }
  }

  async #attempt(request: WireRequest): Promise<Answer | Failure> {
    const effects: Effects = request.isWrite === true ? "possible" : "none";
    const scope = this.#scopeOf(request);
    const input = new UploadInput(request.body);
    const early = scope.failure("none");
    if (early !== undefined) {
      input.release();
      return { error: early, status: undefined, retryAfterMs: undefined };
    }
    try {
      return await this.#exchange(request, scope, input, effects);
    } catch (error) {
      scope[Symbol.dispose]();
      const explained = this.#explain(error, scope, effects, input.failure);
      if (!isOmniError(explained)) throw explained;
      return { error: explained, status: undefined, retryAfterMs: undefined };
    }
  }

  async #exchange(request: WireRequest, scope: CallScope, input: UploadInput, effects: Effects): Promise<Answer | Failure> {
    let isSuccess = false;
    try {
      const headers = await scope.race(this.#headers(request));
      const url = composeUrl(this.#options.baseUrl, request.segments, request.query);
      const response = await scope.race(this.#options.fetch(url, initOf(request, headers, input, scope.signal)));
      const answer = new Answer(response, scope, (error) => this.#explain(error, scope, effects, undefined));
      isSuccess = response.ok || request.accepts?.includes(response.status) === true;
      if (isSuccess) return answer;
      using failed = answer;
      const failure = await this.#failureOf(failed, effects);
      // A server that hears of the broken input answers with a failure of its own.
      if (input.failure !== undefined) throw input.failure.error;
      return failure;
    } finally {
      if (!isSuccess) input.release();
    }
  }

  #scopeOf({ signal, timeoutMs = this.#options.timeoutMs }: WireRequest): CallScope {
    const { signal: common, disposed } = this.#options;
    return new CallScope({ timeoutMs, signals: [signal, common].filter((each) => each !== undefined), disposed });
  }

  async #headers({ headers, body }: WireRequest): Promise<Record<string, string>> {
    const { token } = this.#options;
    const current = typeof token === "function" ? await token() : token;
    if (current !== undefined && !TOKEN.test(current)) throw new InvalidTokenError();
    return {
      accept: "application/json, application/x-ndjson",
      ...(body === undefined ? {} : { "content-type": body.contentType }),
      ...(current === undefined ? {} : { authorization: `Bearer ${current}` }),
      ...headers,
    };
  }

  async #failureOf(answer: Answer, effects: Effects): Promise<Failure> {
    const { status, headers } = answer.response;
    const retryAfter = retryAfterMs(headers.get("retry-after"), this.#options.retrier.clock.nowMs());
    return { error: await this.#errorOf(answer, effects), status, retryAfterMs: retryAfter };
  }

  async #errorOf(answer: Answer, effects: Effects): Promise<OmniError> {
    const { status, headers } = answer.response;
    if (status >= 300 && status < 400) return new UnexpectedAnswerError(this.origin, status, "a redirect, which is not followed with a token", effects);
    const text = await answer.text();
    const error = remoteErrorOf(status, headers, text);
    if (error !== undefined) return error;
    if (status >= 502 && status <= 504) return new ServerConnectionError(this.origin, "gateway", { effects });
    return new UnexpectedAnswerError(this.origin, status, describeBody(headers, text), status === 404 || status === 405 ? "none" : effects);
  }

  #explain(error: unknown, scope: CallScope, effects: Effects, inputFailure: { readonly error: unknown } | undefined): unknown {
    // Whatever else went wrong with an upload, it did because its input failed.
    if (inputFailure !== undefined) return inputFailure.error;
    const aborted = scope.failure(effects);
    if (aborted !== undefined) return aborted;
    if (isOmniError(error)) return error;
    const { failure, isUnsent } = classifyRejection(error);
    return new ServerConnectionError(this.origin, failure, { effects: isUnsent ? "none" : effects, cause: error });
  }
}

/** What a header may hold (RFC 6750 allows less; what a server was configured with is its business). */
const TOKEN = /^[\x21-\x7e]+$/;

function isReplayable({ body }: WireRequest): boolean {
  return !(body?.content instanceof ReadableStream);
}

function initOf({ method }: WireRequest, headers: Record<string, string>, input: UploadInput, signal: AbortSignal): RequestInit {
  const init: RequestInit = { method, headers, signal, redirect: "manual" };
  if (input.content === undefined) return init;
  // A stream needs `duplex`, which the types of this platform lack.
  return { ...init, body: input.content, ...(input.content instanceof ReadableStream ? { duplex: "half" } : {}) };
}

/** An upload as it is sent. Remembers the failure of a stream, which a `fetch` reports as its own. */
class UploadInput {
  readonly content: string | Uint8Array | ReadableStream<Uint8Array> | undefined;
  failure: { readonly error: unknown } | undefined;
  #release: () => void = () => undefined;

  constructor(body: RequestBody | undefined) {
    const content = body?.content;
    this.content = content instanceof ReadableStream ? this.#watched(content) : content;
  }

  /** The rest is not wanted: whoever produces it may stop. */
  release(): void {
    this.#release();
  }

  #watched(stream: ReadableStream<Uint8Array>): ReadableStream<Uint8Array> {
    const reader = stream.getReader();
    let isReleased = false;
    this.#release = () => {
      isReleased = true;
      reader.cancel().catch(() => undefined);
    };
    return new ReadableStream<Uint8Array>({
      pull: async (controller) => {
        try {
          const { done, value } = await reader.read();
          // What is cut off must not end as if it were whole.
          if (isReleased) controller.error(new Error("the rest is not sent"));
          else if (done) controller.close();
          else controller.enqueue(value);
        } catch (error) {
          this.failure = { error };
          controller.error(error);
        }
      },
      cancel: (reason) => reader.cancel(reason),
    });
  }
}

function describeBody(headers: Headers, text: string): string {
  if (text === "") return "nothing more";
  const type = headers.get("content-type")?.split(";")[0] ?? "no content type";
  return `a body of its own (${type})`;
}
