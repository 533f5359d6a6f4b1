const PRIME_1 = 0x9e37_79b1;
const PRIME_2 = 0x85eb_ca77;
const PRIME_3 = 0xc2b2_ae3d;

/** Bytes that one step of {@link BlockChecksum} takes. */
export const CHECKSUM_BLOCK_BYTES = 16;

/**
 * A 32-bit checksum over blocks of 16 bytes: four lanes of multiply and rotate, about a nanosecond per word. It finds torn and altered files; it
 * is no defence against somebody who forges them.
 */
export class BlockChecksum {
  readonly #lanes = new Uint32Array([PRIME_1, PRIME_2, PRIME_3, 1]);
  #byteCount = 0;

  /** @param bytes whole blocks, at an address divisible by four */
  add(bytes: Uint8Array): void {
    const words = new Uint32Array(bytes.buffer, bytes.byteOffset, bytes.byteLength / 4);
    let [a, b, c, d] = this.#lanes as unknown as [number, number, number, number];
    for (let at = 0; at < words.length; at += 4) {
      a = mix(a, words[at] as number);
      b = mix(b, words[at + 1] as number);
      c = mix(c, words[at + 2] as number);
      d = mix(d, words[at + 3] as number);
    }
    this.#lanes.set([a, b, c, d]);
    this.#byteCount += words.byteLength;
  }

  finish(): number {
    let sum = this.#byteCount >>> 0;
    for (const lane of this.#lanes) sum = mix(sum, lane);
    return (sum ^ (sum >>> 15)) >>> 0;
  }
}

function mix(lane: number, word: number): number {
  const sum = (lane + Math.imul(word, PRIME_2)) | 0;
  return Math.imul((sum << 13) | (sum >>> 19), PRIME_1);
}
