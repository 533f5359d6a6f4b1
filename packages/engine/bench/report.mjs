import { SUBJECTS } from "./subjects.mjs";
import { COLD, CONCURRENT, FIRST, FLATNESS, READ_RSS_MIB_MAX, READS, SEARCHES, TARGETS, WRITES } from "./workloads.mjs";

/** Answers that every subject must give with the default seed, by size. */
const EXPECTED = {
  S: { W1: { nodes: 1_100, edges: 11_000 }, W3: { rows: 9_386 }, W4: { sum: 7_115 }, W5: { sum: 16_187 }, W6: { groups: 20 }, W7: { count: 240 } },
  M: { W1: { nodes: 110_000, edges: 1_100_000 }, W3: { rows: 10_285 }, W4: { sum: 23_568 }, W5: { sum: 292_735 }, W6: { groups: 20 }, W7: { count: 24_637 } },
  L: { W1: { nodes: 1_100_000, edges: 11_000_000 } },
};

const TITLES = new Map([
  ["W1", "bulk load, with indexes"],
  ["W1e", "the same with embeddings"],
  ["search-index", "search indexes built"],
  ["open", "open"],
  ["first-hop", "first traversal after open"],
  ...[...READS, ...WRITES, CONCURRENT, FLATNESS, ...SEARCHES].map(({ id, title }) => [id, title]),
  [FIRST.id, FIRST.title],
  [FIRST.withCaches, FIRST.cachedTitle],
  [COLD.id, COLD.title],
]);

/** Differences from the known answers and between subjects, as sentences. */
export function findDisagreements(results, size) {
  const problems = [];
  const answers = new Map();
  for (const { subject, id, check, found } of results) {
    const need = SEARCHES.find((workload) => workload.id === id)?.need;
    if (subject === "omnigraph" && need !== undefined && found !== undefined && found < need) problems.push(`${id}: ${found} of the exact answers were found, ${need} are needed`);
    if (check === undefined || id === COLD.id) continue;
    for (const [field, expected] of Object.entries(EXPECTED[size][id === "W1e" ? "W1" : id] ?? {})) {
      if (check[field] !== expected) problems.push(`${subject} ${id}: ${field} is ${check[field]}, not ${expected}`);
    }
    if (id === "written") {
      const [name, age] = check.expected;
      if (check.last[0] !== name || check.last[1] !== age || check.first !== "Batch 0") problems.push(`${subject}: an upsert was not read back: ${JSON.stringify(check)}`);
      continue;
    }
    const text = JSON.stringify(check);
    const first = answers.get(id);
    if (first === undefined) answers.set(id, { subject, text });
    else if (first.text !== text) problems.push(`${id}: ${first.subject} says ${first.text}, ${subject} says ${text}`);
  }
  return problems;
}

/** Prints one line per workload; gives the number of missed targets. */
export function printTable(results, { size, previous }) {
  const peers = peersOf(results);
  const header = ["", `size ${size}`, "ours", "p95", "target", "", "best peer", "ratio", ...peers, ...(previous.length > 0 ? ["before"] : [])];
  let missed = 0;
  const rows = [];
  for (const [id, title] of TITLES) {
    const of = (subject, list = results) => list.find((result) => result.subject === subject && result.id === id);
    const ours = of("omnigraph");
    if (ours === undefined) continue;
    const cost = costOf(ours);
    const costs = new Map(peers.map((peer) => [peer, costOf(of(peer))]).filter(([, peerCost]) => peerCost !== undefined));
    const best = [...costs].filter(([peer]) => SUBJECTS[peer].isBound !== true).sort((a, b) => a[1] - b[1])[0];
    const verdict = judge(id, { ours, cost, costs, best, size });
    if (verdict.passed === false) missed++;
    const before = costOf(of("omnigraph", previous));
    rows.push([
      id,
      title,
      display(ours, cost),
      ours.p95_ms === undefined ? "" : milliseconds(ours.p95_ms),
      verdict.target,
      verdict.passed === undefined ? "" : verdict.passed ? "pass" : "MISSED",
      best === undefined ? "" : best[0],
      best === undefined || cost === undefined ? "" : `${(cost / best[1]).toFixed(2)}x`,
      ...peers.map((peer) => (costs.has(peer) ? display(of(peer), costs.get(peer)) : "")),
      ...(previous.length > 0 ? [before === undefined || cost === undefined ? "" : `${(cost / before).toFixed(2)}x`] : []),
    ]);
  }
  printRows([header, ...rows]);
  for (const { subject, id, error } of results) if (error !== undefined) console.log(`FAILED ${subject} ${id}: ${error}`);
  return missed;
}

