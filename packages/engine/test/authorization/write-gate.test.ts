import { readdir, stat } from "node:fs/promises";
import { join } from "node:path";
import { ActorRequiredError, type Authorizer, Failpoints, PolicyDeniedError, PolicyEvaluationError, type PolicyRequest } from "@omnigraphdb/common";
import { makeScratchDir } from "@omnigraphdb/testkit";
import { describe, expect, test } from "vitest";
import { FAILPOINT } from "../../src/failpoints.js";
import { Graph } from "../../src/graph.js";
import type { GraphSettingsInput } from "../../src/graph-settings.js";
import { addPerson, PEOPLE, persons } from "../branches/branch-fixture.js";

const SETTINGS: GraphSettingsInput = { durability: "process", lease: { isEnabled: false } };
const WIDER_SCHEMA = `${PEOPLE}\nnode Country {\n  name: String @key\n}\n`;
const LINE = '{"type":"Person","data":{"name":"bob"}}\n';

type Answer = "allow" | "deny" | "fail";

/** Answers by action, and keeps what it was asked. */
class RecordingAuthorizer implements Authorizer {
  readonly asked: (PolicyRequest & { readonly actor: string })[] = [];
  readonly #answer: (actor: string, request: PolicyRequest) => Answer;

  constructor(answer: (actor: string, request: PolicyRequest) => Answer) {
    this.#answer = answer;
  }

  decide(actor: string, request: PolicyRequest): ReturnType<Authorizer["decide"]> {
    this.asked.push({ actor, ...request });
    const answer = this.#answer(actor, request);
    if (answer === "fail") throw new PolicyEvaluationError("out of order");
    return { isAllowed: answer === "allow", matchedRuleId: null, message: `${answer}: ${request.action} for ${actor}` };
  }

  mayEver(): boolean {
    return true;
  }
}

