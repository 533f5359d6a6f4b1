import type { Utf8Column } from "../columnar/column.js";

/**
 * Writes the 64-bit hash of `bytes[start … end)` as the little-endian pair `out[2 * index]` (low), `out[2 * index + 1]` (high).
 *
 * Injectable wherever hashes decide identity, so that a test can force two ids to collide (DG-6).
 */
export type EntityHash = (bytes: Uint8Array, start: number, end: number, out: Uint32Array, index: number) => void;

// XXH64 constants as low and high words.
const P1_LO = 0x85eb_ca87 | 0;
const P1_HI = 0x9e37_79b1 | 0;
const P2_LO = 0x27d4_eb4f | 0;
const P2_HI = 0xc2b2_ae3d | 0;
const P3_LO = 0x9e37_79f9 | 0;
const P3_HI = 0x1656_67b1 | 0;
const P4_LO = 0xc2b2_ae63 | 0;
const P4_HI = 0x85eb_ca77 | 0;
const P5_LO = 0x1656_67c5 | 0;
const P5_HI = 0x27d4_eb2f | 0;

/** High 32 bits of the unsigned product. */
function mulHigh(a: number, b: number): number {
  const a0 = a & 0xffff;
  const a1 = a >>> 16;
  const b0 = b & 0xffff;
  const b1 = b >>> 16;
  const middle = (Math.imul(a1, b0) + (Math.imul(a0, b0) >>> 16)) | 0;
  const carry = (Math.imul(a0, b1) + (middle & 0xffff)) | 0;
  return (Math.imul(a1, b1) + (middle >>> 16) + (carry >>> 16)) | 0;
}

function mulHi64(lo: number, hi: number, primeLo: number, primeHi: number): number {
  return (mulHigh(lo, primeLo) + Math.imul(lo, primeHi) + Math.imul(hi, primeLo)) | 0;
}

/** 1 when the unsigned 32-bit addition that gave `sum` overflowed. */
function carryOf(sum: number, addend: number): number {
  return sum >>> 0 < addend >>> 0 ? 1 : 0;
}

function readWord(bytes: Uint8Array, at: number): number {
  return (
    (bytes[at] as number) |
    ((bytes[at + 1] as number) << 8) |
    ((bytes[at + 2] as number) << 16) |
    ((bytes[at + 3] as number) << 24)
  );
}

/** State of the long-input path: the four lanes, then the merged accumulator, as low and high words. */
const lanes = new Int32Array(10);

/** lane = rotl(lane + input * P2, 31) * P1 */
function mixLane(lane: number, inputLo: number, inputHi: number): void {
  const productLo = Math.imul(inputLo, P2_LO);
  const productHi = mulHi64(inputLo, inputHi, P2_LO, P2_HI);
  const sumLo = ((lanes[lane] as number) + productLo) | 0;
  const sumHi = ((lanes[lane + 1] as number) + productHi + carryOf(sumLo, productLo)) | 0;
  const lo = (sumLo << 31) | (sumHi >>> 1);
  const hi = (sumHi << 31) | (sumLo >>> 1);
  lanes[lane] = Math.imul(lo, P1_LO);
  lanes[lane + 1] = mulHi64(lo, hi, P1_LO, P1_HI);
}

function addRotatedLane(lane: number, bits: number): void {
  const laneLo = lanes[lane] as number;
  const laneHi = lanes[lane + 1] as number;
  const lo = (laneLo << bits) | (laneHi >>> (32 - bits));
  const hi = (laneHi << bits) | (laneLo >>> (32 - bits));
  const sumLo = ((lanes[8] as number) + lo) | 0;
  lanes[9] = ((lanes[9] as number) + hi + carryOf(sumLo, lo)) | 0;
  lanes[8] = sumLo;
}

/** accumulator = (accumulator ^ round(0, lane)) * P1 + P4 */
function mergeLane(lane: number): void {
  const inputLo = lanes[lane] as number;
  const inputHi = lanes[lane + 1] as number;
  const accumulatorLo = lanes[8] as number;
  const accumulatorHi = lanes[9] as number;
  lanes[lane] = 0;
  lanes[lane + 1] = 0;
  mixLane(lane, inputLo, inputHi);
  const lo = accumulatorLo ^ (lanes[lane]);
  const hi = accumulatorHi ^ (lanes[lane + 1] as number);
  const sumLo = (Math.imul(lo, P1_LO) + P4_LO) | 0;
  lanes[9] = (mulHi64(lo, hi, P1_LO, P1_HI) + P4_HI + carryOf(sumLo, P4_LO)) | 0;
  lanes[8] = sumLo;
}

/** Consumes all whole 32-byte stripes into the accumulator; returns where the tail starts. */
function consumeStripes(bytes: Uint8Array, start: number, end: number): number {
  lanes[0] = (P1_LO + P2_LO) | 0;
  lanes[1] = (P1_HI + P2_HI + carryOf(lanes[0], P2_LO)) | 0;
  lanes[2] = P2_LO;
  lanes[3] = P2_HI;
  lanes[4] = 0;
  lanes[5] = 0;
  lanes[6] = -P1_LO | 0;
  lanes[7] = ~P1_HI;
  let at = start;
  for (; at + 32 <= end; at += 32) {
    for (let lane = 0; lane < 8; lane += 2) mixLane(lane, readWord(bytes, at + lane * 4), readWord(bytes, at + lane * 4 + 4));
  }
  lanes[8] = 0;
  lanes[9] = 0;
  addRotatedLane(0, 1);
  addRotatedLane(2, 7);
  addRotatedLane(4, 12);
  addRotatedLane(6, 18);
  for (let lane = 0; lane < 8; lane += 2) mergeLane(lane);
  return at;
}

