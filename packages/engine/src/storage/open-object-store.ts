import { randomIds, type IdSource } from "@omnigraphdb/common";
import type { Durability } from "./durability.js";
import { StorageError } from "./errors.js";
import { FileSync } from "./file-sync.js";
import { LocalObjectStore } from "./local-object-store.js";
import type { ObjectStore } from "./object-store.js";
import type { S3Settings } from "./s3-settings.js";
import { isS3Uri, localPathOf } from "./uri.js";

export interface ObjectStoreOptions {
  readonly ids?: IdSource;
  /** Default `process`. No effect on S3. */
  readonly durability?: Durability;
  /** Needed for `s3://` roots only. */
  readonly s3?: S3Settings;
}

/**
 * The store that holds `rootUri`: a local directory, or one S3 bucket.
 *
 * @throws StorageError of kind Configuration for an address of another kind (URI-1)
 */
export async function openObjectStore(rootUri: string, options: ObjectStoreOptions = {}): Promise<ObjectStore> {
  const ids = options.ids ?? randomIds;
  if (!isS3Uri(rootUri)) {
    localPathOf(rootUri);
    return new LocalObjectStore(ids, options.durability === "power" ? new FileSync() : undefined);
  }
  if (options.s3 === undefined) throw new StorageError("Configuration", `no S3 settings for ${rootUri}`);
  // The SDK is large; local graphs must not pay for it.
  const { openS3ObjectStore } = await import("./s3-object-store.js");
  return openS3ObjectStore(rootUri, options.s3, ids);
}
