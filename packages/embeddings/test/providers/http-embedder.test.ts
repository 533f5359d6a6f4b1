import { CancelledError, type Clock, type Embedder, embedTexts, EmbeddingDimensionError, EmbeddingVectorError, systemClock } from "@omnigraphdb/common";
import { createEmbedder, EmbeddingDeadlineError, EmbeddingKeyMissingError, EmbeddingProviderError, parseEmbeddingEnvironment } from "@omnigraphdb/embeddings";
import { type EmbeddingFault, type EmbeddingTestServer, servedVector, startEmbeddingServer } from "@omnigraphdb/testkit";
import { afterEach, beforeEach, describe, expect, test } from "vitest";

const KEY = "sk-very-secret";
let server: EmbeddingTestServer;

beforeEach(async () => {
  server = await startEmbeddingServer();
});
afterEach(() => server[Symbol.asyncDispose]());

const NOW_MS = 1_700_000_000_000;

/** Pauses between the requests of one embedding, without waiting for them. */
async function pausesOf(env: Record<string, string>): Promise<readonly number[]> {
  const pauses: number[] = [];
  const clock: Clock = {
    ...systemClock,
    nowMs: () => NOW_MS,
    sleep(ms, signal) {
      // The time limits of a request, which are never reached here.
      if (ms >= 30_000) return systemClock.sleep(ms, signal);
      pauses.push(ms);
      return Promise.resolve();
    },
  };
  await embedTexts(embedderFor(env, clock), ["hello"], document);
  return pauses;
}

function embedderFor(env: Record<string, string> = {}, clock: Clock = systemClock): Embedder {
  const { config } = parseEmbeddingEnvironment({
    OMNIGRAPH_EMBED_BASE_URL: server.baseUrl,
    OMNIGRAPH_EMBED_MODEL: "small",
    OMNIGRAPH_EMBED_RETRY_BACKOFF_MS: "1",
    OPENAI_API_KEY: KEY,
    ...env,
  });
  return createEmbedder(config, clock);
}

const document = { role: "document", dimension: 5 } as const;

async function failureOf(embedder: Embedder, texts: readonly string[] = ["a text"], signal?: AbortSignal): Promise<Error> {
  return embedTexts(embedder, texts, signal === undefined ? document : { ...document, signal }).then(
    () => expect.fail("the embedding should have failed"),
    (error: unknown) => error as Error,
  );
}

function unit(vector: readonly number[]): readonly number[] {
  const norm = Math.hypot(...vector);
  return vector.map((component) => component / norm);
}

function expectClose(actual: ArrayLike<number> | undefined, expected: readonly number[]): void {
  expect(Array.from(actual ?? [])).toHaveLength(expected.length);
  for (const [i, component] of expected.entries()) expect(actual?.[i]).toBeCloseTo(component, 5);
}

describe("EM-10 the OpenAI protocol", () => {
  test("a text is sent with model, dimensions and bearer key, and comes back as a unit vector", async () => {
    const [vector] = await embedTexts(embedderFor(), ["hello"], document);
    expectClose(vector, unit(servedVector("hello", 5)));
    expect(server.requests).toHaveLength(1);
    expect(server.requests[0]).toMatchObject({ path: "/v1/embeddings", body: { model: "small", input: ["hello"], dimensions: 5 }, headers: { authorization: `Bearer ${KEY}` } });
  });

  test("EM-41 many texts travel in few requests, equal ones once, at most eight at a time, and keep their order", async () => {
    server.injectFaults(() => ({ kind: "delay", ms: 5 }));
    const texts = Array.from({ length: 1500 }, (_, i) => `text ${i % 1200}`);
    const vectors = await embedTexts(embedderFor(), texts, document);
    for (const [i, text] of texts.entries()) if (i % 97 === 0) expectClose(vectors[i], unit(servedVector(text, 5)));
    expect(server.requests.flatMap((request) => request.texts)).toHaveLength(1200);
    expect(server.requests.length).toBe(Math.ceil(1200 / 64));
    expect(server.parallelMax).toBeLessThanOrEqual(8);
    expect(server.parallelMax).toBeGreaterThan(1);
  });

  test("long texts go into requests of their own", async () => {
    await embedTexts(embedderFor(), ["x".repeat(250_000), "y".repeat(250_000)], document);
    expect(server.requests).toHaveLength(2);
  });

  test("EM-4 a local endpoint needs no key and gets none", async () => {
    await embedTexts(embedderFor({ OPENAI_API_KEY: "" }), ["hello"], document);
    expect(server.requests[0]?.headers).not.toHaveProperty("authorization");
  });
});

