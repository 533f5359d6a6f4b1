import type { AppliedEmbedding } from "@omnigraphdb/cluster";
import { type Embedder, isOmniError } from "@omnigraphdb/common";
import { createEmbedder, parseEmbeddingEnvironment } from "@omnigraphdb/embeddings";
import type { MakeEmbedder } from "@omnigraphdb/engine";
import { type Environment, present } from "./environment.js";
import type { GraphProblem } from "./errors.js";

/** Variables of requests, which a profile does not have. */
const REQUEST_VARIABLES = ["OMNIGRAPH_EMBED_TIMEOUT_MS", "OMNIGRAPH_EMBED_DEADLINE_MS", "OMNIGRAPH_EMBED_RETRY_ATTEMPTS", "OMNIGRAPH_EMBED_RETRY_BACKOFF_MS"];

const KEY_VARIABLE: Readonly<Record<string, string>> = { "openai-compatible": "OPENROUTER_API_KEY", openai: "OPENAI_API_KEY", gemini: "GEMINI_API_KEY" };

/** The provider that the environment describes, for graphs without a profile. What is wrong with it shows when something is embedded. */
export function environmentEmbedder(env: Environment): MakeEmbedder {
  return () => Promise.resolve(createEmbedder(parseEmbeddingEnvironment(env).config));
}

/**
 * The provider of an applied profile; its secret is taken from the environment once, now (server.md 5.3).
 *
 * @returns a problem naming the variable, never its value
 */
export function profileEmbedder({ address, profile }: AppliedEmbedding, env: Environment): MakeEmbedder | GraphProblem {
  const reference = profile.api_key;
  const variable = reference === undefined ? undefined : /^\$\{([A-Za-z_][A-Za-z0-9_]*)\}$/.exec(reference)?.[1];
  if (reference !== undefined && variable === undefined) return problem(`the key of ${address} is no reference of the form \${NAME}`);
  const secret = variable === undefined ? undefined : present(env, variable);
  if (variable !== undefined && secret === undefined) return problem(`the embedding secret ${variable} of ${address} is not set`);
  const keyVariable = KEY_VARIABLE[profile.kind];
  const described: Record<string, string | undefined> = {
    ...Object.fromEntries(REQUEST_VARIABLES.map((name) => [name, env[name]])),
    OMNIGRAPH_EMBED_PROVIDER: profile.kind,
    OMNIGRAPH_EMBED_BASE_URL: profile.base_url,
    OMNIGRAPH_EMBED_MODEL: profile.model,
    ...(keyVariable === undefined ? {} : { [keyVariable]: secret }),
  };
  let embedder: Embedder;
  try {
    embedder = createEmbedder(parseEmbeddingEnvironment(described).config);
  } catch (error) {
    if (!isOmniError(error)) throw error;
    return problem(`the embedding profile ${address} cannot be used (${error.code})`);
  }
  return () => Promise.resolve(embedder);
}

function problem(reason: string): GraphProblem {
  return { reason, detail: reason };
}
