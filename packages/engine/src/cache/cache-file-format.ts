import { BlockChecksum, CHECKSUM_BLOCK_BYTES } from "../hash/block-checksum.js";

/** Sections begin at multiples of this, so that a read gives typed arrays over the file's own bytes. */
const SECTION_ALIGNMENT: number = CHECKSUM_BLOCK_BYTES;

const MAGIC = 0x4347_4d4f;
/** Raised whenever the content of any file changes its meaning. */
const FORMAT_VERSION = 2;
const FIXED_HEADER_BYTES = 32;
const PAYLOAD_START_WORD = 2;
const TITLE_BYTES_WORD = 3;
const PAYLOAD_BYTES_AT = 16;
const CHECKSUM_WORD = 6;

const encoder = new TextEncoder();
const decoder = new TextDecoder();

export function paddedLength(byteCount: number): number {
  return Math.ceil(byteCount / SECTION_ALIGNMENT) * SECTION_ALIGNMENT;
}

/**
 * The file as parts to be written one after another. Header: magic, format version, where the payload starts, length of the title, length of
 * the payload (64-bit float), checksum of payload and title; then the title, which tells a file apart that was put under another name. All numbers are in the machine's byte order,
 * as the arrays of the payload are: on a machine of the other order the magic number does not match.
 */
export function encodeCacheFile(title: string, sections: readonly Uint8Array[]): readonly Uint8Array[] {
  const titleBytes = encoder.encode(title);
  const payloadStart = paddedLength(FIXED_HEADER_BYTES + titleBytes.length);
  const header = new ArrayBuffer(payloadStart);
  const words = new Uint32Array(header);
  const parts: Uint8Array[] = [new Uint8Array(header)];
  const checksum = new BlockChecksum();
  let payloadBytes = 0;
  for (const section of sections) {
    const wholeBytes = section.byteLength - (section.byteLength % SECTION_ALIGNMENT);
    const body = section.subarray(0, wholeBytes);
    parts.push(body);
    checksum.add(body);
    if (wholeBytes < section.byteLength) {
      const tail = new Uint8Array(SECTION_ALIGNMENT);
      tail.set(section.subarray(wholeBytes));
      parts.push(tail);
      checksum.add(tail);
    }
    payloadBytes += paddedLength(section.byteLength);
  }
  words[0] = MAGIC;
  words[1] = FORMAT_VERSION;
  words[PAYLOAD_START_WORD] = payloadStart;
  words[TITLE_BYTES_WORD] = titleBytes.length;
  new Float64Array(header, PAYLOAD_BYTES_AT, 1)[0] = payloadBytes;
  const paddedTitle = new Uint8Array(header, FIXED_HEADER_BYTES);
  paddedTitle.set(titleBytes);
  checksum.add(paddedTitle);
  words[CHECKSUM_WORD] = checksum.finish();
  return parts;
}

/** What {@link encodeCacheFile} made; undefined when the file is anything else. */
export function decodeCacheFile(file: Uint8Array<ArrayBuffer>): { readonly title: string; readonly payload: Uint8Array<ArrayBuffer> } | undefined {
  if (file.byteLength < FIXED_HEADER_BYTES || file.byteLength % SECTION_ALIGNMENT !== 0) return undefined;
  const words = new Uint32Array(file.buffer, file.byteOffset, FIXED_HEADER_BYTES / 4);
  const [magic, version, payloadStart = 0, titleBytes = 0] = words;
  if (magic !== MAGIC || version !== FORMAT_VERSION) return undefined;
  if (payloadStart !== paddedLength(FIXED_HEADER_BYTES + titleBytes) || payloadStart > file.byteLength) return undefined;
  if (new Float64Array(file.buffer, file.byteOffset + PAYLOAD_BYTES_AT, 1)[0] !== file.byteLength - payloadStart) return undefined;
  const payload = file.subarray(payloadStart);
  const checksum = new BlockChecksum();
  checksum.add(payload);
  checksum.add(file.subarray(FIXED_HEADER_BYTES, payloadStart));
  if (checksum.finish() !== words[CHECKSUM_WORD]) return undefined;
  return { title: decoder.decode(file.subarray(FIXED_HEADER_BYTES, FIXED_HEADER_BYTES + titleBytes)), payload };
}
