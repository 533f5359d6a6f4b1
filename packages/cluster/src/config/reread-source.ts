import { diagnostic, type Diagnostics } from "../diagnostics/cluster-diagnostic.js";
import { contentDigest } from "../digests.js";
import { SOURCE_FILE_BYTES_MAX } from "./config-limits.js";
import type { DesiredResource } from "./desired-state.js";
import { readTextFile } from "./text-file.js";

/**
 * Reads the file of a schema, query or policy again, before it is used (cluster.md §11.2–11.4).
 *
 * @returns the text; undefined after adding `resource_content_changed` when it is no longer what was planned with
 */
export function rereadSource(resource: DesiredResource, diagnostics: Diagnostics): Promise<string | undefined> {
  return Promise.resolve(readUnchanged(resource, diagnostics));
}

function readUnchanged(resource: DesiredResource, diagnostics: Diagnostics): string | undefined {
  const { address, digest, file, path } = resource;
  const read = file === undefined ? undefined : readTextFile(file, SOURCE_FILE_BYTES_MAX);
  if (read !== undefined && "text" in read && contentDigest(read.text) === digest) return read.text;
  const what = read === undefined || "text" in read ? "changed" : `${read.problem} any more`;
  const place = file === undefined ? {} : { place: { file, line: 1, column: 1 } };
  diagnostics.add(diagnostic("resource_content_changed", address, `${path ?? address} ${what} since it was planned with; run the command again with the files at rest`, place));
  return undefined;
}