/** XXH64 with seed 0 in 32-bit arithmetic: `BigInt` would cost ten times as much per id. */
export const hashBytes: EntityHash = (bytes, start, end, out, index) => {
  const length = end - start;
  let lo = P5_LO;
  let hi = P5_HI;
  let at = start;
  if (length >= 32) {
    at = consumeStripes(bytes, start, end);
    lo = lanes[8] as number;
    hi = lanes[9] as number;
  }
  const withLength = (lo + length) | 0;
  hi = (hi + carryOf(withLength, length)) | 0;
  lo = withLength;

  for (; at + 8 <= end; at += 8) {
    const inputLo = readWord(bytes, at);
    const productLo = Math.imul(inputLo, P2_LO);
    const productHi = mulHi64(inputLo, readWord(bytes, at + 4), P2_LO, P2_HI);
    const rotatedLo = (productLo << 31) | (productHi >>> 1);
    const rotatedHi = (productHi << 31) | (productLo >>> 1);
    lo ^= Math.imul(rotatedLo, P1_LO);
    hi ^= mulHi64(rotatedLo, rotatedHi, P1_LO, P1_HI);
    const turnedLo = (lo << 27) | (hi >>> 5);
    const turnedHi = (hi << 27) | (lo >>> 5);
    lo = (Math.imul(turnedLo, P1_LO) + P4_LO) | 0;
    hi = (mulHi64(turnedLo, turnedHi, P1_LO, P1_HI) + P4_HI + carryOf(lo, P4_LO)) | 0;
  }
  if (at + 4 <= end) {
    const input = readWord(bytes, at);
    at += 4;
    lo ^= Math.imul(input, P1_LO);
    hi ^= mulHi64(input, 0, P1_LO, P1_HI);
    const turnedLo = (lo << 23) | (hi >>> 9);
    const turnedHi = (hi << 23) | (lo >>> 9);
    lo = (Math.imul(turnedLo, P2_LO) + P3_LO) | 0;
    hi = (mulHi64(turnedLo, turnedHi, P2_LO, P2_HI) + P3_HI + carryOf(lo, P3_LO)) | 0;
  }
  for (; at < end; at++) {
    const input = bytes[at] as number;
    lo ^= Math.imul(input, P5_LO);
    hi ^= mulHi64(input, 0, P5_LO, P5_HI);
    const turnedLo = (lo << 11) | (hi >>> 21);
    const turnedHi = (hi << 11) | (lo >>> 21);
    lo = Math.imul(turnedLo, P1_LO);
    hi = mulHi64(turnedLo, turnedHi, P1_LO, P1_HI);
  }

  lo ^= hi >>> 1; // hash ^= hash >>> 33
  hi = mulHi64(lo, hi, P2_LO, P2_HI);
  lo = Math.imul(lo, P2_LO);
  const shiftedLo = (lo >>> 29) | (hi << 3); // hash ^= hash >>> 29
  hi ^= hi >>> 29;
  lo ^= shiftedLo;
  hi = mulHi64(lo, hi, P3_LO, P3_HI);
  lo = Math.imul(lo, P3_LO);
  lo ^= hi; // hash ^= hash >>> 32
  out[2 * index] = lo;
  out[2 * index + 1] = hi;
};

/** Hashes of all rows, two words per row (low, high). Rows under a null get an unspecified hash. */
export function hashUtf8Column(column: Utf8Column, hash: EntityHash = hashBytes): Uint32Array {
  const out = new Uint32Array(2 * column.length);
  const { bytes, offsets } = column;
  for (let row = 0; row < column.length; row++) hash(bytes, offsets[row] as number, offsets[row + 1] as number, out, row);
  return out;
}

const encoder = new TextEncoder();

/** Hash of one id as the stored unsigned value. For single ids; bulk work uses {@link hashUtf8Column}. */
export function hashText(id: string, hash: EntityHash = hashBytes): bigint {
  const bytes = encoder.encode(id);
  const out = new Uint32Array(2);
  hash(bytes, 0, bytes.length, out, 0);
  return hashWordsToBigInt(out[0] as number, out[1] as number);
}

export function hashWordsToBigInt(lo: number, hi: number): bigint {
  return (BigInt(hi >>> 0) << 32n) | BigInt(lo >>> 0);
}

/** The stored form of hash pairs. The platform is little-endian everywhere the native module runs. */
export function hashPairsToUint64(pairs: Uint32Array): BigUint64Array {
  return new BigUint64Array(pairs.buffer as ArrayBuffer, pairs.byteOffset, pairs.length >> 1);
}

/** Inverse view of {@link hashPairsToUint64}. */
export function uint64ToHashPairs(values: BigUint64Array, length: number = values.length): Uint32Array {
  return new Uint32Array(values.buffer as ArrayBuffer, values.byteOffset, length * 2);
}
