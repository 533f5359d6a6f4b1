import type { Io } from "../io.js";
import type { OperatorConfig } from "./config.js";
import { readCredential } from "./credentials.js";
import { matchServer } from "./server-url.js";
import { tokenVariable } from "./token-variable.js";

/** What a legacy file adds to the search for a token (§7.2 steps 3 and 4). */
export interface LegacyTokenSource {
  /** Name of the variable with the token of the graph that the address came from; undefined when it came from elsewhere. */
  readonly bearerTokenEnv: string | undefined;
  /** What `auth.env_file` sets. */
  readonly envFile: ReadonlyMap<string, string>;
}

/**
 * The token for a request (§7.2): the keyed token of the operator server that the URL belongs to, else what the legacy graph
 * names, else `OMNIGRAPH_BEARER_TOKEN`. The credentials file is opened only when no variable decides before.
 *
 * @param url of the request, or the base URL that all requests continue
 * @returns undefined when requests go without `Authorization`
 * @throws CredentialsFileError
 */
export async function resolveToken(
  io: Io,
  config: Pick<OperatorConfig, "servers" | "credentialsPath">,
  url: string,
  legacy?: LegacyTokenSource,
): Promise<string | undefined> {
  return (await keyedToken(io, config, url)) ?? sharedToken(io, legacy);
}

async function keyedToken(io: Io, { servers, credentialsPath }: Pick<OperatorConfig, "servers" | "credentialsPath">, url: string): Promise<string | undefined> {
  const server = matchServer(servers, url);
  if (server === undefined) return undefined;
  const given = nonBlank(io.env[tokenVariable(server)]);
  if (given !== undefined || credentialsPath === undefined) return given;
  return nonBlank(await readCredential(credentialsPath, server));
}

function sharedToken(io: Io, legacy: LegacyTokenSource | undefined): string | undefined {
  for (const variable of [legacy?.bearerTokenEnv, "OMNIGRAPH_BEARER_TOKEN"]) {
    if (variable === undefined) continue;
    const token = nonBlank(io.env[variable]) ?? nonBlank(legacy?.envFile.get(variable));
    if (token !== undefined) return token;
  }
  return undefined;
}

function nonBlank(value: string | undefined): string | undefined {
  const trimmed = value?.trim();
  return trimmed === undefined || trimmed === "" ? undefined : trimmed;
}
