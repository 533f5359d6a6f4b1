/** An http(s) address in the form that addresses are compared in: origin with lower-case host and no default port, path without a trailing `/`. */
interface ComparableUrl {
  readonly origin: string;
  readonly path: string;
}

/** What is wrong with the base URL of a server; never repeats its user information. */
export function serverUrlProblem(text: string): string | undefined {
  const url = parsed(text);
  if (url === undefined) return "is not a URL such as https://graphs.example.net";
  if (url.protocol !== "http:" && url.protocol !== "https:") return "must begin with http:// or https://";
  if (url.username !== "" || url.password !== "") return "must not contain a user name or a password; store a token with 'omnigraph login'";
  if (url.search !== "" || url.hash !== "") return "must end with its path, without ? or #";
  return undefined;
}

/** The base URL without trailing `/` (§5.8). */
export function trimmedBaseUrl(text: string): string {
  return text.trim().replace(/\/+$/, "");
}

export function isHttpUrl(text: string): boolean {
  return /^https?:\/\//i.test(text);
}

/** The base URL of a graph, or that of its server where the server has only one (http-api 1.1). */
export function graphUrl(server: string, graphId: string | undefined): string {
  return graphId === undefined ? server : `${server}/graphs/${encodeURIComponent(graphId)}`;
}

/** Undoes {@link graphUrl}; a URL of another form is that of a server (O11). */
export function splitGraphUrl(url: string): { readonly server: string; readonly graphId: string | undefined } {
  const base = trimmedBaseUrl(url);
  const [, server = base, graphId] = /^(.*)\/graphs\/([^/]+)$/.exec(base) ?? [];
  return { server: trimmedBaseUrl(server), graphId: graphId === undefined ? undefined : decoded(graphId) };
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

/**
 * The server a request belongs to (§7.1): the one with the longest base URL that the request URL equals or continues after a `/`.
 * Hosts compare without letter case, paths with it, default ports are no ports (O5).
 *
 * @param servers name and base URL; of equal URLs the first wins
 * @returns its name; undefined when there is none, or the address is no http(s) URL
 */
export function matchServer(servers: Iterable<readonly [string, { readonly url: string }]>, requestUrl: string): string | undefined {
  const request = comparable(requestUrl);
  if (request === undefined) return undefined;
  let best: { readonly name: string; readonly length: number } | undefined;
  for (const [name, { url }] of servers) {
    const base = comparable(url);
    if (base === undefined || base.origin !== request.origin) continue;
    if (request.path !== base.path && !request.path.startsWith(`${base.path}/`)) continue;
    if (best === undefined || base.path.length > best.length) best = { name, length: base.path.length };
  }
  return best?.name;
}

function comparable(text: string): ComparableUrl | undefined {
  const url = parsed(text);
  if (url === undefined || (url.protocol !== "http:" && url.protocol !== "https:")) return undefined;
  return { origin: url.origin, path: url.pathname.replace(/\/+$/, "") };
}

function parsed(text: string): URL | undefined {
  try {
    return new URL(text.trim());
  } catch {
    return undefined;
  }
}
