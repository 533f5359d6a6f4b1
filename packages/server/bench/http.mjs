// node packages/server/bench/http.mjs [--size S|M] [--seconds 10] [--requests 10000] [--connections 32] [--soak 10] [--cpu-prof FOLDER]
// A server on loopback and the load generator in a process of its own: the point query at a fixed rate, W3 as fast as it goes next to the bare
// framework's echo of as many bytes, and with --soak the memory over so many minutes. Exits 1 when a target is missed.
import { createReadStream, existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { cp } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { Graph } from "@omnigraphdb/engine";
// @boundaries-ignore benchmarks are no part of a package, and share their data
import { parseArguments } from "../../engine/bench/arguments.mjs";
// @boundaries-ignore benchmarks are no part of a package, and share their data
import { generateData } from "../../engine/bench/generate-data.mjs";
import { generateLoad, startEcho, startServer } from "./processes.mjs";

const ROOT = fileURLToPath(new URL("../../../", import.meta.url));
const ENGINE_BENCH = path.join(ROOT, "packages/engine/bench");
const POINT_P99_MS = 15;
const POINT_RATE = 500;
const ECHO_SHARE = 0.6;
/** Growth over the second half of a soak that is no growth. */
const SOAK_GROWTH_MIB = 32;

const options = parseArguments(process.argv.slice(2));
const size = options.size ?? "M";
const seconds = Number(options.seconds ?? 10);
const requestCount = Number(options.requests ?? 10_000);
const connections = Number(options.connections ?? 32);
const source = readFileSync(path.join(ENGINE_BENCH, "queries.gq"), "utf8");
const folder = mkdtempSync(path.join(tmpdir(), "omnigraph-http-"));
let failureCount = 0;

try {
  const graph = path.join(folder, "graph.omni");
  await cp(await builtGraph(), graph, { recursive: true });
  const questions = JSON.parse(readFileSync(path.join(ROOT, `bench-data/${size}.jsonl.queries.json`), "utf8"));
  const nodeArgs = typeof options["cpu-prof"] === "string" ? ["--cpu-prof", `--cpu-prof-dir=${path.resolve(options["cpu-prof"])}`] : [];
  const server = await startServer(graph, { nodeArgs });
  try {
    await warm(server.url, questions);
    await pointQuery(server, questions);
    await neighbours(server, questions);
    if (options.soak !== undefined) await soak(server, questions, Number(options.soak));
  } finally {
    await server.stop();
  }
} finally {
  rmSync(folder, { recursive: true, force: true });
}
process.exitCode = failureCount > 0 ? 1 : 0;

/** The graph of the engine's benchmark; built when it is not there. */
async function builtGraph() {
  const uri = path.join(ROOT, `bench-data/omnigraph-${size}.omni`);
  if (existsSync(uri)) return uri;
  const data = path.join(ROOT, `bench-data/${size}.jsonl`);
  if (!existsSync(data)) generateData({ size, out: data });
  const built = path.join(folder, "built.omni");
  const graph = await Graph.init(built, readFileSync(path.join(ENGINE_BENCH, "schema.pg"), "utf8"), { settings: { durability: "process" } });
  await graph.load(createReadStream(data, { highWaterMark: 1 << 20 }), { mode: "append" });
  await graph.close();
  return built;
}

function requestsOf(name, slugs) {
  return slugs.slice(0, 1000).map((slug) => ({ method: "POST", path: "/query", headers: { "content-type": "application/json" }, body: JSON.stringify({ query: source, name, params: { slug } }) }));
}

/** Until everything is in memory and compiled. */
async function warm(url, questions) {
  for (const name of ["person", "neighbours"]) refuseErrors(await generateLoad({ url, connections, amount: 2 * requestCount, requests: requestsOf(name, questions.w2) }));
}

async function pointQuery(server, questions) {
  const result = await generateLoad({ url: server.url, connections, duration: seconds, ratePerSecond: POINT_RATE, requests: requestsOf("person", questions.w2) });
  refuseErrors(result);
  const { p50, p99, max } = result.latency;
  report(`point query at ${POINT_RATE}/s, ${size}`, `p50 ${p50} ms, p99 ${p99} ms, max ${max} ms, ${Math.round(result.requests.average)}/s`, p99 <= POINT_P99_MS, `p99 <= ${POINT_P99_MS} ms`);
}

async function neighbours(server, questions) {
  const requests = requestsOf("neighbours", questions.w3);
  const byteCounts = [];
  for (const { headers, body } of requests.slice(0, 100)) byteCounts.push((await (await fetch(`${server.url}/query`, { method: "POST", headers, body })).text()).length);
  const byteCount = Math.round(byteCounts.reduce((sum, count) => sum + count, 0) / byteCounts.length);
  const echoBody = JSON.stringify(echoDocument(byteCount));
  const echo = await startEcho();
  const bareRequest = { url: `${echo.url}/echo`, connections, method: "POST", headers: { "content-type": "application/json" }, body: echoBody };
  const rounds = [];
  try {
    await generateLoad({ ...bareRequest, amount: requestCount });
    // In turns: what else the machine does hits both alike.
    for (let round = 0; round < 5; round++) {
      const ours = await measured(server, { url: server.url, connections, amount: requestCount, requests });
      const bare = await measured(echo, { ...bareRequest, amount: requestCount });
      rounds.push({ ours, bare, share: ours.rate / bare.rate });
    }
  } finally {
    await echo.stop();
  }
  const share = median(rounds.map((round) => round.share));
  const shown = (side) => `${Math.round(median(rounds.map((round) => round[side].rate)))}/s, ${Math.round(median(rounds.map((round) => round[side].cpuMicros)))} us of processor each`;
  report(`W3 through HTTP, ${size}`, `${shown("ours")}; bare echo of ${echoBody.length} bytes ${shown("bare")}; share ${Math.round(share * 100)} %`, share >= ECHO_SHARE, `>= ${ECHO_SHARE * 100} %`);
}

async function measured(target, load) {
  const cpuBefore = target.cpuMs();
  const result = await generateLoad(load);
  refuseErrors(result);
  return { rate: result["2xx"] / result.duration, cpuMicros: (1000 * (target.cpuMs() - cpuBefore)) / result["2xx"] };
}

/** A document of about so many characters that looks like an answer. */
function echoDocument(byteCount) {
  const document = { query_name: "neighbours", target: { branch: "main", snapshot: null }, columns: ["name"], rows: [] };
  while (JSON.stringify(document).length < byteCount) document.rows.push({ name: "Nordlicht Example" });
  return document;
}

async function soak(server, questions, minutes) {
  const samples = [];
  const requests = requestsOf("neighbours", questions.w3);
  const timer = setInterval(() => samples.push(server.rssMiB()), 5_000);
  refuseErrors(await generateLoad({ url: server.url, connections, duration: minutes * 60, ratePerSecond: POINT_RATE, requests }));
  clearInterval(timer);
  const half = Math.floor(samples.length / 2);
  const growth = median(samples.slice(-5)) - median(samples.slice(half, half + 5));
  report(`soak of ${minutes} minutes at ${POINT_RATE}/s`, `resident ${samples[0]} MiB at first, ${samples[half]} MiB after half, ${samples.at(-1)} MiB at the end`, growth <= SOAK_GROWTH_MIB, `second half grows by <= ${SOAK_GROWTH_MIB} MiB`);
}

function median(values) {
  return [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)];
}

function refuseErrors({ errors, timeouts, non2xx }) {
  if (errors + timeouts + non2xx > 0) throw new Error(`${errors} errors, ${timeouts} timeouts, ${non2xx} answers other than 2xx`);
}

function report(what, figures, isMet, target) {
  if (!isMet) failureCount++;
  console.log(`${what}: ${figures}  [${target}: ${isMet ? "met" : "MISSED"}]`);
}
