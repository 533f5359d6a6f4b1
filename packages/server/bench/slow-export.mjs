// node packages/server/bench/slow-export.mjs [--gib 0.25] [--mib-per-second 60] [--keep FOLDER]
// Exports a graph to a client that first reads nothing for five seconds and then slowly, and reports the highest resident memory of the
// server. Exits 1 when it is 300 MiB or more. `--keep` keeps the graph in FOLDER, and uses the one that is there already.
import { randomBytes } from "node:crypto";
import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { request } from "node:http";
import { tmpdir } from "node:os";
import path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { Graph } from "@omnigraphdb/engine";
// @boundaries-ignore benchmarks are no part of a package, and share their data
import { parseArguments } from "../../engine/bench/arguments.mjs";
import { MEMORY_ENV, startServer } from "./processes.mjs";

const RSS_MIB_MAX = 300;
const MIB = 1024 * 1024;
const RECORD_BYTES = 4096;
const STALL_MS = 5_000;

const options = parseArguments(process.argv.slice(2));
const gib = Number(options.gib ?? 0.25);
const rate = Number(options["mib-per-second"] ?? 60) * MIB;
const folder = typeof options.keep === "string" ? options.keep : mkdtempSync(path.join(tmpdir(), "omnigraph-export-"));

try {
  const uri = path.join(folder, `${gib}gib.omni`);
  if (!existsSync(uri)) await build(uri);
  const server = await startServer(uri, { env: MEMORY_ENV });
  try {
    const before = server.rssMiB();
    const started = performance.now();
    const byteCount = await readSlowly(`${server.url}/export`);
    const seconds = (performance.now() - started) / 1000;
    const peak = server.peakRssMiB();
    const isMet = peak < RSS_MIB_MAX;
    console.log(`export of ${(byteCount / MIB).toFixed(0)} MiB in ${seconds.toFixed(1)} s: resident ${before} MiB before, ${peak} MiB at most  [< ${RSS_MIB_MAX} MiB: ${isMet ? "met" : "MISSED"}]`);
    process.exitCode = isMet ? 0 : 1;
  } finally {
    await server.stop();
  }
} finally {
  if (options.keep === undefined) rmSync(folder, { recursive: true, force: true });
}

async function build(uri) {
  const graph = await Graph.init(uri, "node Doc { slug: String @key text: String }", { settings: { durability: "process" } });
  await graph.load(records(Math.ceil((gib * 1024 * MIB) / RECORD_BYTES)), { mode: "append" });
  await graph.close();
}

/** In no order of their keys, so that the export has to sort; of texts that do not compress to nothing. */
function* records(count) {
  const letters = randomBytes(24 * MIB).toString("base64");
  for (let i = 0; i < count; i += 64) {
    let lines = "";
    for (let j = i; j < Math.min(i + 64, count); j++) {
      const slug = ((j * 2_654_435_761) % 4_294_967_296).toString(36).padStart(8, "0");
      lines += `{"type":"Doc","data":{"slug":"${slug}-${j}","text":"${letters.substr((j * 7_919) % (letters.length - RECORD_BYTES), RECORD_BYTES - 90)}"}}\n`;
    }
    yield Buffer.from(lines);
  }
}

/** Bytes of the whole body. */
async function readSlowly(url) {
  const body = "{}";
  const response = await new Promise((resolve, reject) => {
    request(url, { method: "POST", headers: { "content-type": "application/json", "content-length": body.length } }, resolve).once("error", reject).end(body);
  });
  if (response.statusCode !== 200) throw new Error(`status ${response.statusCode}`);
  await sleep(STALL_MS);
  const started = performance.now();
  let byteCount = 0;
  for await (const chunk of response) {
    byteCount += chunk.length;
    const ahead = byteCount / rate - (performance.now() - started) / 1000;
    if (ahead > 0.05) await sleep(ahead * 1000);
  }
  if (!response.complete) throw new Error("the body broke off");
  return byteCount;
}
