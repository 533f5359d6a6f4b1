/**
 * Speed and memory of reading a load: parse, convert, check rows and endpoints, without any storage. Build first, then
 * `node packages/engine/bench/load-parse.mjs FILE [runs]` on a file of the benchmark's generator.
 */
import { createReadStream, readFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { randomIds, systemClock } from "@omnigraphdb/common";
import { createAcceptedSchema } from "@omnigraphdb/compiler";
import { readLoad } from "../dist/load/read-load.js";
import { validateDelta } from "../dist/validate/validate-delta.js";

const CHUNK_BYTES = 256 * 1024;

const [file, runs = "3"] = process.argv.slice(2);
if (file === undefined) throw new Error("usage: load-parse.mjs FILE [runs]");

const schema = createAcceptedSchema(readFileSync(new URL("schema.pg", import.meta.url), "utf8"), { identityDomain: "bench" });
const emptyView = { schema, snapshot: { entries: new Map() }, openType: () => Promise.reject(new Error("an empty graph")) };

for (let run = 0; run < Number(runs); run++) {
  const start = performance.now();
  const input = createReadStream(file, { highWaterMark: CHUNK_BYTES });
  const load = await readLoad(input, schema, { mode: "append" }, { clock: systemClock, ids: randomIds, stagingDirectory: tmpdir() });
  const readMs = performance.now() - start;
  await validateDelta({ types: load.types, isStrictInsert: true, hash: load.hash }, emptyView, load.violations);
  const ms = performance.now() - start;
  const rate = Math.round(load.recordCount / ms);
  const rss = Math.round(process.resourceUsage().maxRSS / 1024);
  console.log(`${load.recordCount} records  read ${Math.round(readMs)} ms  checks ${Math.round(ms - readMs)} ms  ${rate} k/s  ${rss} MiB`);
  await load[Symbol.asyncDispose]();
}
