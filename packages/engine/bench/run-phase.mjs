// One phase of one subject in a process of its own, so that its peak memory is its own:
//   node run-phase.mjs SUBJECT load|read|write|flat|cold --data FILE --db FOLDER [--only W2,W4]
// Every result is one JSON line on stdout.
import { cpSync, readFileSync, rmSync } from "node:fs";
import { parseArguments } from "./arguments.mjs";
import { diskMiB, peakRssMiB, summarise } from "./measure.mjs";
import { COLD, FLATNESS, READS, WRITES } from "./workloads.mjs";

// Before the native module starts.
process.env.LANCEDB_LOG ??= "error";

const { _: positional, data, db, only, key } = parseArguments(process.argv.slice(2));
const [subjectName, phase] = positional;
const { createSubject } = await import(`./subjects/${subjectName}.mjs`);
const subject = createSubject();
const wanted = (id) => only === undefined || only.split(",").includes(id);
const report = (id, fields) => console.log(JSON.stringify({ subject: subjectName, id, ...fields, rss_mib: peakRssMiB() }));

const PHASES = { load, read, write, flat, cold };
await PHASES[phase]();

async function load() {
  rmSync(db, { recursive: true, force: true });
  const start = performance.now();
  const { nodes, edges } = await subject.load({ data, db });
  const seconds = (performance.now() - start) / 1_000;
  report("W1", { seconds: Math.round(seconds * 1_000) / 1_000, rows_per_s: Math.round((nodes + edges) / seconds), check: { nodes, edges }, disk_mib: diskMiB(db) });
}

async function read() {
  const questions = readQuestions();
  const start = performance.now();
  await subject.open(db);
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
    if (!wanted("W8b")) return;
    const last = questions.w8batch.at(-1);
    const found = await subject.person(last.slug);
    const first = await subject.person(questions.w8batch[0].slug);
    report("written", { check: { last: [found?.name, Number(found?.age)], first: first?.name, expected: [last.name, last.age] } });
  });
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
