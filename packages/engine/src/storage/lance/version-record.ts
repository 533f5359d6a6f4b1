import { MalformedRecordError, protobufFields } from "./protobuf.js";

/** Name of the file of one version in `_versions`: newest first in an ascending listing. */
export function versionFileName(version: number): string {
  return `${(MAX_U64 - BigInt(version)).toString().padStart(20, "0")}.manifest`;
}

/** What the file of one version says (field numbers of the native format, pinned by the substrate guard tests). */
export interface VersionRecord {
  /** In `_transactions`; undefined = not recorded. */
  readonly transactionFile: string | undefined;
  /** Name of the native operation that made the version; undefined = not recorded here, or of an unknown kind. */
  readonly operation: string | undefined;
  /** The files this version reads that lie in its own lineage. */
  readonly ownFiles: readonly OwnFile[];
  /** Names of indexes whose files lie in the lineage this one was forked from. */
  readonly inheritedIndexes: ReadonlySet<string>;
}

export interface OwnFile {
  /** Relative to the lineage. Index directories end in `/`. */
  readonly path: string;
  /** Undefined = not recorded. */
  readonly byteCount: number | undefined;
}

const MAX_U64 = 2n ** 64n - 1n;
const MAGIC = "LANC";
/** Position of the message (8 bytes), format version (4), magic (4). */
const FOOTER_BYTES = 16;

/** Field number of the operation in a transaction. */
const OPERATION_NAMES: ReadonlyMap<number, string> = new Map([
  [100, "Append"],
  [101, "Delete"],
  [102, "Overwrite"],
  [103, "CreateIndex"],
  [104, "Rewrite"],
  [105, "Merge"],
  [106, "Restore"],
  [107, "ReserveFragments"],
  [108, "Update"],
  [109, "Project"],
  [110, "UpdateConfig"],
  [111, "DataReplacement"],
  [113, "Clone"],
]);

/** @throws MalformedRecordError when the file is torn or of another format */
export function decodeVersionFile(bytes: Uint8Array): VersionRecord {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (bytes.length < FOOTER_BYTES || textOf(bytes.subarray(-MAGIC.length)) !== MAGIC) {
    throw new MalformedRecordError("the file of a version has no footer");
  }
  const messageAt = Number(view.getBigUint64(bytes.length - FOOTER_BYTES, true));
  const ownFiles: OwnFile[] = [];
  const inheritedIndexes = new Set<string>();
  let transactionFile: string | undefined;
  let operation: string | undefined;
  for (const { number, value } of protobufFields(section(bytes, messageAt))) {
    if (number === 2 && isBytes(value)) ownFiles.push(...fragmentFiles(value));
    else if (number === 6 && !isBytes(value)) {
      for (const { name, path, isInherited } of indexDirectories(section(bytes, Number(value)))) {
        if (isInherited) inheritedIndexes.add(name);
        else ownFiles.push({ path, byteCount: undefined });
      }
    } else if (number === 12 && isBytes(value)) transactionFile = textOf(value);
    else if (number === 21 && !isBytes(value)) operation = decodeOperation(section(bytes, Number(value)));
  }
  return { transactionFile, operation, ownFiles, inheritedIndexes };
}

/** Name of the operation in a transaction record; undefined for kinds that are unknown here. @throws MalformedRecordError */
export function decodeOperation(bytes: Uint8Array): string | undefined {
  for (const { number } of protobufFields(bytes)) if (number >= 100 && number < 200) return OPERATION_NAMES.get(number);
  return undefined;
}

/** A message with its length before it, as 32-bit number. */
function section(bytes: Uint8Array, position: number): Uint8Array {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (position + 4 > bytes.length) throw new MalformedRecordError("a section lies outside the file of its version");
  const end = position + 4 + view.getUint32(position, true);
  if (end > bytes.length) throw new MalformedRecordError("a section lies outside the file of its version");
  return bytes.subarray(position + 4, end);
}

function fragmentFiles(fragment: Uint8Array): readonly OwnFile[] {
  const files: OwnFile[] = [];
  let id = 0n;
  let deletion: Uint8Array | undefined;
  for (const { number, value } of protobufFields(fragment)) {
    if (number === 1 && !isBytes(value)) id = value;
    else if (number === 2 && isBytes(value)) files.push(...dataFile(value));
    else if (number === 3 && isBytes(value)) deletion = value;
  }
  return deletion === undefined ? files : [...files, ...deletionFile(deletion, id)];
}

function dataFile(bytes: Uint8Array): readonly OwnFile[] {
  let path: string | undefined;
  let byteCount: number | undefined;
  let isInherited = false;
  for (const { number, value } of protobufFields(bytes)) {
    if (number === 1 && isBytes(value)) path = textOf(value);
    else if (number === 6 && !isBytes(value)) byteCount = Number(value);
    else if (number === 7) isInherited = true;
  }
  return path === undefined || isInherited ? [] : [{ path: `data/${path}`, byteCount }];
}

function deletionFile(bytes: Uint8Array, fragmentId: bigint): readonly OwnFile[] {
  let kind = 0n;
  let readVersion = 0n;
  let id = 0n;
  let isInherited = false;
  for (const { number, value } of protobufFields(bytes)) {
    if (isBytes(value)) continue;
    if (number === 1) kind = value;
    else if (number === 2) readVersion = value;
    else if (number === 3) id = value;
    else if (number === 7) isInherited = true;
  }
  const path = `_deletions/${fragmentId}-${readVersion}-${id}.${kind === 0n ? "arrow" : "bin"}`;
  return isInherited ? [] : [{ path, byteCount: undefined }];
}

interface IndexDirectory {
  readonly name: string;
  readonly path: string;
  readonly isInherited: boolean;
}

function indexDirectories(indexes: Uint8Array): readonly IndexDirectory[] {
  const directories: IndexDirectory[] = [];
  for (const { number, value } of protobufFields(indexes)) {
    if (number !== 1 || !isBytes(value)) continue;
    let id: Uint8Array | undefined;
    let name = "";
    let isInherited = false;
    for (const field of protobufFields(value)) {
      if (field.number === 1 && isBytes(field.value)) id = firstBytes(field.value);
      else if (field.number === 3 && isBytes(field.value)) name = textOf(field.value);
      else if (field.number === 9) isInherited = true;
    }
    if (id !== undefined) directories.push({ name, path: `_indices/${uuidText(id)}/`, isInherited });
  }
  return directories;
}

/** The only field of a wrapped value. */
function firstBytes(message: Uint8Array): Uint8Array | undefined {
  for (const { value } of protobufFields(message)) if (isBytes(value)) return value;
  return undefined;
}

function uuidText(bytes: Uint8Array): string {
  const hex = Buffer.from(bytes).toString("hex");
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join("-");
}

function isBytes(value: bigint | Uint8Array): value is Uint8Array {
  return typeof value !== "bigint";
}

const decoder = new TextDecoder();

function textOf(bytes: Uint8Array): string {
  return decoder.decode(bytes);
}