describe("EM-10 the Gemini protocol", () => {
  test.each([
    { role: "query", taskType: "RETRIEVAL_QUERY" },
    { role: "document", taskType: "RETRIEVAL_DOCUMENT" },
  ] as const)("a $role is sent as $taskType", async ({ role, taskType }) => {
    const embedder = embedderFor({ OMNIGRAPH_EMBED_PROVIDER: "gemini", GEMINI_API_KEY: "g-key" });
    const vectors = await embedTexts(embedder, ["one", "two"], { role, dimension: 4 });
    expectClose(vectors[1], unit(servedVector("two", 4)));
    expect(server.requests).toHaveLength(2);
    expect(server.requests.find(({ texts }) => texts[0] === "one")).toMatchObject({
      path: "/v1/models/small:embedContent",
      headers: { "x-goog-api-key": "g-key" },
      body: { model: "models/small", content: { parts: [{ text: "one" }] }, taskType, outputDimensionality: 4 },
    });
  });
});

describe("EM-7 what is retried", () => {
  const failing: readonly { readonly name: string; readonly fault: EmbeddingFault }[] = [
    { name: "500", fault: { kind: "status", status: 500 } },
    { name: "503 with a page", fault: { kind: "status", status: 503, text: "<html>busy</html>" } },
    { name: "429", fault: { kind: "status", status: 429, text: '{"error":{"message":"slow down"}}' } },
    { name: "a reset connection", fault: { kind: "reset" } },
    { name: "an answer cut off by the connection", fault: { kind: "truncate" } },
  ];

  test.each(failing)("$name, three times, then an answer", async ({ fault }) => {
    server.injectFaults((_request, number) => (number < 3 ? fault : undefined));
    const [vector] = await embedTexts(embedderFor(), ["hello"], document);
    expectClose(vector, unit(servedVector("hello", 5)));
    expect(server.requests).toHaveLength(4);
  });

  test.each(failing)("EM-6 $name, for ever, is an error after all attempts", async ({ fault }) => {
    server.injectFaults(() => fault);
    const error = await failureOf(embedderFor({ OMNIGRAPH_EMBED_RETRY_ATTEMPTS: "2" }));
    expect(error).toBeInstanceOf(EmbeddingProviderError);
    expect(error).toMatchObject({ attempts: 2, retryable: true, httpStatus: 500, effects: "none" });
    expect(error.message).toContain("(2 attempts)");
  });

  test("no answer within the time of a request", async () => {
    server.injectFaults((_request, number) => (number === 0 ? { kind: "hang" } : undefined));
    await embedTexts(embedderFor({ OMNIGRAPH_EMBED_TIMEOUT_MS: "60" }), ["hello"], document);
    expect(server.requests).toHaveLength(2);
    server.injectFaults(() => ({ kind: "hang" }));
    const error = await failureOf(embedderFor({ OMNIGRAPH_EMBED_TIMEOUT_MS: "40", OMNIGRAPH_EMBED_RETRY_ATTEMPTS: "2" }));
    expect(error.message).toBe("embedding provider 'openai-compatible' failed: no answer within 40 ms (2 attempts)");
  });

  test("a refused connection", async () => {
    const gone = await startEmbeddingServer();
    await gone[Symbol.asyncDispose]();
    const error = await failureOf(embedderFor({ OMNIGRAPH_EMBED_BASE_URL: gone.baseUrl, OMNIGRAPH_EMBED_RETRY_ATTEMPTS: "2" }));
    expect(error).toBeInstanceOf(EmbeddingProviderError);
    expect(error.message).toContain("ECONNREFUSED");
  });

  test.each([
    { header: "1", pauseMs: 1000 },
    { header: "2.5", pauseMs: 2500 },
    { header: new Date(NOW_MS + 3000).toUTCString(), pauseMs: 3000 },
    { header: new Date(NOW_MS - 3000).toUTCString(), pauseMs: 1 },
    { header: "soon", pauseMs: 1 },
  ])("Retry-After: $header is a pause of $pauseMs ms", async ({ header, pauseMs }) => {
    server.injectFaults((_request, number) => (number === 0 ? { kind: "status", status: 429, headers: { "retry-after": header } } : undefined));
    expect(await pausesOf({})).toEqual([pauseMs]);
  });

  test("the pause doubles", async () => {
    server.injectFaults((_request, number) => (number < 3 ? { kind: "status", status: 500 } : undefined));
    expect(await pausesOf({ OMNIGRAPH_EMBED_RETRY_BACKOFF_MS: "40" })).toEqual([40, 80, 160]);
  });
});

