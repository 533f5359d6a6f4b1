import type { Embedder, EmbedOptions } from "@omnigraphdb/common";

const FNV_OFFSET = 14_695_981_039_346_656_037n;
const FNV_PRIME = 1_099_511_628_211n;
const MASK = 2n ** 64n - 1n;

/** The same vector for the same text everywhere, from arithmetic alone: for tests and for trying things out (EM-8, EM-12). */
export class MockEmbedder implements Embedder {
  readonly provider = "mock";
  readonly model: string;

  constructor(model: string) {
    this.model = model;
  }

  embed(texts: readonly string[], { dimension }: EmbedOptions): Promise<readonly Float32Array[]> {
    return Promise.resolve(texts.map((text) => mockVector(text, dimension)));
  }
}

function mockVector(text: string, dimension: number): Float32Array {
  let state = fnv1a(new TextEncoder().encode(text));
  const vector = new Float32Array(dimension);
  for (let i = 0; i < dimension; i++) {
    state ^= (state << 13n) & MASK;
    state ^= state >> 7n;
    state ^= (state << 17n) & MASK;
    // Twice a 32-bit float is one again, so only the subtraction rounds.
    vector[i] = Math.fround(Number(state) / 2 ** 64) * 2 - 1;
  }
  return vector;
}

function fnv1a(bytes: Uint8Array): bigint {
  let hash = FNV_OFFSET;
  for (const byte of bytes) hash = ((hash ^ BigInt(byte)) * FNV_PRIME) & MASK;
  return hash;
}