/** Peak resident memory of each phase's process, in MiB; gives the number of missed targets. */
export function printMemory(results, { size, phases }) {
  const subjects = ["omnigraph", ...peersOf(results)];
  const peak = (subject, phase) => Math.max(...results.filter((result) => result.subject === subject && result.phase === phase && result.rss_mib !== undefined).map(({ rss_mib }) => rss_mib), -1);
  const shown = Object.keys(phases).filter((phase) => peak("omnigraph", phase) >= 0);
  if (shown.length === 0) return 0;
  const reads = peak("omnigraph", "read");
  const isJudged = size === "M" && reads >= 0;
  printRows([["", "peak RSS, MiB", "ours", "target", "", ...subjects.slice(1)], ...shown.map((phase) => ["", phase, String(peak("omnigraph", phase)), ...(phase === "read" && isJudged ? [`<= ${READ_RSS_MIB_MAX}`, reads <= READ_RSS_MIB_MAX ? "pass" : "MISSED"] : ["", ""]), ...subjects.slice(1).map((peer) => (peak(peer, phase) < 0 ? "" : String(peak(peer, phase))))])]);
  return isJudged && reads > READ_RSS_MIB_MAX ? 1 : 0;
}

function peersOf(results) {
  return [...new Set(results.map(({ subject }) => subject))].filter((subject) => subject !== "omnigraph");
}

function printRows([header, ...rows]) {
  const widths = header.map((cell, index) => Math.max(cell.length, ...rows.map((row) => row[index].length)));
  console.log("");
  for (const row of [header, widths.map((width) => "-".repeat(width)), ...rows]) console.log(row.map((cell, index) => (index < 2 ? cell.padEnd(widths[index]) : cell.padStart(widths[index]))).join("  ").trimEnd());
}

/** Milliseconds; the median where there are several runs. */
function costOf(result) {
  if (result === undefined || result.error !== undefined) return undefined;
  return result.seconds === undefined ? result.median_ms : result.seconds * 1_000;
}

function display(result, cost) {
  if (result.error !== undefined) return "failed";
  if (result.rows_per_s !== undefined) return `${milliseconds(cost)} (${Math.round(result.rows_per_s / 1_000)}k rows/s)`;
  if (result.commits_per_s !== undefined) return `${result.commits_per_s}/s`;
  if (result.flat !== undefined) return `${milliseconds(result.early_ms)} -> ${milliseconds(result.late_ms)}`;
  if (result.found !== undefined) return `${milliseconds(cost)} (${Math.round(result.found * 1_000) / 10} %)`;
  return milliseconds(cost);
}

function milliseconds(value) {
  if (value >= 10_000) return `${(value / 1_000).toFixed(1)} s`;
  return `${value >= 100 ? value.toFixed(0) : value >= 1 ? value.toFixed(2) : value.toFixed(3)} ms`;
}

/** Targets are stated for size M; only the one on flatness holds for every size. */
function judge(id, { ours, cost, costs, best, size }) {
  const target = TARGETS[id];
  if (target === undefined) return { target: "" };
  if (ours.error !== undefined) return { target: "", passed: false };
  if (target.flat !== undefined) return { target: `<= ${target.flat}x`, passed: ours.flat <= target.flat };
  if (size !== "M") return { target: "" };
  if (target.ms !== undefined) return { target: `<= ${milliseconds(target.ms)}`, passed: cost <= target.ms };
  if (target.commitsPerSecond !== undefined) return { target: `>= ${target.commitsPerSecond}/s`, passed: ours.commits_per_s >= target.commitsPerSecond };
  // Rates are the inverse of costs, as the rows are the same.
  if (target.rateToBest !== undefined) return { target: `>= ${target.rateToBest}x best rate`, passed: best === undefined ? undefined : best[1] >= cost * target.rateToBest };
  if (target.rateTo !== undefined) return { target: `>= ${target.ratio}x ${target.rateTo} rate`, passed: costs.has(target.rateTo) ? costs.get(target.rateTo) >= cost * target.ratio : undefined };
  return { target: `<= ${target.ratio}x ${target.to}`, passed: costs.has(target.to) ? cost <= costs.get(target.to) * target.ratio : undefined };
}
