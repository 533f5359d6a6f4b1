import { assert, sha256Digest } from "@omnigraphdb/common";
import { type EntityType, findEntityType, type Property } from "@omnigraphdb/compiler";
import { requireColumnOf } from "../columnar/row-batch.js";
import { ResourceLimitExceededError } from "../errors.js";
import { BLOB_READ_BYTES_MAX } from "../limits.js";
import type { Snapshot, SnapshotEntry } from "../manifest/snapshot.js";
import { type DatasetGateway, ROW_NUMBER_COLUMN, type StoredBlob } from "../storage/dataset-gateway.js";
import { ID_COLUMN, REVISION_COLUMN } from "../storage/dataset-schema.js";
import { BlobIntegrityError, BlobRangeNotSatisfiableError, BlobSelectorError } from "./errors.js";

/** Names one blob: a property of one entity. */
export interface BlobSelector {
  readonly entity: "node" | "edge";
  /** Type name without prefix. */
  readonly type: string;
  readonly id: string;
  readonly property: string;
}

/**
 * The content of one blob at the graph version it was read from (BL-3, BL-5): later commits do not change it, and it holds no memory of
 * the content. Reading it after a cleanup removed the version ends with HistoricalVersionReclaimedError, after the graph was closed with
 * GraphClosedError.
 */
export interface BlobReader {
  /** The bytes live in the graph. */
  readonly kind: "managed";
  /** In bytes. Zero is a content, other than null. */
  readonly length: number;
  /** Strong entity tag in its quotes, as HTTP has it: changes whenever the content can have changed (BL-7). */
  readonly etag: string;
  readonly graphCommitId: string;
  /**
   * Bytes `[start, end)`, at most 4 MiB of them (BL-4).
   *
   * @throws BlobRangeNotSatisfiableError, ResourceLimitExceededError
   */
  readRange(start: number, end: number): Promise<Uint8Array>;
  /**
   * Bytes `[start, end)`, by default all, in pieces of 4 MiB; nothing when the range is empty. Each piece is read when it is asked for.
   *
   * @throws BlobRangeNotSatisfiableError when the iteration starts
   */
  chunks(start?: number, end?: number): AsyncIterable<Uint8Array>;
}

/** Runs one access of a reader: as a call of its graph, which it keeps from being closed and its version from being removed. */
export type RunBlobRead = <T>(read: () => Promise<T>) => Promise<T>;

/**
 * The blob that `selector` names in `snapshot`; null where there is no such entity, or it has no content there (BL-6).
 *
 * @throws BlobSelectorError, BlobIntegrityError, HistoricalVersionReclaimedError
 */
export async function readBlob(datasets: DatasetGateway, snapshot: Snapshot, selector: BlobSelector, run: RunBlobRead): Promise<BlobReader | null> {
  const { entry, property } = findProperty(snapshot, selector);
  const dataset = await datasets.openPinned(entry.location, entry.publishedVersion);
  const filter = { kind: "compare", column: ID_COLUMN, operator: "=", value: { kind: "string", value: selector.id } } as const;
  const found: { readonly rowNumber: bigint; readonly revision: bigint }[] = [];
  for await (const batch of dataset.scan({ columns: [REVISION_COLUMN, ROW_NUMBER_COLUMN], filter, rowCountMax: 2 })) {
    const revisions = requireColumnOf(batch, REVISION_COLUMN, "i64").values;
    const rowNumbers = requireColumnOf(batch, ROW_NUMBER_COLUMN, "u64").values;
    for (let row = 0; row < batch.rowCount; row++) found.push({ rowNumber: rowNumbers[row] as bigint, revision: revisions[row] as bigint });
  }
  const [row, other] = found;
  if (row === undefined) return null;
  if (other !== undefined) throw new BlobIntegrityError(`several entities of ${entry.typeKey} have the id '${selector.id}'`);
  const [blob] = await dataset.openBlobs(property.name, BigUint64Array.of(row.rowNumber));
  assert(blob !== undefined, "a row was asked for and not answered");
  if (blob === null) {
    if (!property.type.isNullable) throw new BlobIntegrityError(`the required property '${property.name}' of '${selector.id}' has no content`);
    return null;
  }
  const etag = etagOf(entry, selector.id, property, row.revision, blob.length);
  return new ManagedBlob(blob, etag, snapshot.graphCommitId, run);
}

