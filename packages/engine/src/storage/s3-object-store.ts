import {
  CopyObjectCommand,
  DeleteObjectCommand,
  HeadObjectCommand,
  ListObjectsV2Command,
  PutObjectCommand,
  type S3Client,
} from "@aws-sdk/client-s3";
import type { IdSource } from "@omnigraphdb/common";
import { isStorageError, StorageError } from "./errors.js";
import type { ObjectStore, VersionedText } from "./object-store.js";
import { probeConditionalReplace, probeCreateIfAbsent } from "./probe-conditions.js";
import { isOutcomeUnknown, openS3Client, readObject, translated } from "./s3-client.js";
import { deleteBelow } from "./s3-deletion.js";
import type { S3Settings } from "./s3-settings.js";
import { joinUri, parseS3Uri } from "./uri.js";

/** @throws StorageError of kind Configuration when the settings cannot reach an S3 store */
export function openS3ObjectStore(rootUri: string, settings: S3Settings, ids: IdSource): ObjectStore {
  const { bucket } = parseS3Uri(rootUri);
  return new S3ObjectStore(openS3Client(settings), bucket, ids);
}

/** Objects of one bucket. Create-if-absent is a conditional PUT; rename is copy, then delete (ST-8). */
class S3ObjectStore implements ObjectStore {
  readonly #client: S3Client;
  readonly #bucket: string;
  readonly #ids: IdSource;

  constructor(client: S3Client, bucket: string, ids: IdSource) {
    this.#client = client;
    this.#bucket = bucket;
    this.#ids = ids;
  }

  async readText(uri: string): Promise<string> {
    return (await this.#read(uri)).text;
  }

  async readTextIfExists(uri: string): Promise<string | null> {
    try {
      return await this.readText(uri);
    } catch (error) {
      if (error instanceof StorageError && error.kind === "NotFound") return null;
      throw error;
    }
  }

  async readVersioned(uri: string): Promise<VersionedText | null> {
    try {
      const { text, tag } = await this.#read(uri);
      if (tag === undefined) throw new StorageError("Configuration", `this storage gives objects no ETag: ${uri}`);
      return { text, version: tag };
    } catch (error) {
      if (isStorageError(error, "NotFound")) return null;
      throw error;
    }
  }

  async writeText(uri: string, text: string): Promise<void> {
    await this.#put(uri, text);
  }

  async writeTextIfAbsent(uri: string, text: string): Promise<boolean> {
    try {
      await this.#put(uri, text, { IfNoneMatch: "*" });
      return true;
    } catch (error) {
      // 409 answers a conditional write that lost against one in flight.
      if (isStorageError(error, "Precondition")) return false;
      throw error;
    }
  }

  async replaceIfVersion(uri: string, text: string, version: string): Promise<boolean> {
    try {
      await this.#put(uri, text, { IfMatch: version });
      return true;
    } catch (error) {
      if (!(error instanceof StorageError)) throw error;
      if (isOutcomeUnknown(error.cause)) return this.#lookUpReplacement(uri, text, error);
      // 404 answers the condition on an object that is gone.
      if (error.kind === "Precondition" || error.kind === "NotFound") return false;
      throw error;
    }
  }

  /**
   * The answer to a replacement was lost, or was that to its repetition. Any text but ours proves nothing: under the old version ours may
   * still land, and a newer one may have replaced ours already.
   */
  async #lookUpReplacement(uri: string, text: string, failure: StorageError): Promise<true> {
    const found = await this.readTextIfExists(uri).catch(() => null);
    if (found === text) return true;
    throw new StorageError("Unknown", `cannot tell whether ${uri} was replaced: ${failure.message}`, { cause: failure, effects: "possible" });
  }

