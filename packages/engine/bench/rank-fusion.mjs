/** Reciprocal rank fusion with k = 60: the best `count` of several rankings of slugs. */
export function fuseRanks(rankings, count) {
  const scores = new Map();
  for (const ranking of rankings) for (const [at, slug] of ranking.entries()) scores.set(slug, (scores.get(slug) ?? 0) + 1 / (60 + at + 1));
  const order = [...scores].sort((a, b) => b[1] - a[1] || (a[0] < b[0] ? -1 : 1));
  return order.slice(0, count).map(([slug]) => slug);
}
