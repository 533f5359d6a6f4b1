import type { ReadFormat } from "../output/read-result.js";
import { mergeParameters, positionalParameters } from "../alias-parameters.js";
import type { OperatorAlias, OperatorConfig } from "./config.js";
import { AliasError, UnknownOperatorNameError } from "./errors.js";
import { graphUrl } from "./server-url.js";

/** The call that an operator alias stands for (§8). */
export interface AliasCall {
  /** Of the graph, or of a server that serves one graph at its base URL. */
  readonly url: string;
  /** Name of the server. */
  readonly server: string;
  readonly graphId: string | undefined;
  /** Name of the stored query. */
  readonly query: string;
  /** Undefined when there are none. */
  readonly params: Readonly<Record<string, unknown>> | undefined;
  readonly format: ReadFormat | undefined;
}

/**
 * Binds an alias to its arguments (§8.5): fixed parameters give way to positional arguments, these to `--params`.
 *
 * @param given what `--params` or `--params-file` holds, parsed
 * @throws UnknownOperatorNameError, AliasError
 */
export async function aliasCall(config: OperatorConfig, name: string, args: readonly string[], given: unknown): Promise<AliasCall> {
  const { aliases, servers, path } = config;
  const alias = aliases.get(name);
  if (alias === undefined) throw new UnknownOperatorNameError(`alias '${name}'`, "aliases", aliases.keys(), path);
  const { server, query } = checkedBinding(name, alias);
  const url = servers.get(server)?.url;
  if (url === undefined) throw new UnknownOperatorNameError(`server '${server}' of alias '${name}'`, "servers", servers.keys(), path);
  const positional = await positionalParameters(name, alias.args, args);
  const params = mergeParameters(name, alias.params, positional, given);
  return {
    url: graphUrl(url, alias.graph),
    server,
    graphId: alias.graph,
    query,
    params: Object.keys(params).length === 0 ? undefined : params,
    format: alias.format,
  };
}

function checkedBinding(name: string, { server, query, invalidParams }: OperatorAlias): { readonly server: string; readonly query: string } {
  const problem = (text: string, hint: string): AliasError => new AliasError(`alias '${name}' ${text}`, { hint });
  if (server === undefined) throw problem("names no server", "Give it 'server', a name of 'servers'.");
  if (query === undefined) throw problem("names no query", "Give it 'query', the name of a stored query.");
  if (query.includes("/") || query.endsWith(".gq")) {
    throw problem(`has the path '${query}' as its query`, "Put the query into the cluster's catalog and name it here: an alias has no content of its own.");
  }
  if (invalidParams.length > 0) throw problem(`has the parameter ${invalidParams.join(", ")}, which is no string`, "Quote the key.");
  return { server, query };
}
