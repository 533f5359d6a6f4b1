import { diagnostic, type Diagnostics } from "../../diagnostics/cluster-diagnostic.js";
import type { DiagnosticCode } from "../../diagnostics/diagnostic-codes.js";
import type { EmbeddingProfile } from "../../ledger/ledger.js";
import { isResourceName, RESOURCE_NAME_RULE } from "../../resource-address.js";
import type { DeclaredProvider } from "../cluster-file.js";
import { shown } from "../config-document.js";
import type { Located } from "../config-reader.js";

const KINDS = ["openai-compatible", "openai", "gemini", "mock"] as const;
const DEFAULT_KIND = "openai-compatible";
const REFERENCE = /^\$\{[A-Za-z_][A-Za-z0-9_]*\}$/;

/**
 * Checks an embedding provider (cluster.md §2.8). No message shows a value that may be a secret, and no variable is read.
 *
 * @returns the profile as it is declared, with its kind; complete unless an error was added
 */
export function checkProvider(provider: DeclaredProvider, diagnostics: Diagnostics): EmbeddingProfile {
  const report = (code: DiagnosticCode, { path, place }: Pick<Located<unknown>, "path" | "place">, message: string): void => diagnostics.add(diagnostic(code, path, message, { place }));
  const { id, kind, baseUrl, model, apiKey, isComplete } = provider;
  if (!isResourceName(id)) report("invalid_resource_id", provider, `'${shown(id)}' cannot name a provider. ${RESOURCE_NAME_RULE}`);
  if (kind !== undefined && !KINDS.some((known) => known === kind.value)) report("invalid_embedding_provider", kind, `unknown kind '${shown(kind.value)}'; kinds are ${KINDS.join(", ")}`);
  const urlProblem = baseUrl === undefined ? undefined : problemOfUrl(baseUrl.value);
  if (baseUrl !== undefined && urlProblem !== undefined) report("invalid_embedding_provider", baseUrl, urlProblem);
  if (model !== undefined && model.value.trim() === "") report("invalid_embedding_provider", model, "the model is blank; name one or remove the key");
  const needsKey = kind?.value !== "mock" && !(baseUrl !== undefined && urlProblem === undefined && isLoopback(baseUrl.value));
  if (apiKey !== undefined && apiKey.value.trim() === "") report("embedding_api_key_required", apiKey, "the key is blank; write ${NAME}, a variable of the environment that the server runs in");
  else if (apiKey !== undefined && !REFERENCE.test(apiKey.value.trim())) {
    report("embedding_api_key_inline", apiKey, "the key must not stand in the file: write ${NAME}, a variable of the environment that the server runs in, and revoke a key that was committed");
  } else if (apiKey === undefined && needsKey && isComplete) {
    report("embedding_api_key_required", { path: `${provider.path}.api_key`, place: provider.place }, `provider '${shown(id)}' needs a key; add 'api_key: \${NAME}', a variable of the environment that the server runs in`);
  }
  return {
    kind: kind?.value ?? DEFAULT_KIND,
    ...(baseUrl === undefined ? {} : { base_url: baseUrl.value.trim().replace(/\/+$/, "") }),
    ...(model === undefined ? {} : { model: model.value.trim() }),
    ...(apiKey === undefined ? {} : { api_key: apiKey.value.trim() }),
  };
}

function problemOfUrl(text: string): string | undefined {
  const url = URL.canParse(text.trim()) ? new URL(text.trim()) : undefined;
  if (url === undefined || !/^https?:$/.test(url.protocol)) return "the base URL is no http or https address, such as https://api.openai.com/v1";
  if (url.username !== "" || url.password !== "" || url.search !== "" || url.hash !== "") return "the base URL has a user, a query or a fragment; give the address alone, and the key as 'api_key: ${NAME}'";
  return undefined;
}

/** Local servers need no key. */
function isLoopback(baseUrl: string): boolean {
  const { hostname } = new URL(baseUrl.trim());
  return hostname === "localhost" || hostname.endsWith(".localhost") || hostname === "[::1]" || /^127\.\d+\.\d+\.\d+$/.test(hostname);
}
