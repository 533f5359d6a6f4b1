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

/** Many small commits in a row: the cost of one must not grow with their number. */
export const FLATNESS = { id: "W8flat", title: "upsert at commit 1,900-2,000 against 50-150", commits: 2_000, early: [50, 150], late: [1_900, 2_000] };

/** What a whole process answers: start, open, one lookup, exit. */
export const COLD = { id: "W12", title: "cold start to one answer", runs: 10 };

/** Bounds at size M: milliseconds, rows per second, or the ratio to the raw LanceDB script of the same run. */
export const TARGETS = {
  W1: { rowsPerSecond: 200_000 },
  W2: { ratio: 1 },
  W3: { ratio: 1 },
  W4: { ratio: 1 },
  W5: { ratio: 1 },
  W6: { ratio: 1 },
  W7: { ratio: 1 },
  W8: { ms: 35 },
  W8flat: { flat: 1.5 },
  W12: { ratio: 1.6 },
};