describe("EM-7 what is not retried", () => {
  test.each([
    { name: "400", fault: { kind: "status", status: 400, text: '{"error":{"message":"  bad\\ninput  "}}' }, message: "HTTP 400: bad input" },
    { name: "401", fault: { kind: "status", status: 401, text: '{"error":"no such key"}' }, message: "HTTP 401: no such key" },
    { name: "404 with a page", fault: { kind: "status", status: 404, text: "<html>\n<b>Not found</b></html>" }, message: "HTTP 404: <html> <b>Not found</b></html>" },
    { name: "a redirect", fault: { kind: "status", status: 302, headers: { location: "http://elsewhere.test/" } }, message: "HTTP 302: it redirects, and redirects are not followed" },
    { name: "truncated JSON", fault: { kind: "text", text: '{"data":[{"embed' }, message: 'the answer is not JSON: {"data":[{"embed' },
    { name: "an error page with status 200", fault: { kind: "text", text: "<html>Sorry</html>" }, message: "the answer is not JSON: <html>Sorry</html>" },
    { name: "an empty answer", fault: { kind: "text", text: "" }, message: "the answer is not JSON: it is empty" },
    { name: "JSON without data", fault: { kind: "text", text: "[]" }, message: "the reply has no 'data'" },
    { name: "too few vectors", fault: { kind: "vectors", vectors: [] }, message: "1 embeddings were asked for, and the reply has 0" },
    { name: "too many vectors", fault: { kind: "vectors", vectors: [[1, 2, 3, 4, 5], [1, 2, 3, 4, 5]] }, message: "1 embeddings were asked for, and the reply has 2" },
    { name: "one index twice", fault: { kind: "text", text: '{"data":[{"index":0,"embedding":[1]},{"index":0,"embedding":[1]}]}' }, message: "the reply has no or the same 'index' again at data[1]" },
    { name: "words for numbers", fault: { kind: "vectors", vectors: [["1", "2", "3", "4", "5"]] }, message: "the reply has no array of numbers at data[0].embedding" },
  ] as const)("$name", async ({ fault, message }) => {
    server.injectFaults(() => fault);
    const error = await failureOf(embedderFor());
    expect(error).toBeInstanceOf(EmbeddingProviderError);
    expect(error.message).toBe(`embedding provider 'openai-compatible' failed: ${message}`);
    expect(error).toMatchObject({ retryable: false, httpStatus: 500 });
    expect(server.requests).toHaveLength(1);
  });

  test.each([
    { vectors: [[1, 2, 3]], kind: EmbeddingDimensionError, message: "embedding dimension mismatch: expected 5, got 3 (provider openai-compatible)" },
    { vectors: [[1, 2, 3, 4, 1e300]], kind: EmbeddingVectorError, message: "embedding has a component that is no finite 32-bit number (provider openai-compatible)" },
    { vectors: [[0, 0, 0, 0, 1e-9]], kind: EmbeddingVectorError, message: "embedding has zero norm (no direction) (provider openai-compatible)" },
  ])("EM-5 EM-10 $message", async ({ vectors, kind, message }) => {
    server.injectFaults(() => ({ kind: "vectors", vectors }));
    const error = await failureOf(embedderFor());
    expect(error).toBeInstanceOf(kind);
    expect(error).toMatchObject({ message, httpStatus: 500, retryable: false });
    expect(server.requests).toHaveLength(1);
  });

  test("EM-10 NaN in a reply is no JSON", async () => {
    server.injectFaults(() => ({ kind: "text", text: '{"data":[{"index":0,"embedding":[NaN,1,1,1,1]}]}' }));
    expect((await failureOf(embedderFor())).message).toContain("the answer is not JSON");
  });

  test("EM-10 a dimension of 0 is refused without a request", async () => {
    await expect(embedTexts(embedderFor(), ["a"], { role: "query", dimension: 0 })).rejects.toBeInstanceOf(EmbeddingVectorError);
    expect(server.requests).toHaveLength(0);
  });
});

