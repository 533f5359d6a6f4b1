import { InvalidServerAddressError, UnroutableNameError } from "../errors.js";

/** Query-string pairs; undefined leaves a name out, an array repeats it. */
export type UrlQuery = Readonly<Record<string, string | number | undefined | readonly string[]>>;

/**
 * @returns the address without trailing slashes
 * @throws InvalidServerAddressError for what is no http(s) address, or holds credentials, a query or a fragment
 */
export function parseBaseUrl(text: string): string {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url === undefined || (url.protocol !== "http:" && url.protocol !== "https:")) throw new InvalidServerAddressError(text, "it is no http:// or https:// address");
  if (url.username !== "" || url.password !== "") throw new InvalidServerAddressError(url.origin, "credentials do not belong into an address");
  if (url.search !== "" || url.hash !== "" || /[?#]/.test(text)) throw new InvalidServerAddressError(text, "it has a query string or a fragment");
  return `${url.origin}${url.pathname}`.replace(/\/+$/, "");
}

/** §5.8: every segment is encoded by itself, so a branch may hold slashes and no segment can be empty. */
export function composeUrl(base: string, segments: readonly string[], query: UrlQuery = {}): string {
  const path = segments.map((segment, index) => `/${encodeSegment(segment, segments[index - 1])}`).join("");
  const pairs = Object.entries(query).flatMap(([name, value]) => {
    const values = Array.isArray(value) ? (value as readonly string[]) : value === undefined ? [] : [String(value)];
    return values.map((item) => `${encodeQuery(name)}=${encodeQuery(item)}`);
  });
  return `${base.replace(/\/+$/, "")}${path}${pairs.length === 0 ? "" : `?${pairs.join("&")}`}`;
}

/** Dots alone would be resolved away by the URL parser of every client, encoded or not. */
function encodeSegment(segment: string, collection: string | undefined): string {
  if (segment === "" || segment === "." || segment === "..") throw new UnroutableNameError(segment, collection);
  return encodeQuery(segment);
}

/** A lone surrogate has no UTF-8 form and becomes U+FFFD, which no name on the server equals. */
function encodeQuery(text: string): string {
  return encodeURIComponent(text.isWellFormed() ? text : text.toWellFormed());
}
