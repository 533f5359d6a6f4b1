import { COLD, FLATNESS, READS, TARGETS, WRITES } from "./workloads.mjs";

/** Answers that every subject must give with the default seed, by size. */
const EXPECTED = {
  S: { W1: { nodes: 1_100, edges: 11_000 }, W3: { rows: 9_386 }, W4: { sum: 7_115 }, W5: { sum: 16_187 }, W6: { groups: 20 }, W7: { count: 240 } },
  M: { W1: { nodes: 110_000, edges: 1_100_000 }, W3: { rows: 10_285 }, W4: { sum: 23_568 }, W5: { sum: 292_735 }, W6: { groups: 20 }, W7: { count: 24_637 } },
  L: { W1: { nodes: 1_100_000, edges: 11_000_000 } },
};

const TITLES = new Map([
  ["W1", "bulk load, with indexes"],
  ["open", "open"],
  ["first-hop", "first traversal after open"],
  ...[...READS, ...WRITES, FLATNESS, COLD].map(({ id, title }) => [id, title]),
]);

/** Differences from the known answers and between subjects, as sentences. */
export function findDisagreements(results, size) {
  const problems = [];
  const answers = new Map();
  for (const { subject, id, check } of results) {
    if (check === undefined || id === COLD.id) continue;
    for (const [field, expected] of Object.entries(EXPECTED[size][id] ?? {})) {
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
  const peers = [...new Set(results.map(({ subject }) => subject))].filter((subject) => subject !== "omnigraph");
  const header = ["", `size ${size}`, "ours", "p95", "RSS MiB", ...peers.flatMap((peer) => [peer, "ratio"]), "target", "", ...(previous.length > 0 ? ["before"] : [])];
  let missed = 0;
  const rows = [];
  for (const [id, title] of TITLES) {
    const ours = results.find((result) => result.subject === "omnigraph" && result.id === id);
    if (ours === undefined) continue;
    const cost = costOf(ours);
    const ratios = peers.map((peer) => [peer, costOf(results.find((result) => result.subject === peer && result.id === id))]);
    const verdict = judge(id, { ours, cost, peerCost: ratios[0]?.[1], size });
    if (verdict.passed === false) missed++;
    const before = costOf(previous.find((result) => result.subject === "omnigraph" && result.id === id));
    rows.push([
      id,
      title,
      display(ours, cost),
      ours.p95_ms === undefined ? "" : milliseconds(ours.p95_ms),
      ours.rss_mib === undefined ? "" : String(ours.rss_mib),
      ...ratios.flatMap(([, peerCost]) => [peerCost === undefined ? "" : milliseconds(peerCost), peerCost === undefined ? "" : `${(cost / peerCost).toFixed(2)}x`]),
      verdict.target,
      verdict.passed === undefined ? "" : verdict.passed ? "pass" : "MISSED",
      ...(previous.length > 0 ? [before === undefined ? "" : `${(cost / before).toFixed(2)}x`] : []),
    ]);
  }
  const widths = header.map((cell, index) => Math.max(cell.length, ...rows.map((row) => row[index].length)));
  console.log("");
  for (const row of [header, widths.map((width) => "-".repeat(width)), ...rows]) console.log(row.map((cell, index) => (index < 2 ? cell.padEnd(widths[index]) : cell.padStart(widths[index]))).join("  "));
  for (const { subject, id, error } of results) if (error !== undefined) console.log(`FAILED ${subject} ${id}: ${error}`);
  return missed;
}

/** Milliseconds; the median where there are several runs. */
function costOf(result) {
  if (result === undefined || result.error !== undefined) return undefined;
  return result.seconds === undefined ? result.median_ms : result.seconds * 1_000;
}

function display(result, cost) {
  if (result.error !== undefined) return "failed";
  if (result.rows_per_s !== undefined) return `${milliseconds(cost)} (${Math.round(result.rows_per_s / 1_000)}k rows/s)`;
  if (result.flat !== undefined) return `${milliseconds(result.early_ms)} -> ${milliseconds(result.late_ms)}`;
  return milliseconds(cost);
}

function milliseconds(value) {
  if (value >= 10_000) return `${(value / 1_000).toFixed(1)} s`;
  return `${value >= 100 ? value.toFixed(0) : value >= 1 ? value.toFixed(2) : value.toFixed(3)} ms`;
}

/** Millisecond targets are stated for size M; a smaller graph has to meet them too, a larger one is not judged by them. */
function judge(id, { ours, cost, peerCost, size }) {
  const target = TARGETS[id];
  if (target === undefined) return { target: "" };
  if (ours.error !== undefined) return { target: "", passed: false };
  if (target.ms !== undefined) return size === "L" ? { target: "" } : { target: `<= ${milliseconds(target.ms)}`, passed: cost <= target.ms };
  if (target.rowsPerSecond !== undefined) return size === "S" ? { target: "" } : { target: `>= ${target.rowsPerSecond / 1_000}k rows/s`, passed: ours.rows_per_s >= target.rowsPerSecond };
  if (target.flat !== undefined) return { target: `<= ${target.flat}x`, passed: ours.flat <= target.flat };
  return { target: `<= ${target.ratio}x peer`, passed: peerCost === undefined ? undefined : cost <= peerCost * target.ratio };
}