function findProperty(snapshot: Snapshot, { entity, type: typeName, property: name }: BlobSelector): { entry: SnapshotEntry; property: Property } {
  if (!["node", "edge"].includes(entity)) throw new BlobSelectorError(`'${entity}' is no kind of entity`, { hint: "Say node or edge." });
  const typeKey = `${entity}:${typeName}`;
  const type = findEntityType(snapshot.catalog, typeKey);
  const entry = snapshot.entries.get(typeKey);
  if (type === undefined || entry === undefined) {
    throw new BlobSelectorError(`there is no ${entity} type '${typeName}' at this snapshot`, { hint: "Name a type of the schema, without prefix." });
  }
  const property = type.propertyByName.get(name);
  if (property === undefined) throw new BlobSelectorError(`${typeKey} has no property '${name}'`, { hint: blobHint(type) });
  if (property.type.base.kind !== "Blob") throw new BlobSelectorError(`property '${name}' of ${typeKey} is not a Blob`, { hint: blobHint(type) });
  return { entry, property };
}

function blobHint(type: EntityType): string {
  const names = type.properties.filter((property) => property.type.base.kind === "Blob").map(({ name }) => name);
  return names.length === 0 ? "Choose a type that has a Blob property." : `Blob properties of the type: ${names.join(", ")}.`;
}

/** A cell changes only with its row, and a row is rewritten only under a new revision of its line of versions. */
function etagOf({ location, typeId, incarnationId }: SnapshotEntry, id: string, property: Property, revision: bigint, length: number): string {
  const identity = [location.directory, location.nativeBranch, typeId, incarnationId, id, property.propertyId, revision, length].map(String);
  return `"${sha256Digest(JSON.stringify(identity)).slice("sha256:".length, "sha256:".length + 32)}"`;
}

class ManagedBlob implements BlobReader {
  readonly kind = "managed";
  readonly length: number;
  readonly etag: string;
  readonly graphCommitId: string;
  readonly #blob: StoredBlob;
  readonly #run: RunBlobRead;

  constructor(blob: StoredBlob, etag: string, graphCommitId: string, run: RunBlobRead) {
    this.length = blob.length;
    this.etag = etag;
    this.graphCommitId = graphCommitId;
    this.#blob = blob;
    this.#run = run;
  }

  async readRange(start: number, end: number): Promise<Uint8Array> {
    this.#checkRange(start, end);
    if (end - start > BLOB_READ_BYTES_MAX) {
      throw new ResourceLimitExceededError("Blob read range bytes", BLOB_READ_BYTES_MAX, end - start, "Read the blob in smaller ranges, one after the other.");
    }
    return this.#run(async () => {
      const bytes = await this.#blob.readRange(start, end);
      if (bytes.length !== end - start) throw new BlobIntegrityError(`${bytes.length} bytes are stored where ${end - start} should be`);
      return bytes;
    });
  }

  async *chunks(start = 0, end: number = this.length): AsyncGenerator<Uint8Array> {
    this.#checkRange(start, end);
    for (let at = start; at < end; at += BLOB_READ_BYTES_MAX) yield await this.readRange(at, Math.min(at + BLOB_READ_BYTES_MAX, end));
  }

  #checkRange(start: number, end: number): void {
    const isWithin = Number.isSafeInteger(start) && Number.isSafeInteger(end) && start >= 0 && start <= end && end <= this.length;
    if (!isWithin) throw new BlobRangeNotSatisfiableError(start, end, this.length);
  }
}
