import { hexDigit } from "./json-scanner.js";

const SIMPLE: Readonly<Record<number, number>> = { 0x62: 0x08, 0x66: 0x0c, 0x6e: 0x0a, 0x72: 0x0d, 0x74: 0x09 };

/**
 * Writes the value of the checked JSON string text `bytes[start … end)` to `out` as UTF-8.
 *
 * @param out at least `end - start` bytes: an escape is never shorter than what it stands for
 * @returns bytes written
 */
export function unescapeJsonText(bytes: Uint8Array, start: number, end: number, out: Uint8Array): number {
  let at = start;
  let length = 0;
  while (at < end) {
    const byte = bytes[at] as number;
    if (byte !== 0x5c) {
      out[length++] = byte;
      at++;
      continue;
    }
    const escape = bytes[at + 1] as number;
    if (escape !== 0x75) {
      out[length++] = SIMPLE[escape] ?? escape;
      at += 2;
      continue;
    }
    let code = hexUnit(bytes, at + 2);
    at += 6;
    if (code >= 0xd800 && code <= 0xdbff) {
      code = 0x1_0000 + ((code - 0xd800) << 10) + (hexUnit(bytes, at + 2) - 0xdc00);
      at += 6;
    }
    length = writeCodePoint(code, out, length);
  }
  return length;
}

function hexUnit(bytes: Uint8Array, at: number): number {
  let unit = 0;
  for (let i = at; i < at + 4; i++) unit = unit * 16 + hexDigit(bytes[i] as number);
  return unit;
}

function writeCodePoint(code: number, out: Uint8Array, at: number): number {
  let to = at;
  if (code < 0x80) out[to++] = code;
  else if (code < 0x800) {
    out[to++] = 0xc0 | (code >> 6);
    out[to++] = 0x80 | (code & 0x3f);
  } else if (code < 0x1_0000) {
    out[to++] = 0xe0 | (code >> 12);
    out[to++] = 0x80 | ((code >> 6) & 0x3f);
    out[to++] = 0x80 | (code & 0x3f);
  } else {
    out[to++] = 0xf0 | (code >> 18);
    out[to++] = 0x80 | ((code >> 12) & 0x3f);
    out[to++] = 0x80 | ((code >> 6) & 0x3f);
    out[to++] = 0x80 | (code & 0x3f);
  }
  return to;
}
