import {
  CopyObjectCommand,
  DeleteObjectCommand,
  DeleteObjectsCommand,
  GetObjectCommand,
  HeadObjectCommand,
  ListObjectsV2Command,
  PutObjectCommand,
  type S3Client,
  S3ServiceException,
} from "@aws-sdk/client-s3";
import type { IdSource } from "@omnigraphdb/common";
import { StorageError } from "./errors.js";
import type { ObjectStore, ObjectVersion } from "./object-store.js";
import { probeCreateIfAbsent } from "./probe-create-if-absent.js";
import { openS3Client, statusOf, translated } from "./s3-client.js";
import type { S3Settings } from "./s3-settings.js";
import { joinUri, parseS3Uri } from "./uri.js";

/** @throws StorageError of kind Configuration when the settings cannot reach an S3 store */
export function openS3ObjectStore(rootUri: string, settings: S3Settings, ids: IdSource): ObjectStore {
  const { bucket } = parseS3Uri(rootUri);
  return new S3ObjectStore(openS3Client(settings), bucket, ids);
}

/** Objects of one bucket. Create-if-absent and compare-and-set are conditional PUTs; rename is copy, then delete (ST-8). */
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
    return (await this.readTextVersioned(uri)).text;
  }

  async readTextIfExists(uri: string): Promise<string | null> {
    try {
      return await this.readText(uri);
    } catch (error) {
      if (error instanceof StorageError && error.kind === "NotFound") return null;
      throw error;
    }
  }

  async readTextVersioned(uri: string): Promise<{ readonly text: string; readonly version: ObjectVersion }> {
    const key = this.#keyOf(uri);
    return translated("read", uri, async () => {
      const answer = await this.#client.send(new GetObjectCommand({ Bucket: this.#bucket, Key: key }));
      return { text: (await answer.Body?.transformToString("utf-8")) ?? "", version: answer.ETag ?? "" };
    });
  }

  async writeText(uri: string, text: string): Promise<void> {
    await this.#put(uri, text, {});
  }

  async writeTextIfAbsent(uri: string, text: string): Promise<boolean> {
    return (await this.#putConditionally(uri, text, { IfNoneMatch: "*" })) !== null;
  }

  async writeTextIfMatch(uri: string, text: string, version: ObjectVersion): Promise<ObjectVersion | null> {
    return this.#putConditionally(uri, text, { IfMatch: version });
  }

  async delete(uri: string): Promise<void> {
    const key = this.#keyOf(uri);
    await translated("delete", uri, () => this.#client.send(new DeleteObjectCommand({ Bucket: this.#bucket, Key: key })));
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

  async deletePrefix(uri: string): Promise<void> {
    const key = this.#keyOf(uri);
    await this.delete(uri);
    let batch: string[] = [];
    const flush = async (): Promise<void> => {
      if (batch.length === 0) return;
      const objects = batch.map((Key) => ({ Key }));
      batch = [];
      const answer = await translated("delete", uri, () =>
        this.#client.send(new DeleteObjectsCommand({ Bucket: this.#bucket, Delete: { Objects: objects, Quiet: true } })),
      );
      if ((answer.Errors?.length ?? 0) > 0) {
        throw new StorageError("Unknown", `cannot delete ${answer.Errors?.length} objects below ${uri}`);
      }
    };
    for await (const found of this.#listKeys(uri, `${key}/`, undefined)) {
      batch.push(found);
      if (batch.length === DELETE_KEYS_MAX) await flush();
    }
    await flush();
  }

  removeResidue(): Promise<number> {
    return Promise.resolve(0);
  }

  probeCreateIfAbsent(root: string): Promise<void> {
    return probeCreateIfAbsent(this, root, this.#ids);
  }

  /** Null = the condition did not hold. */
  async #putConditionally(uri: string, text: string, condition: PutCondition): Promise<ObjectVersion | null> {
    try {
      return await this.#put(uri, text, condition);
    } catch (error) {
      const status = (error as StorageError).cause instanceof S3ServiceException ? statusOf((error as StorageError).cause) : 0;
      // 404 answers If-Match on a missing object; 409 a conditional write that lost against one in flight.
      if (status === 412 || status === 404 || status === 409) return null;
      throw error;
    }
  }

  async #put(uri: string, text: string, condition: PutCondition): Promise<ObjectVersion> {
    const key = this.#keyOf(uri);
    const body = encoder.encode(text);
    return translated("write", uri, async () => {
      const command = new PutObjectCommand({
        Bucket: this.#bucket,
        Key: key,
        Body: body,
        ContentLength: body.length,
        ContentType: "text/plain; charset=utf-8",
        ...condition,
      });
      return (await this.#client.send(command)).ETag ?? "";
    });
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

/** Limit of one multi-object delete request. */
const DELETE_KEYS_MAX = 1000;

interface PutCondition {
  readonly IfNoneMatch?: string;
  readonly IfMatch?: string;
}
