// Entry point of every root script. Plain Node without dependencies: it has to run in a fresh clone
// on a machine that has only Node and npm, so it fetches the pinned pnpm itself.
import { spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, readFileSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { availableParallelism } from "node:os";
import path from "node:path";
import { fileURLToPath } from "node:url";

const ROOT = path.resolve(path.dirname(fileURLToPath(import.meta.url)), "..");
const NODE_MINIMUM = [20, 19];
const INSTALL_STAMP = path.join(ROOT, "node_modules", ".install-stamp");
const TEST_REPORT = path.join(ROOT, "node_modules", ".test-report.json");

/**
 * A step: what the progress line says, and the command it runs (`node_modules` scripts by path, not by shell lookup). A step that
 * `readsSources` needs no build and may begin beside it.
 */
const STEPS = {
  install: { title: "install dependencies", run: install },
  build: { title: "build packages", run: build },
  lint: { title: "lint", readsSources: true, run: (output) => node("eslint/bin/eslint.js", [".", "--max-warnings", "0", "--cache", "--cache-location", "node_modules/.cache/eslint/", "--cache-strategy", "content"], output) },
  types: { title: "check the types of the tests", readsSources: true, run: (output) => node("typescript/bin/tsc", ["-p", "tsconfig.test.json"], output) },
  arrows: { title: "check the arrows between packages", run: (output) => node("turbo/bin/turbo", ["boundaries"], output) },
  unused: { title: "look for unused code and dependencies", run: (output) => node("knip/bin/knip.js", ["--no-progress", "--no-config-hints"], output) },
  tests: { title: "run the tests", run: runTests },
};

/** In the order in which they begin: the longest first. */
const CHECKS = ["lint", "types", "arrows", "unused"];
/** Each of these steps keeps one core busy. */
const STEPS_AT_ONCE = Math.min(2, availableParallelism());

const COMMANDS = {
  build: { help: "install and build", run: () => runInOrder(["install", "build"]) },
  check: { help: "build, then every check that is not a test", run: () => runChecks([]) },
  test: { help: "build, then every check and every test", run: () => runChecks(["tests"]) },
  demo: { help: "build, then make and query a graph of the world's countries", run: (args) => runAfterBuild("run the demo", "scripts/demo/demo.mjs", args) },
  bench: { help: "build, then the benchmark, e.g. npm run bench -- --size S", run: (args) => runAfterBuild("run the benchmark", "packages/engine/bench/bench.mjs", args) },
  "bench:changes": { help: "build, then diffs of few changed rows in tables of 10 thousand and a million", run: (args) => runAfterBuild("run the benchmark of changes", "packages/engine/bench/changes-scaling.mjs", args) },
  "bench:merge": { help: "build, then merges of 1,000 rows into tables of 10 thousand and a million", run: (args) => runAfterBuild("run the merge benchmark", "packages/engine/bench/merge-scaling.mjs", args) },
};

await main(process.argv[2] ?? "", process.argv.slice(3));

async function main(name, args) {
  const [major = 0, minor = 0] = process.versions.node.split(".").map(Number);
  if (major < NODE_MINIMUM[0] || (major === NODE_MINIMUM[0] && minor < NODE_MINIMUM[1])) {
    fail(`Node ${NODE_MINIMUM.join(".")} or newer is needed; this is ${process.versions.node}.`);
  }
  const command = Object.hasOwn(COMMANDS, name) ? COMMANDS[name] : undefined;
  if (command === undefined) {
    const list = Object.entries(COMMANDS).map(([key, { help }]) => `  ${key.padEnd(6)} ${help}`);
    fail(`usage: node scripts/workspace.mjs COMMAND\n${list.join("\n")}`, 2);
  }
  process.exitCode = await command.run(args);
}

function fail(message, code = 1) {
  process.stderr.write(`${message}\n`);
  process.exit(code);
}

/** Runs steps until one fails; gives that step's exit code. */
async function runInOrder(names) {
  for (const [index, name] of names.entries()) {
    const code = await runStep(STEPS[name], index + 1, names.length);
    if (code !== 0) return code;
  }
  return 0;
}

async function runAfterBuild(title, script, args) {
  for (const [index, step] of [STEPS.install, STEPS.build, { title, run: () => run(process.execPath, [script, ...args]) }].entries()) {
    const code = await runStep(step, index + 1, 3);
    if (code !== 0) return code;
  }
  return 0;
}

/** After the build, one failing step does not hide the others: all run, and the last line counts them like tests. */
async function runChecks(extra) {
  const total = 2 + CHECKS.length + extra.length;
  const installed = await runStep(STEPS.install, 1, total);
  if (installed !== 0) return installed;
  const codes = await runSideBySide(["build", ...CHECKS], 2, total);
  if (codes.get("build") !== 0) return codes.get("build");
  rmSync(TEST_REPORT, { force: true });
  for (const [index, name] of extra.entries()) codes.set(name, await runStep(STEPS[name], 3 + CHECKS.length + index, total));
  const failed = [...codes].filter(([, code]) => code !== 0).map(([name]) => name);
  const checksFailed = failed.filter((name) => name !== "tests");
  const counts = extra.includes("tests") ? readTestCounts() : { passed: 0, failed: 0, skipped: 0, ok: true };
  const broken = checksFailed.length + (counts.ok ? 0 : Math.max(1, counts.failed));
  if (failed.length > 0) console.log(`\nfailed: ${failed.map((name) => STEPS[name].title).join(", ")}`);
  const passed = counts.passed + CHECKS.length - checksFailed.length;
  console.log(`\n${passed} passed, ${broken} failed${counts.skipped > 0 ? `, ${counts.skipped} skipped` : ""}`);
  return failed.length > 0 || broken > 0 ? 1 : 0;
}

/** Runs the build and the steps after it, some at a time; what a step prints comes in one piece. No step begins after a failed build. */
async function runSideBySide([first, ...rest], firstNumber, total) {
  const codes = new Map();
  const waiting = rest.map((name, index) => ({ name, number: firstNumber + 1 + index }));
  const start = async ({ name, number }) => {
    codes.set(name, await runStep(STEPS[name], number, total, []));
  };
  const built = start({ name: first, number: firstNumber });
  const takeTurns = async () => {
    for (;;) {
      const isBuilt = codes.has(first);
      if (isBuilt && codes.get(first) !== 0) return;
      const next = waiting.findIndex(({ name }) => isBuilt || STEPS[name].readsSources === true);
      if (next >= 0) await start(waiting.splice(next, 1)[0]);
      else if (isBuilt) return;
      else await built;
    }
  };
  await Promise.all([built.then(takeTurns), ...Array.from({ length: STEPS_AT_ONCE - 1 }, takeTurns)]);
  return codes;
}

/** @param output takes what the step prints, shown when it ends; without it the step prints as it goes */
async function runStep(step, number, total, output) {
  const label = `[${number}/${total}] ${step.title}`;
  console.log(label);
  const start = performance.now();
  const code = await step.run(output);
  const seconds = ((performance.now() - start) / 1000).toFixed(1);
  if (output !== undefined) process.stdout.write(Buffer.concat(output));
  console.log(`${label}: ${code === 0 ? "done" : `FAILED (exit ${code})`} in ${seconds} s`);
  return code;
}

/** Installs with the frozen lockfile; skipped while nothing that decides the outcome has changed since the last time. */
async function install() {
  const stamp = installFingerprint();
  if (existsSync(INSTALL_STAMP) && readFileSync(INSTALL_STAMP, "utf8") === stamp) return 0;
  const pnpm = readJson("package.json").packageManager;
  const code = await run(process.platform === "win32" ? "npx.cmd" : "npx", ["--yes", pnpm, "install", "--frozen-lockfile"]);
  if (code === 0) writeFileSync(INSTALL_STAMP, stamp);
  else process.stderr.write("The dependencies could not be installed. A package registry must be reachable, or the npm cache filled.\n");
  return code;
}

function installFingerprint() {
  const members = ["packages", "apps"].flatMap((folder) => readdirSync(path.join(ROOT, folder)).map((name) => `${folder}/${name}/package.json`));
  const hash = createHash("sha256").update(`${process.platform} ${process.arch} ${process.versions.modules}\n`);
  for (const file of ["package.json", "pnpm-workspace.yaml", "pnpm-lock.yaml", ...members.sort()]) {
    if (existsSync(path.join(ROOT, file))) hash.update(file).update(readFileSync(path.join(ROOT, file)));
  }
  return hash.digest("hex");
}

/** Compiles every package, then bundles the executables out of the sources. */
async function build(output) {
  const code = await node("typescript/bin/tsc", ["-b"], output);
  if (code !== 0) return code;
  const bundles = readdirSync(path.join(ROOT, "apps"))
    .map((name) => `apps/${name}/bundle.mjs`)
    .filter((file) => existsSync(path.join(ROOT, file)));
  for (const file of bundles) {
    const failure = await run(process.execPath, [file], output);
    if (failure !== 0) return failure;
  }
  return 0;
}

function runTests() {
  return node("vitest/vitest.mjs", ["run", "--reporter=default", "--reporter=json", `--outputFile.json=${TEST_REPORT}`]);
}

/** A run that wrote no report, or in which nothing passed, is a failure: silence must never look like success. */
function readTestCounts() {
  if (!existsSync(TEST_REPORT)) return { passed: 0, failed: 0, skipped: 0, ok: false };
  const report = JSON.parse(readFileSync(TEST_REPORT, "utf8"));
  const failed = report.numFailedTests;
  return {
    passed: report.numPassedTests,
    failed,
    skipped: report.numPendingTests + report.numTodoTests,
    ok: report.success === true && failed === 0 && report.numPassedTests > 0,
  };
}

function node(script, args, output) {
  return run(process.execPath, [path.join("node_modules", script), ...args], output);
}

/** @param output takes what the command prints on both streams; without it the command has this process's streams */
function run(command, args, output) {
  const env = { ...process.env, TURBO_TELEMETRY_DISABLED: "1", LANCEDB_LOG: process.env.LANCEDB_LOG ?? "error" };
  if (output !== undefined && process.stdout.isTTY) env.FORCE_COLOR ??= "1";
  return new Promise((resolve) => {
    const child = spawn(command, args, { cwd: ROOT, stdio: output === undefined ? "inherit" : ["ignore", "pipe", "pipe"], env, shell: command.endsWith(".cmd") });
    for (const stream of [child.stdout, child.stderr]) stream?.on("data", (chunk) => output.push(chunk));
    child.once("error", (error) => {
      process.stderr.write(`${command}: ${error.message}\n`);
      resolve(1);
    });
    child.once("close", (code) => resolve(code ?? 1));
  });
}

function readJson(file) {
  return JSON.parse(readFileSync(path.join(ROOT, file), "utf8"));
}
