import { ListObjectsV2Command, type S3Client } from "@aws-sdk/client-s3";
import type { DatasetFiles, DirectoryEntry, FoundFile } from "./dataset-files.js";
import { isStorageError } from "./errors.js";
import { openS3Client, readObject, translated } from "./s3-client.js";
import { deleteBelow, deleteKeys, KEYS_PER_REQUEST_MAX } from "./s3-deletion.js";
import type { S3Settings } from "./s3-settings.js";
import { joinUri, parseS3Uri } from "./uri.js";

export function openS3DatasetFiles(rootUri: string, settings: S3Settings): DatasetFiles {
  return new S3DatasetFiles(openS3Client(settings), parseS3Uri(rootUri).bucket);
}

interface ListedPage {
  readonly files: readonly { readonly key: string; readonly byteCount: number; readonly changedAtMs: number }[];
  readonly directories: readonly string[];
}

class S3DatasetFiles implements DatasetFiles {
  readonly #client: S3Client;
  readonly #bucket: string;

  constructor(client: S3Client, bucket: string) {
    this.#client = client;
    this.#bucket = bucket;
  }

  async read(uri: string): Promise<Uint8Array | undefined> {
    try {
      return (await translated("read", uri, () => readObject(this.#client, this.#bucket, parseS3Uri(uri).key))).bytes;
    } catch (error) {
      if (isStorageError(error, "NotFound")) return undefined;
      throw error;
    }
  }

  async list(uri: string): Promise<readonly DirectoryEntry[]> {
    const entries: DirectoryEntry[] = [];
    const prefix = prefixOf(uri);
    for await (const { files, directories } of this.#pages(uri, "/")) {
      entries.push(...files.map(({ key }) => ({ name: key.slice(prefix.length), isDirectory: false })));
      entries.push(...directories.map((key) => ({ name: key.slice(prefix.length, -1), isDirectory: true })));
    }
    return entries.filter(({ name }) => name !== "").sort((left, right) => (left.name < right.name ? -1 : 1));
  }

  async find(uri: string, isWanted: (name: string) => boolean): Promise<readonly FoundFile[]> {
    const found: FoundFile[] = [];
    const prefix = prefixOf(uri);
    for await (const { files } of this.#pages(uri, undefined)) {
      for (const { key, byteCount, changedAtMs } of files) {
        if (!key.endsWith("/") && isWanted(key.slice(key.lastIndexOf("/") + 1))) {
          found.push({ uri: joinUri(uri, key.slice(prefix.length)), byteCount, changedAtMs });
        }
      }
    }
    return found;
  }

  async delete(uri: string): Promise<void> {
    await deleteKeys(this.#client, this.#bucket, uri, [parseS3Uri(uri).key]);
  }

  async deletePrefix(uri: string): Promise<void> {
    await deleteBelow(this.#client, this.#bucket, uri);
  }

  async *#pages(uri: string, delimiter: string | undefined): AsyncGenerator<ListedPage> {
    const prefix = prefixOf(uri);
    let token: string | undefined;
    do {
      const command = new ListObjectsV2Command({
        Bucket: this.#bucket,
        Prefix: prefix,
        Delimiter: delimiter,
        ContinuationToken: token,
        MaxKeys: KEYS_PER_REQUEST_MAX,
      });
      const answer = await translated("list", uri, () => this.#client.send(command));
      yield {
        files: (answer.Contents ?? []).map(({ Key, Size, LastModified }) => ({
          key: Key ?? "",
          byteCount: Size ?? 0,
          changedAtMs: LastModified?.getTime() ?? 0,
        })),
        directories: (answer.CommonPrefixes ?? []).map(({ Prefix }) => Prefix ?? ""),
      };
      token = answer.IsTruncated === true ? answer.NextContinuationToken : undefined;
    } while (token !== undefined);
  }
}

function prefixOf(uri: string): string {
  return `${parseS3Uri(uri).key}/`;
}
