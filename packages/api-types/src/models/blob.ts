import type { EntityKind } from "./entity.js";

/** Names one blob: a property of one entity. */
export interface BlobSelector {
  readonly entity: EntityKind;
  /** Type name without prefix. */
  readonly type: string;
  readonly id: string;
  readonly property: string;
}

/** The content of one blob at the graph version it was read from. */
export interface BlobReader {
  /** The bytes live in the graph. */
  readonly kind: "managed";
  /** In bytes. Zero is a content, other than null. */
  readonly length: number;
  /** Strong entity tag in its quotes: changes whenever the content can have changed (BL-7). */
  readonly etag: string;
  readonly graphCommitId: string;
  /** Bytes `[start, end)`, at most 4 MiB of them (BL-4). */
  readRange(start: number, end: number): Promise<Uint8Array>;
  /** Bytes `[start, end)`, by default all, in pieces of at most 4 MiB; nothing when the range is empty. */
  chunks(start?: number, end?: number): AsyncIterable<Uint8Array>;
}
