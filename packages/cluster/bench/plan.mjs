// How long the commands of the control plane take on a large configuration, from the command line: process start and output included.
//   node packages/cluster/bench/plan.mjs [--graphs 50] [--queries 2000] [--runs 5] [--keep]
// Needs the built command line: npx tsc -b && node apps/omnigraph/bundle.mjs
import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { performance } from "node:perf_hooks";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { evolvedSchemaText, queryText, writeConfiguration } from "./configuration.mjs";

const CLI = fileURLToPath(new URL("../../../apps/omnigraph/bin/omnigraph.js", import.meta.url));
/** All threads of the process: what is comparable between machines that have other things to do. */
const REPORT_CPU = `data:text/javascript,${encodeURIComponent('import { writeFileSync } from "node:fs"; process.on("exit", () => { const { user, system } = process.cpuUsage(); writeFileSync(process.env.BENCH_CPU_FILE, String((user + system) / 1e6)); });')}`;
/** What the plan of 50 graphs and 2,000 queries may take. */
const PLAN_SECONDS_MAX = 2;

const { values } = parseArgs({
  options: { graphs: { type: "string", default: "50" }, queries: { type: "string", default: "2000" }, runs: { type: "string", default: "5" }, keep: { type: "boolean", default: false } },
});
const graphs = Number(values.graphs);
const queries = Number(values.queries);
const runs = Number(values.runs);

const directory = mkdtempSync(join(tmpdir(), "omnigraph-plan-bench-"));
try {
  writeConfiguration(directory, { graphs, queries });
  console.log(`${graphs} graphs, ${queries} queries, ${graphs} policies; median of ${runs}`);
  measure("validate", "validate");
  const fresh = measure("plan, nothing deployed", "plan");
  measure("import", "import", 1);
  measure("apply, everything created", "apply", 1);
  measure("apply, nothing to do", "apply", 1);
  const unchanged = measure("plan, nothing to do", "plan");
  const evolved = Math.min(5, graphs);
  for (let id = 1; id <= evolved; id++) writeFileSync(join(directory, `team-${id}/schema.pg`), evolvedSchemaText(id));
  writeFileSync(join(directory, "team-1/queries/more.gq"), queryText(1, queries * 4));
  const edited = measure(`plan, ${evolved} migrations previewed`, "plan");
  measure("refresh", "refresh", 1);
  const worst = Math.max(fresh, unchanged, edited);
  console.log(`slowest plan ${worst.toFixed(2)} s; budget ${PLAN_SECONDS_MAX} s: ${worst <= PLAN_SECONDS_MAX ? "kept" : "EXCEEDED"}`);
  if (worst > PLAN_SECONDS_MAX) process.exitCode = 1;
} finally {
  if (values.keep) console.log(`kept ${directory}`);
  else rmSync(directory, { recursive: true, force: true });
}

/** @returns seconds */
function measure(label, verb, count = runs) {
  const { seconds, cpuSeconds, summary } = Array.from({ length: count }, () => run(verb)).sort((a, b) => a.seconds - b.seconds)[Math.floor(count / 2)];
  console.log(`${label.padEnd(36)} ${seconds.toFixed(2).padStart(6)} s ${cpuSeconds.toFixed(2).padStart(6)} s of CPU  ${summary}`);
  return seconds;
}

function run(verb) {
  const cpuFile = join(directory, ".cpu");
  const start = performance.now();
  const { status, stdout, stderr } = spawnSync(process.execPath, ["--import", REPORT_CPU, CLI, "cluster", verb, "--config", directory, "--json"], {
    encoding: "utf8",
    maxBuffer: 1 << 28,
    env: { ...process.env, BENCH_CPU_FILE: cpuFile },
  });
  const seconds = (performance.now() - start) / 1000;
  if (status !== 0) throw new Error(`cluster ${verb} ended with ${status}\n${stdout.slice(0, 2000)}\n${stderr.slice(0, 2000)}`);
  const document = JSON.parse(stdout);
  return { seconds, cpuSeconds: Number(readFileSync(cpuFile, "utf8")), summary: document.changes === undefined ? `${document.resources?.length ?? Object.keys(document.resource_digests).length} resources` : `${document.changes.length} changes` };
}
