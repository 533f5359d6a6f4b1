/**
 * One process of a workload, bundled and started by {@link startWorker}. Prints `loaded`, waits for a line on standard input,
 * opens the graph, prints `ready`, works, and prints one line `ack {…}` for everything the engine acknowledged.
 *
 * Every add puts a person, a company and an edge between them, of one name that nobody else uses, into one commit: a name
 * that is there by parts is a commit that was seen by parts.
 */
import { isOmniError } from "@omnigraphdb/common";
import { Graph } from "../../src/graph.js";
import { parseS3Environment } from "../../src/storage/s3-settings.js";
import { DIRECT_SCHEMA } from "../writes/direct-write.js";
import { type Acknowledgement, RETRIED_CODES, REOPENED_CODES, type WorkerTask } from "./worker-task.js";
import { randomNumbers } from "./random-numbers.js";

const BURST_INSERTS = 5;
const ADD = "query add($n: String) { insert Person { name: $n, age: 0 } insert Company { name: $n } insert WorksAt { from: $n, to: $n } }";
const OTHER_SCHEMA = `${DIRECT_SCHEMA.replace("age: I32?", "age: I32?\n  nick: String?")}\nnode Topic {\n  title: String @key\n}\n`;

const task = JSON.parse(process.argv[2] ?? "{}") as WorkerTask;
const random = randomNumbers(task.seed);
const settings = {
  // A killed process takes no power away.
  durability: "process",
  lease: {
    isEnabled: task.isLeased,
    ...(task.leaseTermMs === undefined ? {} : { termMs: task.leaseTermMs }),
    ...(task.leaseRenewalMs === undefined ? {} : { renewalMs: task.leaseRenewalMs }),
  },
  ...(task.writerWaitMs === undefined ? {} : { writerWaitMs: task.writerWaitMs }),
  ...(task.root.startsWith("s3://") ? { s3: parseS3Environment(process.env) } : {}),
} as const;
const pick = <T>(items: readonly T[]): T => items[Math.floor(random() * items.length)] as T;
const say = (line: string): boolean => process.stdout.write(`${line}\n`);
const acknowledge = (what: Acknowledgement): boolean => say(`ack ${JSON.stringify(what)}`);

let graph: Graph;
let isOpen = false;
let number = 0;
const newest = new Map<string, { readonly name: string; age: number }>();

async function open(): Promise<void> {
  graph = await Graph.open(task.root, { mode: "rw", settings });
  isOpen = true;
}

async function load(branch: string): Promise<void> {
  const name = `${task.name}-${number}`;
  const records = [
    { type: "Person", data: { name, age: 0 } },
    { type: "Company", data: { name } },
    { edge: "WorksAt", from: name, to: name, data: { id: name } },
  ];
  const { commit } = await graph.load(records.map((record) => JSON.stringify(record)).join("\n"), { mode: pick(["append", "merge"]), branch });
  acknowledge({ op: "add", name, branch, commit: commit.graphCommitId });
  newest.set(branch, { name, age: 0 });
}

async function insert(branch: string, name = `${task.name}-${number}`): Promise<void> {
  const { commit } = await graph.mutate(ADD, { params: { n: name }, branch });
  acknowledge({ op: "add", name, branch, commit: commit?.graphCommitId ?? "" });
  newest.set(branch, { name, age: 0 });
}

/** Several at a time: those that wait for one another share a publish (WR-11). */
async function burst(branch: string): Promise<void> {
  const outcomes = await Promise.allSettled(Array.from({ length: BURST_INSERTS }, (_, index) => insert(branch, `${task.name}-${number}-${index}`)));
  for (const outcome of outcomes) if (outcome.status === "rejected") throw outcome.reason;
}

async function update(branch: string): Promise<void> {
  const known = newest.get(branch);
  if (known === undefined) return await insert(branch);
  const age = known.age + 1;
  await graph.mutate("query age($n: String, $a: I32) { update Person set { age: $a } where name = $n }", { params: { n: known.name, a: age }, branch });
  known.age = age;
  acknowledge({ op: "age", name: known.name, branch, age });
}

async function addAndDelete(branch: string): Promise<void> {
  const name = `${task.name}-${number}-extra`;
  await graph.load(JSON.stringify({ type: "Company", data: { name } }), { mode: "merge", branch });
  await graph.mutate("query drop($n: String) { delete Company where name = $n }", { params: { n: name }, branch });
  acknowledge({ op: "gone", name, branch });
}

async function merge(branch: string): Promise<void> {
  const [source, target] = branch === "main" ? ["main", pick(task.branches)] : [branch, "main"];
  if (source === target) return await load(branch);
  await graph.branchMerge(source, target);
  acknowledge({ op: "merge", source, target });
}

async function branchOff(origin: string): Promise<void> {
  const branch = `tmp-${task.name}-${number}`;
  await graph.branchCreateFrom(origin, branch);
  acknowledge({ op: "create", branch, from: origin });
  await load(branch);
  newest.delete(branch);
  await graph.branchMerge(branch, origin, { deleteBranch: true });
  acknowledge({ op: "merge", source: branch, target: origin });
  acknowledge({ op: "delete", branch });
}

async function applySchema(): Promise<void> {
  const isOther = graph.schema.source.includes("nick");
  await graph.applySchema(isOther ? DIRECT_SCHEMA : OTHER_SCHEMA, { allowDataLoss: random() < 0.5 });
  acknowledge({ op: "schema" });
}

/** What a worker may do, with how often: the first whose share exceeds the draw. */
const MIXES: Readonly<Record<WorkerTask["mix"], readonly (readonly [number, (branch: string) => Promise<void>])[]>> = {
  writes: [[0.4, load], [0.5, insert], [0.8, burst], [0.95, update], [1, addAndDelete]],
  branches: [[0.3, load], [0.35, insert], [0.55, burst], [0.7, update], [0.75, addAndDelete], [0.92, merge], [1, branchOff]],
  schema: [[0.3, load], [0.4, insert], [0.6, burst], [0.75, update], [0.8, addAndDelete], [1, applySchema]],
};

/** Another writer came between: look again. What was interrupted is settled by opening the graph anew. */
async function recoverFrom(error: unknown): Promise<void> {
  if (!isOmniError(error)) throw error;
  say(`refused ${error.code}`);
  if (REOPENED_CODES.includes(error.code)) {
    if (isOpen) await graph.close();
    isOpen = false;
    while (!isOpen) await open().catch(recoverFrom);
  } else if (!RETRIED_CODES.includes(error.code)) throw error;
}

async function work(): Promise<void> {
  while (!isOpen) await open().catch(recoverFrom);
  say("ready");
  for (let done = 0; done < (task.operationCount ?? Infinity); number++) {
    const draw = random();
    const [, operation] = MIXES[task.mix].find(([share]) => draw < share) ?? [1, load];
    try {
      await operation(pick(task.branches));
      done++;
    } catch (error) {
      await recoverFrom(error);
    }
  }
  await graph.close();
  say("done");
}

async function main(): Promise<void> {
  // The native library is loaded by the first use of a root, even of one that is not there.
  await Graph.open(`${task.root}-absent`, { mode: "ro", settings }).catch(() => undefined);
  say("loaded");
  await new Promise((resolve) => process.stdin.once("data", resolve));
  process.stdin.unref();
  await work();
}

main().catch((error: unknown) => {
  process.stderr.write(`${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`);
  process.exit(1);
});
