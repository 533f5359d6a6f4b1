// The questions, the same for every subject. A subject answers with plain values; `check` turns all answers of a workload into
// what two subjects must agree on.
import { fingerprint } from "./measure.mjs";

const sum = (numbers) => numbers.reduce((total, value) => total + value, 0);

/** Read workloads in the order they run. `warm` questions are asked first and not measured. */
export const READS = [
  {
    id: "W2",
    title: "person by key, all fields",
    ask: (subject, slug) => subject.person(slug),
    items: (questions) => questions.w2,
    warm: (questions) => questions.w2.slice(0, 50),
    check: (answers) => ({ hash: fingerprint(answers.slice(0, 100).map((person) => [person.slug, person.name, Number(person.age), person.city])) }),
  },
  {
    id: "W3",
    title: "names of the neighbours",
    ask: (subject, slug) => subject.neighbourNames(slug),
    items: (questions) => questions.w3,
    warm: (questions) => questions.w2.slice(0, 10),
    check: (answers) => ({ rows: sum(answers.map((names) => names.length)), hash: fingerprint(answers.slice(0, 20).map((names) => [...names].sort())) }),
  },
  {
    id: "W4",
    title: "two hops, age > 50, distinct",
    ask: (subject, slug) => subject.twoHopCount(slug),
    items: (questions) => questions.w4,
    warm: (questions) => questions.w2.slice(0, 1),
    check: (answers) => ({ sum: sum(answers), hash: fingerprint(answers.slice(0, 10)) }),
  },
  {
    id: "W5",
    title: "within three hops",
    ask: (subject, slug) => subject.threeHopCount(slug),
    items: (questions) => questions.w5,
    warm: () => [],
    check: (answers) => ({ sum: sum(answers), hash: fingerprint(answers.slice(0, 2)) }),
  },
  {
    id: "W6",
    title: "average age by sector",
    ask: (subject) => subject.sectorAges(),
    items: () => new Array(5).fill(undefined),
    warm: () => [],
    check: (answers) => ({ groups: answers[0].length, hash: fingerprint(answers[0].map(([sector, age]) => [sector, Math.round(age * 1e6) / 1e6]).sort()) }),
  },
  {
    id: "W7",
    title: "over 60, knows nobody in town",
    ask: (subject) => subject.lonelyCount(),
    items: () => new Array(5).fill(undefined),
    warm: () => [],
    check: (answers) => ({ count: answers[0] }),
  },
];

export const WRITES = [
  { id: "W8", title: "upsert one person", run: (subject, person) => subject.upsert([person]), items: (questions) => questions.w8 },
  {
    id: "W8b",
    title: "upsert 1,000 persons",
    run: (subject, persons) => subject.upsert(persons),
    items: (questions) => [questions.w8batch, questions.w8batch.map((person) => ({ ...person, age: person.age + 1 })), questions.w8batch],
  },
];

/** Independent writers at once, each waiting for its own commit. */
export const CONCURRENT = { id: "W8c", title: "64 writers, one person each", writers: 64, rounds: 10 };

/** Many small commits in a row: the cost of one must not grow with their number. */
export const FLATNESS = { id: "W8flat", title: "upsert at commit 1,900-2,000 against 50-150", commits: 2_000, early: [50, 150], late: [1_900, 2_000] };

/** On the data with embeddings. `truth` names the exact answers; `need` is the least share of them that ours has to find. */
export const SEARCHES = [
  { id: "W9", title: "10 nearest vectors", method: "nearest", truth: "nearest", need: 0.95, ask: (subject, { vector }) => subject.nearest(vector, 10, null), slugs: (answer) => answer },
  { id: "W9f", title: "10 nearest vectors, age > 60", method: "nearest", truth: "nearestOver60", need: 0.95, ask: (subject, { vector }) => subject.nearest(vector, 10, 60), slugs: (answer) => answer },
  { id: "W10", title: "10 best texts (BM25)", method: "bestTexts", truth: "text", need: 1, ask: (subject, { terms }) => subject.bestTexts(terms, 10), slugs: (answer) => answer },
  { id: "W11", title: "hybrid, then 1 hop", method: "hybrid", truth: "hybrid", ask: (subject, { vector, terms }) => subject.hybrid(vector, terms), slugs: ({ slugs }) => slugs },
];

/** The first traversal of a process: three hops, with nothing prepared. */
export const FIRST = { id: "first", title: "first 3 hops after open", withCaches: "first-cached", cachedTitle: "the same with cache files" };

/** What a whole process answers: start, open, one lookup, exit. */
export const COLD = { id: "W12", title: "cold start to one answer", runs: 10 };

/** Bounds at size M: milliseconds, commits or MiB, or the ratio to a peer of the same run (of the rate, where more is better). */
export const TARGETS = {
  W1: { rateToBest: 0.55 },
  W1e: { rateTo: "kuzu", ratio: 4 },
  W2: { ms: 0.03 },
  W3: { ms: 0.05 },
  W4: { ms: 0.14 },
  W5: { ms: 1 },
  W6: { ms: 4 },
  W7: { ms: 5 },
  W8: { ms: 20 },
  W8b: { ms: 40 },
  W8c: { commitsPerSecond: 120 },
  W8flat: { flat: 1.5 },
  W9: { to: "lancedb", ratio: 1.15 },
  W9f: { to: "lancedb", ratio: 1.15 },
  W10: { to: "lancedb", ratio: 1.15 },
  W11: { to: "lancedb", ratio: 0.8 },
  first: { ms: 500 },
  "first-cached": { ms: 100 },
  W12: { to: "lancedb", ratio: 1.25 },
};

/** Peak memory of the reads W2 to W7, in MiB, at size M. */
export const READ_RSS_MIB_MAX = 400;
