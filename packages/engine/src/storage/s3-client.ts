import { GetObjectCommand, S3Client, S3ServiceException } from "@aws-sdk/client-s3";
import { StorageError, type StorageErrorKind } from "./errors.js";
import type { S3Settings } from "./s3-settings.js";

/** @throws StorageError of kind Configuration when the settings cannot reach an S3 store */
export function openS3Client(settings: S3Settings): S3Client {
  if (settings.endpoint?.startsWith("http://") === true && !settings.allowHttp) {
    throw new StorageError("Configuration", "the S3 endpoint is plain http, which is not allowed", {
      hint: "Use an https endpoint, or set AWS_ALLOW_HTTP=true for a trusted network.",
    });
  }
  const { accessKeyId, secretAccessKey, sessionToken } = settings;
  return new S3Client({
    region: settings.region,
    forcePathStyle: settings.forcePathStyle,
    // Checksums only where the protocol demands them: S3-compatible stores lag behind.
    requestChecksumCalculation: "WHEN_REQUIRED",
    responseChecksumValidation: "WHEN_REQUIRED",
    ...(settings.endpoint === undefined ? {} : { endpoint: settings.endpoint }),
    ...(accessKeyId === undefined || secretAccessKey === undefined
      ? {}
      : { credentials: { accessKeyId, secretAccessKey, ...(sessionToken === undefined ? {} : { sessionToken }) } }),
  });
}

/** HTTP status of a failed request; 0 = no answer. */
function statusOf(error: unknown): number {
  return error instanceof S3ServiceException ? (error.$metadata.httpStatusCode ?? 0) : 0;
}

/** Whether a request that failed may have been carried out: it got no answer, or was sent again after one that got none. */
export function isOutcomeUnknown(error: unknown): boolean {
  const status = statusOf(error);
  const attempts = error instanceof S3ServiceException ? (error.$metadata.attempts ?? 1) : 1;
  return status === 0 || status >= 500 || attempts > 1;
}

function kindOfStatus(status: number): StorageErrorKind {
  if (status === 404) return "NotFound";
  if (status === 412 || status === 409) return "Precondition";
  if (status === 401 || status === 403) return "Permanent";
  if (status === 429 || status >= 500) return "Transient";
  return status >= 400 ? "Configuration" : "Unknown";
}

/** Runs a request and says what its failure means. */
export async function translated<T>(action: string, uri: string, run: () => Promise<T>): Promise<T> {
  try {
    return await run();
  } catch (error) {
    if (error instanceof Error && error.name === "CredentialsProviderError") {
      // Callers pass on the message and not always the hint.
      throw new StorageError("Configuration", `cannot ${action} ${uri}: there are no credentials; set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY`, { cause: error });
    }
    const status = statusOf(error);
    const networkCode = (error as NodeJS.ErrnoException).code;
    const kind = status === 0 && networkCode !== undefined ? "Transient" : kindOfStatus(status);
    const reason = error instanceof Error ? error.name : "unexpected failure";
    throw new StorageError(kind, `cannot ${action} ${uri}: ${status === 0 ? (networkCode ?? reason) : `${status} ${reason}`}`, {
      cause: error,
    });
  }
}

/** The client repeats requests by itself, but not answers whose body breaks off. */
const BODY_ATTEMPTS_MAX = 4;

export interface ReadObject {
  readonly bytes: Uint8Array;
  /** The ETag; undefined from a store that sends none. */
  readonly tag: string | undefined;
}

/** A whole object. Reading changes nothing, so an answer that was cut off half-way is asked for again. */
export async function readObject(client: S3Client, bucket: string, key: string): Promise<ReadObject> {
  for (let attempt = 1; ; attempt++) {
    const answer = await client.send(new GetObjectCommand({ Bucket: bucket, Key: key }));
    try {
      return { bytes: (await answer.Body?.transformToByteArray()) ?? new Uint8Array(0), tag: answer.ETag };
    } catch (error) {
      if (attempt === BODY_ATTEMPTS_MAX) throw error;
    }
  }
}
