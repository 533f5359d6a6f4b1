import { AssertionError, type Effects, isOmniError } from "@omnigraphdb/common";
import { HistoricalVersionReclaimedError, StorageError, type StorageErrorKind } from "../errors.js";

/**
 * The single place that reads native error text (ST-22): the binding throws plain errors without a usable code.
 * First match wins. The texts are pinned by the substrate guard tests.
 */
const KIND_OF_TEXT: readonly (readonly [pattern: RegExp, kind: StorageErrorKind])[] = [
  [/Table '[^']*' was not found/, "NotFound"],
  [/Ref not found error/, "NotFound"],
  [/Not found: [^\n]*\/_refs\/branches\//, "NotFound"],
  [/Not found: [^\n]*\/tree\/[^/\n]+\/_versions\b/, "NotFound"],
  [/already exists/, "Precondition"],
  // A branch of that name, or what is left of one, exists (SUB-8).
  [/Clone operation should not enter build_manifest/, "Precondition"],
  [/Ref conflict error/, "Precondition"],
  [/Retryable commit conflict|Too many concurrent writers/i, "Transient"],
  [/Incompatible transaction|Commit conflict/i, "Precondition"],
  [/Failed to get AWS credentials/, "Configuration"],
  [/timed? ?out/i, "Transient"],
  [/Permission denied|Read-only file system|No space left|AccessDenied|InvalidAccessKeyId|SignatureDoesNotMatch/i, "Permanent"],
  [/error sending request|connection (refused|reset|closed)|dns error/i, "Transient"],
];

const MISSING_VERSION = /_versions\/\d+\.manifest was not found/;
const MISSING_FILE = /Not found: .*\/(data|_deletions|tree)\//;

export interface NativeCall {
  /** What was attempted, as the verb phrase of "cannot …". */
  readonly action: string;
  /** The pinned version that is read. */
  readonly version?: number;
  /** `possible` for writes: an error does not prove that nothing happened. */
  readonly effects?: Effects;
}

/** What a failure of a native call means. Errors of ours pass through. */
export function classifyNativeError(error: unknown, { action, version, effects = "none" }: NativeCall): Error {
  if (isOmniError(error) || error instanceof AssertionError) return error;
  const text = error instanceof Error ? error.message : String(error);
  if (version !== undefined && (MISSING_VERSION.test(text) || MISSING_FILE.test(text))) {
    return new HistoricalVersionReclaimedError(version, { cause: error });
  }
  const kind = KIND_OF_TEXT.find(([pattern]) => pattern.test(text))?.[1] ?? "Unknown";
  return new StorageError(kind, `cannot ${action}: ${withoutPaths(text)}`, { cause: error, effects });
}

/** Runs a native call and translates its failure. */
export async function translateNativeErrors<T>(call: NativeCall, run: () => Promise<T>): Promise<T> {
  try {
    return await run();
  } catch (error) {
    throw classifyNativeError(error, call);
  }
}

/** What the native library says about its many ways to find credentials is a dump of its state. */
const NO_CREDENTIALS = "no credentials for the object store were found: set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY";

/** Native messages end in source locations of the native build and carry physical paths. */
function withoutPaths(text: string): string {
  if (text.includes("Failed to get AWS credentials")) return NO_CREDENTIALS;
  const request = requestFailure(text);
  if (request !== undefined) return request;
  const firstLine = text.split("\n", 1)[0] as string;
  const withoutLocations = firstLine.split(", /", 1)[0] as string;
  return withoutLocations
    .replace(/\s+Caused by:.*$/, "")
    .replace(/(?<![\w'"])[\w.-]*(?:\/[\w.@%+=-]+){2,}/g, "<path>");
}

/** What a failed request of the object store says at its core; around it stands a dump of the native library's state. */
function requestFailure(text: string): string | undefined {
  if (!/source: \w*RetryError|RetryErrorImpl/.test(text)) return undefined;
  const status = /status: (\d{3})/.exec(text)?.[1];
  const code = /<Code>(\w+)<\/Code>/.exec(text)?.[1];
  const reason = [...text.matchAll(/message: "([^"\\]+)"/g)].at(-1)?.[1];
  const parts = [status === undefined ? undefined : `status ${status}`, code ?? reason].filter((part) => part !== undefined);
  return `the object store did not answer as it should${parts.length === 0 ? "" : `: ${parts.join(" ")}`}`;
}
