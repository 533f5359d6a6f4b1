import { isOmniError } from "@omnigraphdb/common";
import { HistoricalVersionReclaimedError, StorageError, type StorageErrorKind } from "../errors.js";

/**
 * The single place that reads native error text (ST-22): the binding throws plain errors without a usable code.
 * First match wins. The texts are pinned by the substrate guard tests.
 */
const KIND_OF_TEXT: readonly (readonly [pattern: RegExp, kind: StorageErrorKind])[] = [
  [/Table '[^']*' was not found/, "NotFound"],
  [/already exists/, "Precondition"],
  [/Retryable commit conflict|Too many concurrent writers/i, "Transient"],
  [/Incompatible transaction|Commit conflict/i, "Precondition"],
  [/timed? ?out/i, "Transient"],
  [/Permission denied|Read-only file system|No space left|AccessDenied|InvalidAccessKeyId|SignatureDoesNotMatch/i, "Permanent"],
  [/error sending request|connection (refused|reset|closed)|dns error/i, "Transient"],
];

const MISSING_VERSION = /_versions\/\d+\.manifest was not found/;
const MISSING_FILE = /Not found: .*\/(data|_deletions|tree)\//;

/** What a native failure means. Errors of ours pass through. `version` = the pinned version that was being read. */
export function classifyNativeError(error: unknown, action: string, version?: number): Error {
  if (isOmniError(error)) return error;
  const text = error instanceof Error ? error.message : String(error);
  if (version !== undefined && (MISSING_VERSION.test(text) || MISSING_FILE.test(text))) {
    return new HistoricalVersionReclaimedError(version, { cause: error });
  }
  const kind = KIND_OF_TEXT.find(([pattern]) => pattern.test(text))?.[1] ?? "Unknown";
  return new StorageError(kind, `cannot ${action}: ${withoutPaths(text)}`, { cause: error });
}

/** Runs a native call and translates its failure. */
export async function translateNativeErrors<T>(action: string, run: () => Promise<T>, version?: number): Promise<T> {
  try {
    return await run();
  } catch (error) {
    throw classifyNativeError(error, action, version);
  }
}

/** Native messages end in source locations of the native build and carry physical paths. */
export function withoutPaths(text: string): string {
  const firstLine = text.split("\n", 1)[0] as string;
  const withoutLocations = firstLine.split(", /", 1)[0] as string;
  return withoutLocations
    .replace(/\s+Caused by:.*$/, "")
    .replace(/(?<![\w'"])[\w.-]*(?:\/[\w.@%+=-]+){2,}/g, "<path>");
}
