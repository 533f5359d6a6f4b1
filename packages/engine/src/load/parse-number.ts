/** Powers of ten that binary64 holds exactly. */
const EXACT_POWERS: Float64Array = Float64Array.from({ length: 23 }, (_, exponent) => Number(`1e${exponent}`));
const EXACT_DIGITS_MAX = 15;

/**
 * Binary64 nearest to the JSON number `bytes[start … end)`; infinite when it is out of range.
 *
 * With at most 15 digits and a small exponent one correctly rounded division or multiplication of exact operands is
 * exact (Clinger); everything else goes through the platform's parser.
 */
export function parseFloat64(bytes: Uint8Array, start: number, end: number): number {
  let at = start;
  const isNegative = bytes[at] === 0x2d;
  if (isNegative) at++;
  let mantissa = 0;
  let digits = 0;
  let fractionDigits = 0;
  let seenPoint = false;
  for (; at < end; at++) {
    const byte = bytes[at] as number;
    if (byte === 0x2e) {
      seenPoint = true;
      continue;
    }
    if (byte < 0x30 || byte > 0x39) return parseSlowly(bytes, start, end);
    mantissa = mantissa * 10 + (byte - 0x30);
    if (mantissa !== 0) digits++;
    if (seenPoint) fractionDigits++;
  }
  if (digits > EXACT_DIGITS_MAX || fractionDigits >= EXACT_POWERS.length) return parseSlowly(bytes, start, end);
  const value = fractionDigits === 0 ? mantissa : mantissa / (EXACT_POWERS[fractionDigits] as number);
  return isNegative ? -value : value;
}

function parseSlowly(bytes: Uint8Array, start: number, end: number): number {
  return Number(latin1(bytes, start, end));
}

/** Digits that always fit a safe integer. */
const SAFE_DIGITS = 15;
/** More digits than any 64-bit integer has. */
const INT64_DIGITS_MAX = 20;

/** The JSON integer as a number when it surely is exact, else as bigint; undefined when it has too many digits for 64 bits. */
export function parseInteger(bytes: Uint8Array, start: number, end: number): number | bigint | undefined {
  const isNegative = bytes[start] === 0x2d;
  const from = isNegative ? start + 1 : start;
  if (end - from > SAFE_DIGITS) {
    return end - from > INT64_DIGITS_MAX ? undefined : BigInt(latin1(bytes, start, end));
  }
  let value = 0;
  for (let at = from; at < end; at++) value = value * 10 + ((bytes[at] as number) - 0x30);
  return isNegative && value !== 0 ? -value : value;
}

export function latin1(bytes: Uint8Array, start: number, end: number): string {
  let text = "";
  for (let at = start; at < end; at++) text += String.fromCharCode(bytes[at] as number);
  return text;
}
