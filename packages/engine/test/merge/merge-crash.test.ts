import { FAILPOINT } from "../../src/failpoints.js";
import { Graph } from "../../src/graph.js";
import { describeCrashes } from "../../test-support/writes/crash-matrix.js";

const SCHEMA = `
node Person {
  name: String @key
  age: I32?
}
node Company { name: String @key }
`;

const person = (name: string, age: number): string => JSON.stringify({ type: "Person", data: { name, age } });
const company = (name: string): string => JSON.stringify({ type: "Company", data: { name } });

/** Three branches that have parted: both types changed, with inserts, updates and deletes. */
async function prepare(uri: string): Promise<void> {
  const graph = await Graph.init(uri, SCHEMA);
  try {
    const load = (branch: string, ...records: readonly string[]): Promise<unknown> => graph.load(records.join("\n"), { mode: "merge", branch });
    await load("main", person("ann", 1), person("bob", 2), person("cid", 3), company("initech"));
    await graph.branchCreate("feature");
    await graph.branchCreate("other");
    await load("feature", person("ann", 10), person("dan", 4), company("acme"));
    await graph.mutate(`query fire() { delete Person where name = "bob" }`, { branch: "feature" });
    await load("main", person("eve", 5));
    await load("other", person("fay", 6));
  } finally {
    await graph.close();
  }
}

/** MG-104: before the confirmation a merge is undone, after it finished with both parents; on `main` and on other targets. */
describeCrashes("MG-101 MG-104 merge into main", {
  settings: { durability: "process" },
  prepare,
  steps: [async (process) => (await process.handle()).branchMerge("feature")],
  passes: [FAILPOINT.mergePostAuthorityCapture, FAILPOINT.mergePostSidecarPreFork, FAILPOINT.mergePostEffectsPreConfirm, FAILPOINT.mergePrePublish],
});

describeCrashes("MG-101 MG-104 merge into a branch that has to fork", {
  settings: { durability: "process" },
  prepare,
  steps: [async (process) => (await process.handle()).branchMerge("feature", "other")],
  passes: [FAILPOINT.mergePostSidecarPreFork, FAILPOINT.mergePostEffectsPreConfirm, FAILPOINT.mergePrePublish],
});