/** Every file below a root, with its size and time of change. */
async function listFiles(root: string): Promise<readonly string[]> {
  const entries = await readdir(root, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
  return Promise.all(
    files.sort().map(async (file) => {
      const { size, mtimeMs } = await stat(file);
      return `${file} ${size} ${mtimeMs}`;
    }),
  );
}

interface Operation {
  readonly name: string;
  /** Makes what the operation needs. */
  readonly prepare?: (graph: Graph) => Promise<unknown>;
  readonly run: (graph: Graph, options: { readonly actor?: string }) => Promise<unknown>;
  readonly asks: readonly PolicyRequest[];
}

const OPERATIONS: readonly Operation[] = [
  { name: "mutate", run: (graph, options) => addPerson(graph, "bob", options), asks: [{ action: "change", branch: "main" }] },
  { name: "mutate of a branch", prepare: (graph) => graph.branchCreate("draft"), run: (graph, options) => addPerson(graph, "bob", { branch: " draft ", ...options }), asks: [{ action: "change", branch: " draft " }] },
  { name: "load", run: (graph, options) => graph.load(LINE, { mode: "append", ...options }), asks: [{ action: "change", branch: "main" }] },
  {
    name: "load that forks",
    run: (graph, options) => graph.load(LINE, { mode: "append", branch: "draft", base: "main", ...options }),
    asks: [{ action: "change", branch: "draft" }, { action: "branch_create", branch: "main", targetBranch: "draft" }],
  },
  {
    name: "load with the base of a branch that is there",
    prepare: (graph) => graph.branchCreate("draft"),
    run: (graph, options) => graph.load(LINE, { mode: "append", branch: "draft", base: "main", ...options }),
    asks: [{ action: "change", branch: "draft" }],
  },
  { name: "applySchema", run: (graph, options) => graph.applySchema(WIDER_SCHEMA, options), asks: [{ action: "schema_apply", targetBranch: "main" }] },
  { name: "branchCreate", run: (graph, options) => graph.branchCreate("draft", options), asks: [{ action: "branch_create", targetBranch: "draft" }] },
  { name: "branchCreateFrom", run: (graph, options) => graph.branchCreateFrom("main", "draft", options), asks: [{ action: "branch_create", branch: "main", targetBranch: "draft" }] },
  { name: "branchDelete", prepare: (graph) => graph.branchCreate("draft"), run: (graph, options) => graph.branchDelete("draft", options), asks: [{ action: "branch_delete", targetBranch: "draft" }] },
  {
    name: "branchMerge",
    prepare: async (graph) => {
      await graph.branchCreate("draft");
      await addPerson(graph, "bob", { branch: "draft" });
    },
    run: (graph, options) => graph.branchMerge("draft", "main", options),
    asks: [{ action: "branch_merge", branch: "draft", targetBranch: "main" }],
  },
  {
    name: "branchMerge that deletes",
    prepare: (graph) => graph.branchCreate("draft"),
    run: (graph, options) => graph.branchMerge("draft", undefined, { deleteBranch: true, ...options }),
    asks: [{ action: "branch_merge", branch: "draft", targetBranch: "main" }, { action: "branch_delete", targetBranch: "draft" }],
  },
];

async function makeGraph(path: string, prepare: Operation["prepare"]): Promise<void> {
  await using graph = await Graph.init(path, PEOPLE, { settings: SETTINGS });
  await addPerson(graph, "ann");
  await prepare?.(graph);
}

function openGuarded(path: string, authorizer: Authorizer): Promise<Graph> {
  return Graph.open(path, { mode: "rw", settings: SETTINGS, components: { authorizer } });
}

describe("policy §6: the engine asks before it writes", () => {
  test.each(OPERATIONS)("§12.8, 6.3, 6.6 $name: refused without effect while denied, without actor or undecided; done when allowed", async ({ prepare, run, asks }) => {
    await using dir = await makeScratchDir();
    await makeGraph(dir.path, prepare);
    let answer: Answer = "deny";
    const authorizer = new RecordingAuthorizer(() => answer);
    await using graph = await openGuarded(dir.path, authorizer);
    const before = await listFiles(dir.path);

    const [first] = asks;
    const { action, branch, targetBranch } = first ?? {};
    await expect(run(graph, { actor: "eve" })).rejects.toMatchObject({
      code: "POLICY_DENIED",
      category: "forbidden",
      effects: "none",
      message: `deny: ${action ?? ""} for eve`,
      details: { action, ...(branch === undefined ? {} : { branch }), ...(targetBranch === undefined ? {} : { target_branch: targetBranch }), actor: "eve" },
    });
    expect(authorizer.asked).toEqual([{ actor: "eve", ...first }]);
    await expect(run(graph, {})).rejects.toThrow(ActorRequiredError);
    expect(authorizer.asked).toHaveLength(1);
    answer = "fail";
    await expect(run(graph, { actor: "eve" })).rejects.toThrow(PolicyEvaluationError);
    expect(await listFiles(dir.path)).toEqual(before);

    answer = "allow";
    authorizer.asked.length = 0;
    await run(graph, { actor: "ann" });
    expect(authorizer.asked).toEqual(asks.map((request) => ({ actor: "ann", ...request })));
    expect(await listFiles(dir.path)).not.toEqual(before);
  });

  test.each(OPERATIONS)("6.2 $name: without a policy nothing is asked, and no actor is needed", async ({ prepare, run }) => {
    await using dir = await makeScratchDir();
    await makeGraph(dir.path, prepare);
    await using graph = await Graph.open(dir.path, { mode: "rw", settings: SETTINGS });
    await run(graph, {});
  });

  test("6.6 PO-8 a load whose fork is denied leaves no branch, and writes nothing", async () => {
    await using dir = await makeScratchDir();
    await makeGraph(dir.path, undefined);
    await using graph = await openGuarded(dir.path, new RecordingAuthorizer((_, { action }) => (action === "change" ? "allow" : "deny")));
    const before = await listFiles(dir.path);
    await expect(graph.load(LINE, { mode: "append", branch: "draft", base: "main", actor: "ann" })).rejects.toThrow(PolicyDeniedError);
    expect(await graph.branchList()).toEqual(["main"]);
    expect(await listFiles(dir.path)).toEqual(before);
  });

  test("6.1 MG-11 a merge whose deletion is denied is done, and says so", async () => {
    await using dir = await makeScratchDir();
    await makeGraph(dir.path, (graph) => graph.branchCreate("draft"));
    await using graph = await openGuarded(dir.path, new RecordingAuthorizer((_, { action }) => (action === "branch_merge" ? "allow" : "deny")));
    expect(await graph.branchMerge("draft", "main", { deleteBranch: true, actor: "ann" })).toMatchObject({ branchDeleted: false, branchDeleteError: "deny: branch_delete for ann" });
    expect(await graph.branchList()).toEqual(["main", "draft"]);
  });

  test("6.1 a handle that is bound to a branch asks about that branch", async () => {
    await using dir = await makeScratchDir();
    await makeGraph(dir.path, (graph) => graph.branchCreate("draft"));
    const authorizer = new RecordingAuthorizer(() => "allow");
    await using graph = await openGuarded(dir.path, authorizer);
    await graph.syncBranch("draft");
    await addPerson(graph, "bob", { actor: "ann" });
    expect(authorizer.asked).toEqual([{ actor: "ann", action: "change", branch: "draft" }]);
  });

  test("6.1 of writes that share a publish, each is asked for", async () => {
    await using dir = await makeScratchDir();
    await makeGraph(dir.path, undefined);
    await using graph = await openGuarded(dir.path, new RecordingAuthorizer((actor) => (actor === "eve" ? "deny" : "allow")));
    const actors = ["bob", "eve", "cid", "eve", "dan"];
    const outcomes = await Promise.allSettled(actors.map((actor, index) => addPerson(graph, `${actor}${index}`, { actor })));
    expect(outcomes.map(({ status }) => status)).toEqual(["fulfilled", "rejected", "fulfilled", "rejected", "fulfilled"]);
    expect(await persons(graph)).toEqual(["ann", "bob0", "cid2", "dan4"]);
  });

  test("PO-8 a denied write does not even finish what an interrupted one left", async () => {
    await using dir = await makeScratchDir();
    await makeGraph(dir.path, undefined);
    const failpoints = new Failpoints();
    const authorizer = new RecordingAuthorizer((actor) => (actor === "eve" ? "deny" : "allow"));
    await using graph = await Graph.open(dir.path, { mode: "rw", settings: SETTINGS, components: { authorizer, failpoints } });
    const armed = failpoints.arm(FAILPOINT.publishAfterCommit, () => {
      throw new Error("interrupted");
    });
    await expect(addPerson(graph, "bob", { actor: "ann" })).rejects.toThrow();
    armed[Symbol.dispose]();
    const before = await listFiles(dir.path);
    expect(before.some((file) => file.includes("__recovery"))).toBe(true);
    await expect(addPerson(graph, "cid", { actor: "eve" })).rejects.toThrow(PolicyDeniedError);
    await expect(graph.branchCreate("draft", { actor: "eve" })).rejects.toThrow(PolicyDeniedError);
    expect(await listFiles(dir.path)).toEqual(before);
  });

  test("6.5 reads and maintenance are not asked for", async () => {
    await using dir = await makeScratchDir();
    await makeGraph(dir.path, undefined);
    const authorizer = new RecordingAuthorizer(() => "fail");
    await using graph = await openGuarded(dir.path, authorizer);
    expect(await persons(graph)).toEqual(["ann"]);
    await graph.optimize();
    await graph.ensureIndices();
    await graph.repair();
    await graph.cleanup({ keepVersions: 10 });
    expect(authorizer.asked).toEqual([]);
  });
});
