import { ApiKey } from "./api-key.js";
import type { EmbeddingConfig, HttpProvider, ProviderName, RequestPolicy } from "./embedding-config.js";
import { EmbeddingConfigError } from "./errors.js";

export type Environment = Readonly<Record<string, string | undefined>>;

export interface EmbeddingEnvironment {
  readonly config: EmbeddingConfig;
  /** What the user should know, although it is no failure: one sentence each. */
  readonly warnings: readonly string[];
}

interface ProviderDefaults {
  readonly baseUrl: string;
  readonly model: string;
  /** In order. */
  readonly keyVariables: readonly string[];
}

const DEFAULTS: Readonly<Record<HttpProvider, ProviderDefaults>> = {
  "openai-compatible": { baseUrl: "https://openrouter.ai/api/v1", model: "openai/text-embedding-3-large", keyVariables: ["OPENROUTER_API_KEY", "OPENAI_API_KEY"] },
  openai: { baseUrl: "https://api.openai.com/v1", model: "text-embedding-3-large", keyVariables: ["OPENAI_API_KEY"] },
  gemini: { baseUrl: "https://generativelanguage.googleapis.com/v1beta", model: "gemini-embedding-2", keyVariables: ["GEMINI_API_KEY"] },
};

const PROVIDERS: readonly ProviderName[] = ["openai-compatible", "openai", "gemini", "mock"];

const MOCK_VARIABLE = "OMNIGRAPH_EMBEDDINGS_MOCK";
const PROVIDER_VARIABLE = "OMNIGRAPH_EMBED_PROVIDER";
const BASE_URL_VARIABLE = "OMNIGRAPH_EMBED_BASE_URL";
const GEMINI_BASE_URL_VARIABLE = "OMNIGRAPH_GEMINI_BASE_URL";

/** What a timer can wait. */
const MILLISECONDS_MAX = 2 ** 31 - 1;
const ATTEMPTS_MAX = 100;

/**
 * The provider that a record of variables describes (query specification §10, operator configuration §11.2). A missing key is no
 * error here: it is one when something is embedded (EM-4).
 *
 * @throws EmbeddingConfigError
 */
export function parseEmbeddingEnvironment(env: Environment): EmbeddingEnvironment {
  if (/^(1|true|yes|on)$/i.test(present(env, MOCK_VARIABLE) ?? "")) {
    const replaced = present(env, PROVIDER_VARIABLE);
    const warnings = replaced === undefined || replaced === "mock" ? [] : [`${MOCK_VARIABLE} replaces embedding provider '${replaced}' by the mock`];
    return { config: mockConfig(env), warnings };
  }
  const provider = chosenProvider(env) ?? defaultProvider(env);
  return { config: provider === "mock" ? mockConfig(env) : httpConfig(provider, env), warnings: [] };
}

function mockConfig(env: Environment): EmbeddingConfig {
  return { provider: "mock", model: present(env, "OMNIGRAPH_EMBED_MODEL") ?? "" };
}

function httpConfig(provider: HttpProvider, env: Environment): EmbeddingConfig {
  const defaults = DEFAULTS[provider];
  const baseUrl = baseUrlOf(provider, env) ?? defaults.baseUrl;
  const keyVariable = defaults.keyVariables.find((name) => present(env, name) !== undefined);
  return {
    provider,
    model: present(env, "OMNIGRAPH_EMBED_MODEL") ?? defaults.model,
    baseUrl,
    apiKey: keyVariable === undefined ? undefined : apiKeyOf(keyVariable, present(env, keyVariable) ?? ""),
    keyVariables: isLoopback(baseUrl) ? [] : defaults.keyVariables,
    policy: policyOf(env),
  };
}

function chosenProvider(env: Environment): ProviderName | undefined {
  const given = present(env, PROVIDER_VARIABLE);
  if (given === undefined) return undefined;
  const known = PROVIDERS.find((name) => name === given);
  if (known === undefined) throw new EmbeddingConfigError(PROVIDER_VARIABLE, `unknown embedding provider '${given}' (expected ${PROVIDERS.join("|")})`);
  return known;
}

/** An environment made for the first version, which knew Gemini only, keeps working. */
function defaultProvider(env: Environment): HttpProvider {
  const hasOther = DEFAULTS["openai-compatible"].keyVariables.some((name) => present(env, name) !== undefined);
  return present(env, "GEMINI_API_KEY") !== undefined && !hasOther ? "gemini" : "openai-compatible";
}

function baseUrlOf(provider: HttpProvider, env: Environment): string | undefined {
  const variable = present(env, BASE_URL_VARIABLE) === undefined && provider === "gemini" ? GEMINI_BASE_URL_VARIABLE : BASE_URL_VARIABLE;
  const given = present(env, variable);
  if (given === undefined) return undefined;
  const url = URL.canParse(given) ? new URL(given) : undefined;
  if (url === undefined || !/^https?:$/.test(url.protocol)) {
    throw new EmbeddingConfigError(variable, `environment variable ${variable} is no http or https address`, "Give a base address, such as http://localhost:11434/v1.");
  }
  if (url.username !== "" || url.password !== "" || url.search !== "" || url.hash !== "") {
    throw new EmbeddingConfigError(variable, `environment variable ${variable} has a user, a query or a fragment`, "Give the base address alone; a key belongs into the variable of the provider's key.");
  }
  return given.replace(/\/+$/, "");
}

/** Local servers know no keys (EM-4). */
function isLoopback(baseUrl: string): boolean {
  const { hostname } = new URL(baseUrl);
  return hostname === "localhost" || hostname.endsWith(".localhost") || hostname === "[::1]" || /^127\.\d+\.\d+\.\d+$/.test(hostname);
}

function apiKeyOf(variable: string, text: string): ApiKey {
  // A header takes nothing else, and its own complaint would repeat the key.
  if (!/^[\x21-\x7e]+$/.test(text)) throw new EmbeddingConfigError(variable, `environment variable ${variable} holds characters that no key has`);
  return new ApiKey(text);
}

function policyOf(env: Environment): RequestPolicy {
  return {
    timeoutMs: wholeNumber(env, "OMNIGRAPH_EMBED_TIMEOUT_MS", 30_000, 1, MILLISECONDS_MAX),
    deadlineMs: wholeNumber(env, "OMNIGRAPH_EMBED_DEADLINE_MS", 60_000, 0, MILLISECONDS_MAX),
    attempts: wholeNumber(env, "OMNIGRAPH_EMBED_RETRY_ATTEMPTS", 4, 1, ATTEMPTS_MAX),
    backoffMs: wholeNumber(env, "OMNIGRAPH_EMBED_RETRY_BACKOFF_MS", 200, 0, MILLISECONDS_MAX),
  };
}

function wholeNumber(env: Environment, variable: string, fallback: number, min: number, max: number): number {
  const text = present(env, variable);
  if (text === undefined) return fallback;
  const value = Number(text);
  if (!/^[0-9]+$/.test(text) || value < min || value > max) {
    throw new EmbeddingConfigError(variable, `environment variable ${variable} is '${text}'; expected a whole number from ${min} to ${max}`);
  }
  return value;
}

/** Blank is unset. */
function present(env: Environment, name: string): string | undefined {
  const value = env[name]?.trim();
  return value === "" ? undefined : value;
}
