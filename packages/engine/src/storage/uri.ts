import { realpath } from "node:fs/promises";
import { basename, dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { StorageError } from "./errors.js";

const S3_PREFIX = "s3://";
const FILE_PREFIX = "file://";
const BUCKET = /^[A-Za-z0-9][A-Za-z0-9._-]*$/;

export interface S3Address {
  readonly bucket: string;
  /** Without leading or trailing slash; empty = the bucket itself. */
  readonly key: string;
}

export function isS3Uri(uri: string): boolean {
  return uri.startsWith(S3_PREFIX);
}

/**
 * The normal form of a graph root or object address (URI-1 … URI-4): absolute, without `.` and `..` segments and without
 * trailing slashes, in the kind it was written in (`/path`, `file://…`, `s3://bucket/key`).
 *
 * @throws StorageError of kind Configuration for any other kind of address
 */
export function normalizeUri(uri: string): string {
  if (uri === "") throw new StorageError("Configuration", "the storage address is empty");
  if (isS3Uri(uri)) {
    const { bucket, key } = parseS3Uri(uri);
    // Not shown: what stands there may be a secret.
    if (!BUCKET.test(bucket)) throw new StorageError("Configuration", "an s3:// address begins with the name of a bucket: letters, digits, '.', '_' and '-'; credentials come from the environment");
    if (/[?#]/.test(key)) throw new StorageError("Configuration", `an s3:// address has no query and no fragment: ${S3_PREFIX}${bucket}/${key.replace(/[?#].*/s, "…")}`);
    return key === "" ? `${S3_PREFIX}${bucket}` : `${S3_PREFIX}${bucket}/${key}`;
  }
  if (uri.startsWith(FILE_PREFIX)) return `${FILE_PREFIX}${encodePath(localPathOf(uri))}`;
  return localPathOf(uri);
}

/** Bucket and key of an `s3://` address, dot segments resolved (URI-6). */
export function parseS3Uri(uri: string): S3Address {
  if (!isS3Uri(uri)) throw new StorageError("Configuration", `not an s3:// address: ${uri}`);
  const rest = uri.slice(S3_PREFIX.length);
  const slash = rest.indexOf("/");
  const bucket = slash < 0 ? rest : rest.slice(0, slash);
  if (bucket === "") throw new StorageError("Configuration", `no bucket in the address: ${withoutCredentials(uri)}`);
  const segments: string[] = [];
  for (const segment of slash < 0 ? [] : rest.slice(slash + 1).split("/")) {
    if (segment === "" || segment === ".") continue;
    if (segment !== "..") segments.push(segment);
    else if (segments.pop() === undefined) throw new StorageError("Configuration", `the address leaves its bucket: ${withoutCredentials(uri)}`);
  }
  return { bucket, key: segments.join("/") };
}

/** The absolute path of a local address, resolved lexically against the working directory (URI-3, URI-4). */
export function localPathOf(uri: string): string {
  if (uri.startsWith(FILE_PREFIX)) {
    try {
      return resolve(fileURLToPath(uri));
    } catch (cause) {
      throw new StorageError("Configuration", `not a local file address: ${uri}`, { cause });
    }
  }
  const scheme = /^([A-Za-z][A-Za-z0-9+.-]*):\/\//.exec(uri)?.[1];
  if (scheme !== undefined) {
    const isServer = scheme === "http" || scheme === "https";
    throw new StorageError(
      "Configuration",
      isServer ? `${scheme}:// addresses a server, not a store: ${withoutCredentials(uri)}` : `unknown kind of storage address: ${withoutCredentials(uri)}`,
      { hint: "Use a local path, file://… or s3://bucket/prefix." },
    );
  }
  if (uri.includes("\0")) throw new StorageError("Configuration", "the storage address contains a NUL character");
  return resolve(uri);
}

/**
 * The address of `child` (slash-separated, relative) below `root`, in the kind and spelling of `root` (URI-5).
 *
 * @throws StorageError of kind Configuration when `child` is empty, absolute or leaves `root`
 */
export function joinUri(root: string, child: string): string {
  const segments = child.split("/");
  if (segments.some((segment) => segment === "" || segment === "." || segment === "..")) {
    throw new StorageError("Configuration", `not a path below the root: ${JSON.stringify(child)}`);
  }
  const base = root.replace(/\/+$/, "");
  return `${base}/${root.startsWith(FILE_PREFIX) ? encodePath(child) : child}`;
}

/**
 * Identity of a root: equal for every spelling of one place, also through symbolic links (URI-7). Key of whatever the
 * handles of one graph share within a process.
 */
export async function canonicalRootIdentity(uri: string): Promise<string> {
  if (isS3Uri(uri)) return normalizeUri(uri);
  return realPathOfNearest(localPathOf(uri));
}

async function realPathOfNearest(path: string): Promise<string> {
  try {
    return await realpath(path);
  } catch (error) {
    const parent = dirname(path);
    if ((error as NodeJS.ErrnoException).code !== "ENOENT" || parent === path) return path;
    return join(await realPathOfNearest(parent), basename(path));
  }
}

/** For messages. Also cuts a query, where tokens stand. */
function withoutCredentials(uri: string): string {
  return uri.replace(/:\/\/[^/]*@/, "://…@").replace(/[?#].*/s, "…");
}

function encodePath(path: string): string {
  return path.split("/").map(encodeURIComponent).join("/");
}
