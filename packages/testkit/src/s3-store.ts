import { createHash } from "node:crypto";

export interface StoredObject {
  readonly bytes: Buffer;
  readonly etag: string;
  readonly modified: Date;
}

export type PutOutcome = StoredObject | "precondition-failed" | "missing";

export interface ListedKeys {
  readonly keys: readonly string[];
  readonly commonPrefixes: readonly string[];
  /** Start of the next page; undefined = this was the last. */
  readonly nextToken: string | undefined;
}

/** Keys and bytes of one test bucket, with true conditional writes. */
export class S3Store {
  readonly #objects = new Map<string, StoredObject>();
  #generation = 0;

  get(key: string): StoredObject | undefined {
    return this.#objects.get(key);
  }

  put(key: string, bytes: Buffer, condition: { readonly ifNoneMatch?: string; readonly ifMatch?: string }): PutOutcome {
    const current = this.#objects.get(key);
    if (condition.ifNoneMatch === "*" && current !== undefined) return "precondition-failed";
    if (condition.ifMatch !== undefined) {
      if (current === undefined) return "missing";
      if (current.etag !== condition.ifMatch) return "precondition-failed";
    }
    // Unlike S3's, the tag names the generation too: equal content written twice differs.
    const etag = `"${createHash("md5").update(bytes).digest("hex")}-${++this.#generation}"`;
    const object = { bytes, etag, modified: new Date() };
    this.#objects.set(key, object);
    return object;
  }

  delete(key: string): void {
    this.#objects.delete(key);
  }

  keys(): readonly string[] {
    return [...this.#objects.keys()].sort(compareBytes);
  }

  /** One page of ListObjectsV2: keys in byte order; names below `delimiter` folded into common prefixes. */
  list(prefix: string, delimiter: string, after: string, pageMax: number): ListedKeys {
    const keys: string[] = [];
    const commonPrefixes: string[] = [];
    for (const key of this.keys()) {
      if (!key.startsWith(prefix)) continue;
      const cut = delimiter === "" ? -1 : key.indexOf(delimiter, prefix.length);
      const name = cut < 0 ? key : key.slice(0, cut + delimiter.length);
      if (compareBytes(name, after) <= 0 || commonPrefixes.at(-1) === name) continue;
      if (keys.length + commonPrefixes.length === pageMax) {
        const last = [keys.at(-1) ?? "", commonPrefixes.at(-1) ?? ""].sort(compareBytes)[1] as string;
        return { keys, commonPrefixes, nextToken: last };
      }
      (cut < 0 ? keys : commonPrefixes).push(name);
    }
    return { keys, commonPrefixes, nextToken: undefined };
  }
}

function compareBytes(left: string, right: string): number {
  return Buffer.compare(Buffer.from(left), Buffer.from(right));
}
