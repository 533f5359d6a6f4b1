/** Newest first (server.md 12.2.3). */
export const PROTOCOL_VERSIONS: readonly string[] = ["2025-06-18", "2025-03-26"];

/** Of a request that names none. */
export const DEFAULT_PROTOCOL_VERSION = "2025-03-26";

const NEWEST = "2025-06-18";

/** What `initialize` settles on: the requested version if it is supported, else the newest. */
export function negotiatedVersion(requested: string): string {
  return PROTOCOL_VERSIONS.includes(requested) ? requested : NEWEST;
}

/** Results carry their object beside its text. */
export function hasStructuredContent(version: string): boolean {
  return version === NEWEST;
}
