import { fileURLToPath } from "node:url";

/** How people are shown where something lies: absolute local paths, addresses of object storage (cluster.md 4.5). */
export function shownLocation(uri: string): string {
  return uri.startsWith("file://") ? fileURLToPath(uri) : uri;
}
