/**
 * From a method and a raw path to a route. Segments are split before they are decoded, and decoded once (http-api 1.1.4): an encoded
 * slash is part of a value and never a separator. A match by letters wins over a match by parameter.
 */

/** What matching needs to know of a route. */
export interface RoutePattern {
  readonly method: string;
  /** Such as `/graphs/{graph_id}/branches/{branch}`. */
  readonly path: string;
}

/** Values of the path's parameters, decoded. Undefined for text that is no percent-encoded UTF-8. */
export type PathParams = Readonly<Record<string, string | undefined>>;

export type RouteMatch<R> =
  | { readonly kind: "found"; readonly route: R; readonly params: PathParams }
  | { readonly kind: "unknown" }
  | { readonly kind: "method"; readonly allowed: readonly string[] };

type Segment = { readonly literal: string } | { readonly param: string };

interface Entry<R> {
  readonly route: R;
  readonly method: string;
  readonly segments: readonly Segment[];
  /** How many of its segments are letters: the higher, the more exact. */
  readonly exactness: number;
}

export class RouteMatcher<R extends RoutePattern> {
  readonly #byLength: ReadonlyMap<number, readonly Entry<R>[]>;
  /** Of routes without parameters, by path and method: nothing wins over them. */
  readonly #byLetters = new Map<string, Map<string, RouteMatch<R>>>();

  constructor(routes: readonly R[]) {
    const byLength = new Map<number, Entry<R>[]>();
    for (const route of routes) {
      if (!route.path.includes("{")) this.#addByLetters(route);
      const segments = route.path.slice(1).split("/").map(toSegment);
      const entries = byLength.get(segments.length) ?? [];
      entries.push({ route, method: route.method, segments, exactness: segments.filter((segment) => "literal" in segment).length });
      byLength.set(segments.length, entries);
    }
    for (const entries of byLength.values()) entries.sort((a, b) => b.exactness - a.exactness);
    this.#byLength = byLength;
  }

  /** Of two at one place the first one answers. */
  #addByLetters(route: R): void {
    const methods = this.#byLetters.get(route.path) ?? new Map<string, RouteMatch<R>>();
    this.#byLetters.set(route.path, methods);
    if (!methods.has(route.method)) methods.set(route.method, { kind: "found", route, params: {} });
  }

  /** @param path raw, as it stands in the request */
  match(method: string, path: string): RouteMatch<R> {
    const exact = this.#byLetters.get(path)?.get(method);
    if (exact !== undefined) return exact;
    const segments = path.slice(1).split("/").map(decodeSegment);
    const fitting = (this.#byLength.get(segments.length) ?? []).filter((entry) => fits(entry.segments, segments));
    if (fitting.length === 0) return { kind: "unknown" };
    const found = fitting.find((entry) => entry.method === method) ?? (method === "HEAD" ? fitting.find((entry) => entry.method === "GET") : undefined);
    if (found === undefined) return { kind: "method", allowed: allowedOf(fitting) };
    return { kind: "found", route: found.route, params: paramsOf(found.segments, segments) };
  }
}

function toSegment(text: string): Segment {
  return text.startsWith("{") ? { param: text.slice(1, -1) } : { literal: text };
}

function decodeSegment(text: string): string | undefined {
  if (!text.includes("%")) return text;
  try {
    return decodeURIComponent(text);
  } catch {
    return undefined;
  }
}

function fits(pattern: readonly Segment[], segments: readonly (string | undefined)[]): boolean {
  return pattern.every((segment, i) => ("literal" in segment ? segment.literal === segments[i] : segments[i] !== ""));
}

function paramsOf(pattern: readonly Segment[], segments: readonly (string | undefined)[]): PathParams {
  const params: Record<string, string | undefined> = {};
  for (const [i, segment] of pattern.entries()) if ("param" in segment) params[segment.param] = segments[i];
  return params;
}

/** Every route that answers GET answers HEAD (http-api 1.1.5). */
function allowedOf(entries: readonly { readonly method: string }[]): readonly string[] {
  const methods = new Set(entries.map(({ method }) => method));
  if (methods.has("GET")) methods.add("HEAD");
  return [...methods].sort();
}
