import { inspect } from "node:util";
import { EmbeddingConfigError, parseEmbeddingEnvironment } from "@omnigraphdb/embeddings";
import { describe, expect, test } from "vitest";

const configOf = (env: Record<string, string>) => parseEmbeddingEnvironment(env).config;

describe("EM-2 EM-4 the provider and its defaults", () => {
  test.each([
    { env: {}, provider: "openai-compatible", baseUrl: "https://openrouter.ai/api/v1", model: "openai/text-embedding-3-large" },
    { env: { OMNIGRAPH_EMBED_PROVIDER: "openai" }, provider: "openai", baseUrl: "https://api.openai.com/v1", model: "text-embedding-3-large" },
    { env: { OMNIGRAPH_EMBED_PROVIDER: "gemini" }, provider: "gemini", baseUrl: "https://generativelanguage.googleapis.com/v1beta", model: "gemini-embedding-2" },
    { env: { GEMINI_API_KEY: "g" }, provider: "gemini", baseUrl: "https://generativelanguage.googleapis.com/v1beta", model: "gemini-embedding-2" },
    { env: { GEMINI_API_KEY: "g", OPENAI_API_KEY: "o" }, provider: "openai-compatible", baseUrl: "https://openrouter.ai/api/v1", model: "openai/text-embedding-3-large" },
    { env: { OMNIGRAPH_EMBED_PROVIDER: "  " }, provider: "openai-compatible", baseUrl: "https://openrouter.ai/api/v1", model: "openai/text-embedding-3-large" },
    { env: { OMNIGRAPH_EMBED_BASE_URL: "http://localhost:11434/v1//", OMNIGRAPH_EMBED_MODEL: "nomic-embed-text" }, provider: "openai-compatible", baseUrl: "http://localhost:11434/v1", model: "nomic-embed-text" },
    { env: { OMNIGRAPH_EMBED_PROVIDER: "gemini", OMNIGRAPH_GEMINI_BASE_URL: "http://g.test/v1" }, provider: "gemini", baseUrl: "http://g.test/v1", model: "gemini-embedding-2" },
    { env: { OMNIGRAPH_EMBED_PROVIDER: "gemini", OMNIGRAPH_GEMINI_BASE_URL: "http://g.test/v1", OMNIGRAPH_EMBED_BASE_URL: "http://e.test" }, provider: "gemini", baseUrl: "http://e.test", model: "gemini-embedding-2" },
  ])("$env gives $provider", ({ env, provider, baseUrl, model }) => {
    expect(configOf(env as Record<string, string>)).toMatchObject({ provider, baseUrl, model });
  });

  test("an unknown provider is refused by name", () => {
    expect(() => configOf({ OMNIGRAPH_EMBED_PROVIDER: "acme" })).toThrow("unknown embedding provider 'acme' (expected openai-compatible|openai|gemini|mock)");
  });
});

describe("EM-3 the mock", () => {
  test.each(["1", "true", "YES", "On"])("%s forces it, with a warning when it replaces a provider", (value) => {
    const { config, warnings } = parseEmbeddingEnvironment({ OMNIGRAPH_EMBEDDINGS_MOCK: value, OMNIGRAPH_EMBED_PROVIDER: "gemini" });
    expect(config).toEqual({ provider: "mock", model: "" });
    expect(warnings).toEqual(["OMNIGRAPH_EMBEDDINGS_MOCK replaces embedding provider 'gemini' by the mock"]);
  });

  test.each(["0", "false", "", "no"])("'%s' does not", (value) => {
    expect(configOf({ OMNIGRAPH_EMBEDDINGS_MOCK: value }).provider).toBe("openai-compatible");
  });

  test("reports the configured model", () => {
    expect(configOf({ OMNIGRAPH_EMBED_PROVIDER: "mock", OMNIGRAPH_EMBED_MODEL: "demo" })).toEqual({ provider: "mock", model: "demo" });
  });
});

describe("keys", () => {
  test("EM-4 openai-compatible tries OpenRouter's key first; openai takes only its own", () => {
    const keyOf = (env: Record<string, string>) => {
      const config = configOf(env);
      return config.provider === "mock" ? undefined : config.apiKey?.reveal();
    };
    expect(keyOf({ OPENROUTER_API_KEY: "r", OPENAI_API_KEY: "o" })).toBe("r");
    expect(keyOf({ OPENAI_API_KEY: "o" })).toBe("o");
    expect(keyOf({ OPENROUTER_API_KEY: "r", OMNIGRAPH_EMBED_PROVIDER: "openai" })).toBeUndefined();
  });

  test("EM-11 a configuration that is printed does not show its key", () => {
    const config = configOf({ OPENAI_API_KEY: "sk-secret" });
    expect(`${inspect(config, { depth: 9 })}${JSON.stringify(config)}`).not.toContain("sk-secret");
  });

  test("EM-11 a key that no header takes is refused without showing it", () => {
    expect(() => configOf({ OPENAI_API_KEY: "sk-sec\nret" })).toThrow(EmbeddingConfigError);
    expect(() => configOf({ OPENAI_API_KEY: "sk-sec\nret" })).toThrow(/^environment variable OPENAI_API_KEY holds characters that no key has$/);
  });
});

describe("EM-5 times and attempts", () => {
  test("have the specified defaults", () => {
    expect(configOf({})).toMatchObject({ policy: { timeoutMs: 30_000, deadlineMs: 60_000, attempts: 4, backoffMs: 200 } });
  });

  test.each([
    ["OMNIGRAPH_EMBED_TIMEOUT_MS", "0"],
    ["OMNIGRAPH_EMBED_TIMEOUT_MS", "1e3"],
    ["OMNIGRAPH_EMBED_DEADLINE_MS", "-1"],
    ["OMNIGRAPH_EMBED_DEADLINE_MS", "99999999999"],
    ["OMNIGRAPH_EMBED_RETRY_ATTEMPTS", "0"],
    ["OMNIGRAPH_EMBED_RETRY_BACKOFF_MS", "fast"],
    ["OMNIGRAPH_EMBED_BASE_URL", "localhost:11434"],
    ["OMNIGRAPH_EMBED_BASE_URL", "http://user:secret@host/v1"],
    ["OMNIGRAPH_EMBED_BASE_URL", "http://host/v1?key=secret"],
  ])("%s=%s is refused", (variable, value) => {
    let thrown: unknown;
    try {
      configOf({ [variable]: value });
    } catch (error) {
      thrown = error;
    }
    expect(thrown).toBeInstanceOf(EmbeddingConfigError);
    expect(thrown).toMatchObject({ code: "EMBEDDING_CONFIG_INVALID", httpStatus: 500, variable });
    expect(String(thrown)).not.toContain("secret");
  });
});
