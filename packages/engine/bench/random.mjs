// Seeded randomness: the same seed gives the same data set, byte for byte.

/** mulberry32: uniform numbers in [0, 1). */
export function seededRandom(seed) {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let bits = Math.imul(state ^ (state >>> 15), state | 1);
    bits ^= bits + Math.imul(bits ^ (bits >>> 7), bits | 61);
    return ((bits ^ (bits >>> 14)) >>> 0) / 4294967296;
  };
}

/** One draw of a standard normal distribution (Box-Muller, cosine half). */
export function gaussian(random) {
  const radius = Math.sqrt(-2 * Math.log(Math.max(random(), 1e-12)));
  return radius * Math.cos(2 * Math.PI * random());
}

export function randomInteger(random, below) {
  return Math.floor(random() * below);
}

/** Cumulative distribution of a Zipf-like law over `count` ranks. */
export function zipfDistribution(count, exponent) {
  const cumulative = new Float64Array(count);
  let total = 0;
  for (let rank = 0; rank < count; rank++) cumulative[rank] = total += 1 / Math.pow(rank + 1, exponent);
  for (let rank = 0; rank < count; rank++) cumulative[rank] /= total;
  return cumulative;
}

/** The first rank whose cumulative weight is not below `u`. */
export function drawRank(cumulative, u) {
  let low = 0;
  let high = cumulative.length - 1;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (cumulative[middle] < u) low = middle + 1;
    else high = middle;
  }
  return low;
}