  async delete(uri: string): Promise<void> {
    const key = this.#keyOf(uri);
    await translated("delete", uri, () => this.#client.send(new DeleteObjectCommand({ Bucket: this.#bucket, Key: key })));
  }

  async deletePrefix(uri: string): Promise<void> {
    await this.delete(uri);
    await deleteBelow(this.#client, this.#bucket, uri);
  }

  async exists(uri: string): Promise<boolean> {
    const key = parseS3Uri(this.#ownUri(uri)).key;
    if (key !== "" && (await this.#objectExists(uri, key))) return true;
    const prefix = key === "" ? "" : `${key}/`;
    const answer = await translated("list", uri, () =>
      this.#client.send(new ListObjectsV2Command({ Bucket: this.#bucket, Prefix: prefix, MaxKeys: 1 })),
    );
    return (answer.Contents?.length ?? 0) > 0;
  }

  async renameText(from: string, to: string): Promise<void> {
    const source = this.#keyOf(from);
    const target = this.#keyOf(to);
    const copySource = `${this.#bucket}/${source.split("/").map(encodeURIComponent).join("/")}`;
    await translated("rename", from, () =>
      this.#client.send(new CopyObjectCommand({ Bucket: this.#bucket, Key: target, CopySource: copySource })),
    );
    await this.delete(from);
  }

  async listDir(uri: string): Promise<readonly string[]> {
    const key = parseS3Uri(this.#ownUri(uri)).key;
    const prefix = key === "" ? "" : `${key}/`;
    const uris: string[] = [];
    for await (const found of this.#listKeys(uri, prefix, "/")) {
      if (found.length > prefix.length) uris.push(joinUri(uri, found.slice(prefix.length)));
    }
    return uris;
  }

  removeResidue(): Promise<number> {
    return Promise.resolve(0);
  }

  probeCreateIfAbsent(root: string): Promise<void> {
    return probeCreateIfAbsent(this, root, this.#ids);
  }

  probeConditionalReplace(root: string): Promise<void> {
    return probeConditionalReplace(this, root, this.#ids);
  }

  async #read(uri: string): Promise<{ readonly text: string; readonly tag: string | undefined }> {
    const key = this.#keyOf(uri);
    const { bytes, tag } = await translated("read", uri, () => readObject(this.#client, this.#bucket, key));
    return { text: new TextDecoder("utf-8", { ignoreBOM: true }).decode(bytes), tag };
  }

  async #put(uri: string, text: string, condition: { readonly IfNoneMatch?: "*"; readonly IfMatch?: string } = {}): Promise<void> {
    const key = this.#keyOf(uri);
    const body = encoder.encode(text);
    const command = new PutObjectCommand({
      Bucket: this.#bucket,
      Key: key,
      Body: body,
      ContentLength: body.length,
      ContentType: "text/plain; charset=utf-8",
      ...condition,
    });
    await translated("write", uri, () => this.#client.send(command));
  }

  async #objectExists(uri: string, key: string): Promise<boolean> {
    try {
      await translated("look at", uri, () => this.#client.send(new HeadObjectCommand({ Bucket: this.#bucket, Key: key })));
      return true;
    } catch (error) {
      if (error instanceof StorageError && error.kind === "NotFound") return false;
      throw error;
    }
  }

  async *#listKeys(uri: string, prefix: string, delimiter: string | undefined): AsyncGenerator<string> {
    let token: string | undefined;
    do {
      const answer = await translated("list", uri, () =>
        this.#client.send(
          new ListObjectsV2Command({ Bucket: this.#bucket, Prefix: prefix, Delimiter: delimiter, ContinuationToken: token }),
        ),
      );
      for (const object of answer.Contents ?? []) if (object.Key !== undefined) yield object.Key;
      token = answer.IsTruncated === true ? answer.NextContinuationToken : undefined;
    } while (token !== undefined);
  }

  #ownUri(uri: string): string {
    const { bucket } = parseS3Uri(uri);
    if (bucket !== this.#bucket) {
      throw new StorageError("Configuration", `the store of bucket ${this.#bucket} was asked for ${uri}`);
    }
    return uri;
  }

  #keyOf(uri: string): string {
    const { key } = parseS3Uri(this.#ownUri(uri));
    if (key === "") throw new StorageError("Configuration", `no object key in the address: ${uri}`);
    return key;
  }
}

const encoder = new TextEncoder();
