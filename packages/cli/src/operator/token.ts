import type { Io } from "../io.js";
import type { OperatorConfig } from "./config.js";
import { readCredential } from "./credentials.js";
import { matchServer } from "./server-url.js";
import { tokenVariable } from "./token-variable.js";

/**
 * The token for a request (§7.2): the keyed token of the operator server that the URL belongs to, else what the legacy graph
 * names, else `OMNIGRAPH_BEARER_TOKEN`. The credentials file is opened only when no variable decides before.
 * What `auth.env_file` of a legacy file sets is part of the environment by now.
 *
 * @param url of the request, or the base URL that all requests continue
 * @param legacyVariable holds the token of the legacy graph that the address came from; undefined when it came from elsewhere
 * @returns undefined when requests go without `Authorization`
 * @throws CredentialsFileError
 */
export async function resolveToken(
  io: Io,
  config: Pick<OperatorConfig, "servers" | "credentialsPath">,
  url: string,
  legacyVariable?: string,
): Promise<string | undefined> {
  return (await keyedToken(io, config, url)) ?? sharedToken(io, legacyVariable);
}

async function keyedToken(io: Io, { servers, credentialsPath }: Pick<OperatorConfig, "servers" | "credentialsPath">, url: string): Promise<string | undefined> {
  const server = matchServer(servers, url);
  if (server === undefined) return undefined;
  const given = nonBlank(io.env[tokenVariable(server)]);
  if (given !== undefined || credentialsPath === undefined) return given;
  return nonBlank(await readCredential(credentialsPath, server));
}

function sharedToken({ env }: Io, legacyVariable: string | undefined): string | undefined {
  const ofLegacyGraph = legacyVariable === undefined ? undefined : nonBlank(env[legacyVariable]);
  return ofLegacyGraph ?? nonBlank(env["OMNIGRAPH_BEARER_TOKEN"]);
}

function nonBlank(value: string | undefined): string | undefined {
  const trimmed = value?.trim();
  return trimmed === undefined || trimmed === "" ? undefined : trimmed;
}