describe("EM-5 the deadline", () => {
  test("EM-6 ends an embedding that hangs", async () => {
    server.injectFaults(() => ({ kind: "hang" }));
    const error = await failureOf(embedderFor({ OMNIGRAPH_EMBED_DEADLINE_MS: "80" }));
    expect(error).toBeInstanceOf(EmbeddingDeadlineError);
    expect(error).toMatchObject({ message: "embedding deadline exceeded after 80 ms", httpStatus: 500 });
  });

  test("includes the pauses, and says what failed before", async () => {
    server.injectFaults(() => ({ kind: "status", status: 429, text: "later", headers: { "retry-after": "60" } }));
    const startMs = systemClock.nowMs();
    const error = await failureOf(embedderFor({ OMNIGRAPH_EMBED_DEADLINE_MS: "5000" }));
    expect(error).toBeInstanceOf(EmbeddingDeadlineError);
    expect(error.message).toBe("embedding deadline exceeded after 5000 ms; last: embedding provider 'openai-compatible' failed: HTTP 429: later");
    expect(systemClock.nowMs() - startMs).toBeLessThan(2000);
  });

  test("0 means none", async () => {
    server.injectFaults((_request, number) => (number === 0 ? { kind: "delay", ms: 30 } : undefined));
    await embedTexts(embedderFor({ OMNIGRAPH_EMBED_DEADLINE_MS: "0" }), ["hello"], document);
  });
});

describe("stopping", () => {
  test("an abort ends requests on their way", async () => {
    server.injectFaults(() => ({ kind: "hang" }));
    const controller = new AbortController();
    const failure = failureOf(embedderFor(), Array.from({ length: 600 }, (_, i) => `t${i}`), controller.signal);
    await expect.poll(() => server.requests.length).toBe(8);
    controller.abort();
    expect(await failure).toBeInstanceOf(CancelledError);
    expect(server.requests).toHaveLength(8);
  });

  test("an aborted signal makes no request", async () => {
    expect(await failureOf(embedderFor(), ["a"], AbortSignal.abort())).toBeInstanceOf(CancelledError);
    expect(server.requests).toHaveLength(0);
  });

  test("one request that fails ends the others", async () => {
    server.injectFaults((_request, number) => (number === 3 ? { kind: "status", status: 400, text: "no" } : { kind: "hang" }));
    const error = await failureOf(embedderFor(), Array.from({ length: 2000 }, (_, i) => `t${i}`));
    expect(error.message).toContain("HTTP 400: no");
    expect(server.requests.length).toBeLessThanOrEqual(8);
  });
});

describe("EM-11 the key", () => {
  test("is not repeated when the provider repeats it", async () => {
    server.injectFaults(() => ({ kind: "status", status: 401, text: `{"error":{"message":"Incorrect API key provided: ${KEY}."}}` }));
    const error = await failureOf(embedderFor());
    expect(error.message).toContain("Incorrect API key provided: ….");
    expect(JSON.stringify(error, Object.getOwnPropertyNames(error))).not.toContain(KEY);
  });

  test.each([
    { env: { OMNIGRAPH_EMBED_PROVIDER: "openai" }, message: "embedding provider 'openai' needs a key: OPENAI_API_KEY is not set" },
    { env: { OMNIGRAPH_EMBED_PROVIDER: "gemini" }, message: "embedding provider 'gemini' needs a key: GEMINI_API_KEY is not set" },
    { env: {}, message: "embedding provider 'openai-compatible' needs a key: OPENROUTER_API_KEY or OPENAI_API_KEY is not set" },
  ])("EM-4 EM-6 that is missing is named with its provider: $message", async ({ env, message }) => {
    const embedder = createEmbedder(parseEmbeddingEnvironment(env).config);
    const error = await failureOf(embedder);
    expect(error).toBeInstanceOf(EmbeddingKeyMissingError);
    expect(error).toMatchObject({ message, httpStatus: 500 });
  });
});
