// npm run demo: makes ./demo/world.omni from a public data set through the real command line, asks it questions, changes it,
// looks back in time and takes it through an export and a load. Every run starts from nothing.
//   node scripts/demo/demo.mjs [FOLDER]     FOLDER gets the folder `demo`; by default the root of the repository
import { spawnSync } from "node:child_process";
import { copyFileSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { writeCountries } from "./convert.mjs";

const ROOT = path.resolve(path.dirname(fileURLToPath(import.meta.url)), "../..");
const SOURCES = path.join(ROOT, "scripts/demo");
const BIN = path.join(ROOT, "apps/omnigraph/bin/omnigraph.js");
const STORE = "demo/world.omni";
const QUERIES = "demo/queries.gq";

process.chdir(process.argv[2] ?? ROOT);
try {
  main();
} catch (error) {
  process.stderr.write(`\nThe demo stopped: ${error.message}\n`);
  process.exitCode = 1;
}

function main() {
  prepareFolder();
  heading("Create a graph and load it");
  show(["init", "--schema", "demo/schema.pg", STORE]);
  show(["load", "--data", "demo/world.jsonl", "--mode", "overwrite", STORE]);

  heading("Ask");
  query("country", { code: "CHE" }, ["--format", "kv"]);
  query("neighbours", { code: "CHE" });
  query("within_three_borders", { code: "CHE" });
  query("island_states", { larger_than: 100_000 });
  query("doubly_landlocked");
  query("regions");
  query("shared_currency", { currency: "XOF" });

  heading("Search");
  query("official", { words: "federal republic" });
  query("misspelt", { name: "Swizerland" });
  query("closest", { point: [0, 0, 1] });
  query("closest_named", { language: "French", point: [1, 0, 0], words: "democratic republic" });

  heading("Change, in one commit each");
  mutate("join_and_visit", { handle: "ada", name: "Ada", first: "JPN", second: "ISL" });
  mutate("visit", { handle: "ada", code: "CHE", on: "2025-01-20", rating: 4 });
  query("journeys", { handle: "ada", since: "2024-01-01" });
  const withJourneys = headCommit();
  show(["commit", "changes", withJourneys, "--store", STORE]);
  mutate("leave", { handle: "ada" });
  query("travellers");

  heading("Look back");
  show(["commit", "list", STORE]);
  query("journeys", { handle: "ada", since: "2024-01-01" }, ["--snapshot", withJourneys]);

  heading("Export, load elsewhere, compare");
  roundTrip();

  heading("Look inside");
  show(["explain", "official", "--query", QUERIES, ...parameters({ words: "federal republic" }), "--store", STORE, "--analyze"]);

  heading("Try next");
  console.log(nextCommands());
}

function prepareFolder() {
  rmSync("demo", { recursive: true, force: true });
  mkdirSync("demo");
  const count = writeCountries("demo/world.jsonl");
  for (const file of ["schema.pg", "queries.gq"]) copyFileSync(path.join(SOURCES, file), path.join("demo", file));
  console.log(`${count} records of the public data set mledoze/countries (ODbL 1.0) are in demo/world.jsonl`);
}

function query(name, params, extra = []) {
  show(["query", name, "--query", QUERIES, ...parameters(params), ...extra, "--store", STORE]);
}

function mutate(name, params) {
  show(["mutate", name, "--query", QUERIES, ...parameters(params), "--store", STORE]);
}

function parameters(params) {
  return params === undefined ? [] : ["--params", JSON.stringify(params)];
}

/** Prints a command as a user would type it, then its output. */
function show(args) {
  console.log(`\n$ omnigraph ${args.map(quote).join(" ")}`);
  process.stdout.write(omnigraph(args));
}

function quote(argument) {
  return /^[\w./:=-]+$/.test(argument) ? argument : `'${argument}'`;
}

function omnigraph(args) {
  const result = spawnSync(process.execPath, [BIN, ...args], { encoding: "utf8", maxBuffer: 1 << 28 });
  if (result.error !== undefined) throw result.error;
  if (result.status !== 0) throw new Error(`omnigraph ${args[0]} ended with exit code ${result.status}\n${result.stderr}`);
  return result.stdout;
}

function headCommit() {
  return JSON.parse(omnigraph(["commit", "list", STORE, "--json"])).commits[0].graph_commit_id;
}

function roundTrip() {
  writeFileSync("demo/export.jsonl", omnigraph(["export", STORE]));
  show(["init", "--schema", "demo/schema.pg", "demo/copy.omni"]);
  show(["load", "--data", "demo/export.jsonl", "--mode", "append", "demo/copy.omni"]);
  const [first, second] = [readFileSync("demo/export.jsonl", "utf8"), omnigraph(["export", "demo/copy.omni"])];
  if (first !== second) throw new Error("the copy exports other bytes than the original");
  console.log(`\nThe copy exports the same ${Buffer.byteLength(first)} bytes as the original.`);
}

function heading(text) {
  console.log(`\n== ${text}`);
}

function nextCommands() {
  return [
    'alias omnigraph="node $PWD/apps/omnigraph/bin/omnigraph.js"',
    `omnigraph query spoken_in --query ${QUERIES} --params '{"language":"Spanish"}' --store ${STORE}`,
    `omnigraph query -e 'query q() { match { $c: Country } return { count($c) as countries } }' --store ${STORE}`,
    `omnigraph query official --query ${QUERIES} --params '{"words":"islamic kingdom"}' --store ${STORE}`,
    `omnigraph diff manifest:main:v1 main --type Region --store ${STORE}`,
    `omnigraph schema show ${STORE}`,
    "omnigraph --help",
  ].join("\n");
}
