// One phase of one subject in a process of its own, so that its peak memory is its own:
//   node run-phase.mjs SUBJECT PHASE --data FILE --db FOLDER [--only W2,W4] [--emb]
// Every result is one JSON line on stdout.
import { cpSync, existsSync, readFileSync, rmSync } from "node:fs";
import { parseArguments } from "./arguments.mjs";
import { diskMiB, peakRssMiB, summarise } from "./measure.mjs";
import { SUBJECTS } from "./subjects.mjs";
import { COLD, CONCURRENT, FIRST, FLATNESS, READS, SEARCHES, WRITES } from "./workloads.mjs";

// Before the native module starts.
process.env.LANCEDB_LOG ??= "error";

const { _: positional, data, db, only, key, emb, cached } = parseArguments(process.argv.slice(2));
const [subjectName, phase] = positional;
const { createSubject } = await import(SUBJECTS[subjectName].module);
const subject = createSubject();
const wanted = (id) => only === undefined || only.split(",").includes(id);
const report = (id, fields) => console.log(JSON.stringify({ subject: subjectName, id, ...fields, rss_mib: peakRssMiB() }));

// Some native clients do not keep the event loop alive while they work.
const alive = setInterval(() => undefined, 1_000);
const PHASES = { load, read, write, flat, first, "write-caches": writeCaches, cold, "search-index": searchIndex, search };
await PHASES[phase]();
clearInterval(alive);

async function load() {
  rmSync(db, { recursive: true, force: true });
  const start = performance.now();
  const { nodes, edges } = await subject.load({ data, db, embeddings: emb === true });
  const seconds = (performance.now() - start) / 1_000;
  report(emb === true ? "W1e" : "W1", { seconds: Math.round(seconds * 1_000) / 1_000, rows_per_s: Math.round((nodes + edges) / seconds), check: { nodes, edges }, disk_mib: existsSync(db) ? diskMiB(db) : 0 });
}

async function read() {
  const questions = readQuestions();
  const start = performance.now();
  await subject.open(db, { data });
  report("open", { median_ms: performance.now() - start });
  const first = performance.now();
  await subject.neighbourNames(questions.w3[0]);
  report("first-hop", { median_ms: performance.now() - first });
  for (const workload of READS) {
    if (!wanted(workload.id)) continue;
    for (const item of workload.warm(questions)) await workload.ask(subject, item);
    const answers = [];
    const times = await measure(workload.items(questions), async (item) => {
      answers.push(await workload.ask(subject, item));
    });
    report(workload.id, { ...summarise(times), check: workload.check(answers) });
  }
  await subject.close();
}

async function write() {
  const questions = readQuestions();
  await onCopy(async () => {
    for (const workload of WRITES) {
      if (!wanted(workload.id)) continue;
      report(workload.id, summarise(await measure(workload.items(questions), (item) => workload.run(subject, item))));
    }
    if (subjectName === "omnigraph" && wanted(CONCURRENT.id)) await writeAtOnce(questions);
    if (!wanted("W8b")) return;
    const last = questions.w8batch.at(-1);
    const found = await subject.person(last.slug);
    const first = await subject.person(questions.w8batch[0].slug);
    report("written", { check: { last: [found?.name, Number(found?.age)], first: first?.name, expected: [last.name, last.age] } });
  });
}

/** Acknowledged commits of many writers that do not wait for each other: each inserts persons of its own, one per commit. */
async function writeAtOnce({ w8batch }) {
  const { writers, rounds } = CONCURRENT;
  const personOf = (writer, round) => ({ ...w8batch[round % w8batch.length], slug: `at-once-${writer}-${round}` });
  const start = performance.now();
  const times = await Promise.all(Array.from({ length: writers }, (_, writer) => measure(Array.from({ length: rounds }, (_unused, round) => personOf(writer, round)), (person) => subject.upsert([person]))));
  const seconds = (performance.now() - start) / 1_000;
  report(CONCURRENT.id, { ...summarise(times.flat()), commits_per_s: Math.round((writers * rounds) / seconds) });
}

async function first() {
  const { w5 } = readQuestions();
  await subject.open(db, { data });
  const start = performance.now();
  await subject.threeHopCount(w5[0]);
  report(cached === true ? FIRST.withCaches : FIRST.id, { median_ms: performance.now() - start });
  await subject.close();
}

async function writeCaches() {
  await subject.writeCaches(db);
}

async function searchIndex() {
  if (subject.indexSearch === undefined) return;
  await subject.open(db, { data });
  const start = performance.now();
  await subject.indexSearch();
  report("search-index", { seconds: Math.round(performance.now() - start) / 1_000 });
  await subject.close();
}

async function search() {
  const { vectors, terms } = readQuestions();
  const truth = JSON.parse(readFileSync(`${data}.truth.json`, "utf8"));
  const items = vectors.map((vector, i) => ({ vector, terms: terms[i] }));
  await subject.open(db, { data });
  await subject.openSearch();
  for (const workload of SEARCHES) {
    if (!wanted(workload.id) || subject[workload.method] === undefined) continue;
    for (const item of items.slice(-5)) await workload.ask(subject, item);
    const answers = [];
    const times = await measure(items, async (item) => {
      answers.push(workload.slugs(await workload.ask(subject, item)));
    });
    report(workload.id, { ...summarise(times), found: foundShare(answers, truth[workload.truth]) });
  }
  await subject.close();
}

/** Mean share of the expected answers that were given. */
function foundShare(answers, expected) {
  const shares = answers.map((slugs, i) => {
    const { count, accepted } = expected[i];
    return count === 0 ? Number(slugs.length === 0) : Math.min(count, slugs.filter((slug) => accepted.includes(slug)).length) / count;
  });
  return Math.round((shares.reduce((sum, share) => sum + share, 0) / shares.length) * 1_000) / 1_000;
}

async function flat() {
  const { w8 } = readQuestions();
  await onCopy(async () => {
    const items = Array.from({ length: FLATNESS.commits }, (_, i) => ({ ...w8[i % w8.length], age: 20 + (i % 60) }));
    const times = await measure(items, (person) => subject.upsert([person]));
    const medianOf = ([from, to]) => summarise(times.slice(from, to)).median_ms;
    const [early, late] = [medianOf(FLATNESS.early), medianOf(FLATNESS.late)];
    report(FLATNESS.id, { ...summarise(times), early_ms: early, late_ms: late, flat: Math.round((late / early) * 100) / 100 });
  });
}

async function cold() {
  await subject.openCold(db);
  const person = await subject.person(key);
  if (person?.slug !== key) throw new Error(`no person ${key}`);
  report(COLD.id, { check: { name: person.name } });
  process.exit(0);
}

/** Runs on a copy, so that the loaded database stays as it is. */
async function onCopy(work) {
  const copy = `${db}-copy-${process.pid}`;
  cpSync(db, copy, { recursive: true });
  await subject.open(copy);
  await work();
  await subject.close();
  rmSync(copy, { recursive: true, force: true });
}

async function measure(items, run) {
  const times = [];
  for (const item of items) {
    const start = performance.now();
    await run(item);
    times.push(performance.now() - start);
  }
  return times;
}

function readQuestions() {
  return JSON.parse(readFileSync(`${data}.queries.json`, "utf8"));
}
