import { DeleteObjectsCommand, ListObjectsV2Command, type S3Client } from "@aws-sdk/client-s3";
import { StorageError } from "./errors.js";
import { translated } from "./s3-client.js";
import { parseS3Uri } from "./uri.js";

/** Limit of one multi-object delete request, and of one page of a listing. */
export const KEYS_PER_REQUEST_MAX = 1000;
/** Objects that other hands add while we delete are deleted too, this many times over. */
const PASSES_MAX = 5;

/** Every object whose key begins with that of `uri` and a slash, page by page, until a listing is empty. Siblings that share a name prefix stay. */
export async function deleteBelow(client: S3Client, bucket: string, uri: string): Promise<void> {
  const prefix = `${parseS3Uri(uri).key}/`;
  for (let pass = 0; pass < PASSES_MAX; pass++) {
    if ((await deletePages(client, bucket, uri, prefix)) === 0) return;
  }
  throw new StorageError("Precondition", `objects keep appearing below ${uri} while they are deleted`, { hint: "Stop whatever still writes there, then try again.", effects: "possible" });
}

/** @returns how many keys were listed and deleted */
async function deletePages(client: S3Client, bucket: string, uri: string, prefix: string): Promise<number> {
  let count = 0;
  let token: string | undefined;
  do {
    const command = new ListObjectsV2Command({ Bucket: bucket, Prefix: prefix, ContinuationToken: token, MaxKeys: KEYS_PER_REQUEST_MAX });
    const page = await translated("list", uri, () => client.send(command));
    const keys = (page.Contents ?? []).map(({ Key }) => Key ?? "");
    if (keys.length > 0) await deleteKeys(client, bucket, uri, keys);
    count += keys.length;
    token = page.IsTruncated === true ? page.NextContinuationToken : undefined;
  } while (token !== undefined);
  return count;
}

/** At most {@link KEYS_PER_REQUEST_MAX} keys, in one request. @throws StorageError when one of them could not be deleted */
export async function deleteKeys(client: S3Client, bucket: string, uri: string, keys: readonly string[]): Promise<void> {
  const objects = keys.map((Key) => ({ Key }));
  const command = new DeleteObjectsCommand({ Bucket: bucket, Delete: { Objects: objects, Quiet: true } });
  const { Errors: failures = [] } = await translated("delete", uri, () => client.send(command));
  const [first] = failures;
  if (first !== undefined) throw new StorageError("Unknown", `cannot delete ${failures.length} objects below ${uri}: ${first.Code ?? "unexpected failure"}`, { effects: "possible" });
}
