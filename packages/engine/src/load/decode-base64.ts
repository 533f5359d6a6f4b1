const INVALID = 0xff;
const ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
const PAD = 0x3d;

const VALUES: Uint8Array = (() => {
  const values = new Uint8Array(256).fill(INVALID);
  for (let i = 0; i < ALPHABET.length; i++) values[ALPHABET.charCodeAt(i)] = i;
  return values;
})();

/**
 * Decodes standard base64 with padding from `bytes[start … end)` to `out` at `at`.
 *
 * Strict: no white space, no missing padding, no stray bits in the last character.
 *
 * @returns bytes written, or what is wrong
 */
export function decodeBase64(bytes: Uint8Array, start: number, end: number, out: Uint8Array, at: number): number | string {
  const length = end - start;
  if (length === 0) return 0;
  if (length % 4 !== 0) return `its length ${length} is no multiple of 4`;
  const padding = bytes[end - 1] !== PAD ? 0 : bytes[end - 2] !== PAD ? 1 : 2;
  const dataEnd = end - padding;
  let to = at;
  let from = start;
  for (; from + 4 <= dataEnd; from += 4) {
    const a = VALUES[bytes[from] as number] as number;
    const b = VALUES[bytes[from + 1] as number] as number;
    const c = VALUES[bytes[from + 2] as number] as number;
    const d = VALUES[bytes[from + 3] as number] as number;
    if ((a | b | c | d) === INVALID) return "a character outside the base64 alphabet";
    out[to++] = (a << 2) | (b >> 4);
    out[to++] = (b << 4) | (c >> 2);
    out[to++] = (c << 6) | d;
  }
  if (padding === 0) return to - at;
  const a = VALUES[bytes[from] as number] as number;
  const b = VALUES[bytes[from + 1] as number] as number;
  const c = padding === 1 ? (VALUES[bytes[from + 2] as number] as number) : 0;
  if ((a | b | c) === INVALID) return "a character outside the base64 alphabet";
  if (padding === 2 ? (b & 0x0f) !== 0 : (c & 0x03) !== 0) return "bits after the last byte";
  out[to++] = (a << 2) | (b >> 4);
  if (padding === 1) out[to++] = (b << 4) | (c >> 2);
  return to - at;
}

/** Upper bound of the bytes that `length` base64 characters stand for. */
export function base64BytesMax(length: number): number {
  return Math.ceil(length / 4) * 3;
}
