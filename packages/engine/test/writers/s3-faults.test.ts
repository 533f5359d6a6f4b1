import { isOmniError } from "@omnigraphdb/common";
import { type S3Fault, type S3Request, type S3TestServer, startS3Server } from "@omnigraphdb/testkit";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { Graph } from "../../src/graph.js";
import type { GraphSettingsInput } from "../../src/graph-settings.js";
import { openGraph } from "../../src/open/open-graph.js";
import { parseS3Environment } from "../../src/storage/s3-settings.js";
import { type BranchContent, findTornNames, readBranch } from "../../test-support/workload/branch-content.js";
import { expectAtRest } from "../../test-support/writes/check-graph.js";
import { DIRECT_SCHEMA } from "../../test-support/writes/direct-write.js";

const ROOT = "s3://bucket/graph";

interface Disturbance {
  readonly fault: S3Fault;
  /** Every how many-th request is disturbed: what the client libraries repeat by themselves needs fewer samples. */
  readonly stride: number;
}

const DISTURBANCES: Readonly<Record<string, Disturbance>> = {
  "a reset": { fault: { kind: "reset" }, stride: 8 },
  "a lost reply": { fault: { kind: "dropReply" }, stride: 4 },
  "status 500": { fault: { kind: "fail", status: 500 }, stride: 8 },
  "status 403": { fault: { kind: "fail", status: 403 }, stride: 4 },
};

let server: S3TestServer;
let settings: GraphSettingsInput;

beforeAll(async () => {
  server = await startS3Server();
  // A lease whose removal was disturbed ends by itself soon.
  settings = { s3: parseS3Environment(server.environment), lease: { termMs: 2_000, renewalMs: 700 } };
  await (await Graph.init(ROOT, DIRECT_SCHEMA, { settings })).close();
});
afterAll(() => server[Symbol.asyncDispose]());

const isWrite = ({ method }: S3Request): boolean => method !== "GET" && method !== "HEAD";

/** One commit in three datasets. */
function load(graph: Graph, name: string): Promise<unknown> {
  const records = [
    { type: "Person", data: { name, age: 0 } },
    { type: "Company", data: { name } },
    { edge: "WorksAt", from: name, to: name, data: { id: name } },
  ];
  return graph.load(records.map((record) => JSON.stringify(record)).join("\n"), { mode: "append" });
}

async function attempt(act: () => Promise<unknown>): Promise<unknown> {
  try {
    await act();
    return undefined;
  } catch (error) {
    if (!isOmniError(error)) throw error;
    return error;
  }
}

/** A read-write open settles what is left; then everything is whole. @returns what main shows */
async function settle(): Promise<BranchContent> {
  const opened = await openGraph(ROOT, { mode: "rw", settings });
  await expectAtRest(opened);
  await opened.resources.dispose();
  await using reader = await Graph.open(ROOT, { mode: "ro", settings });
  const content = await readBranch(reader, {});
  expect(findTornNames(content)).toEqual([]);
  return content;
}

/** Requests of one undisturbed load of the kind that change something. */
async function countWrites(name: string): Promise<number> {
  let count = 0;
  await using graph = await Graph.open(ROOT, { mode: "rw", settings });
  server.injectFaults((request) => {
    if (isWrite(request)) count++;
    return undefined;
  });
  await load(graph, name);
  server.injectFaults(undefined);
  return count;
}

describe("FM-18 G-2 G-3 a request of a load is disturbed once", () => {
  test.each(Object.entries(DISTURBANCES))("%s", { timeout: 120_000 }, async (label, { fault, stride }) => {
    const count = await countWrites(`undisturbed before ${label}`);
    const errors: string[] = [];
    for (let at = 1; at <= count; at += stride) {
      const name = `${label}-${at}`;
      let error: unknown;
      let next: unknown;
      {
        await using graph = await Graph.open(ROOT, { mode: "rw", settings });
        let seen = 0;
        server.injectFaults((request) => (isWrite(request) && ++seen === at ? fault : undefined));
        error = await attempt(() => load(graph, name));
        server.injectFaults(undefined);
        next = await attempt(() => load(graph, `${name}-next`));
      }
      const { persons } = await settle();
      if (error === undefined) expect(persons.has(name), `${name} was acknowledged`).toBe(true);
      else if (isOmniError(error) && error.effects === "none") expect(persons.has(name), `${name} had no effects`).toBe(false);
      // Where only a reopen may undo what is left, the same handle says so; otherwise it goes on by itself (RC-88).
      if (next === undefined) expect(persons.has(`${name}-next`)).toBe(true);
      else expect(next).toMatchObject({ code: "RECOVERY_REQUIRED", effects: "none" });
      if (isOmniError(error)) errors.push(error.code);
    }
    // Refusals of the server are not repeated by anybody; the client libraries hide some of the others.
    if (fault.kind === "fail" && fault.status === 403) expect(errors.length).toBeGreaterThan(count / stride / 2);
  });
});

test("FM-9 FM-18 RC-88 the publish is refused after all effects: the next write on the same handle heals and succeeds", async () => {
  await using graph = await Graph.open(ROOT, { mode: "rw", settings });
  server.injectFaults((request) => (isWrite(request) && request.key.includes("__manifest.lance/") ? { kind: "fail", status: 403 } : undefined));
  await expect(load(graph, "refused")).rejects.toMatchObject({ code: "RECOVERY_REQUIRED", effects: "possible" });
  server.injectFaults(undefined);
  expect(server.keys("bucket").filter((key) => key.includes("__recovery/"))).toHaveLength(1);
  await load(graph, "after-refused");
  const { persons } = await readBranch(graph, {});
  expect([persons.has("refused"), persons.has("after-refused")]).toEqual([true, true]);
  expect(server.keys("bucket").filter((key) => key.includes("__recovery/"))).toEqual([]);
});

test("SUB-1 answers that are cut off half-way, and slow ones, change no result", async () => {
  await using graph = await Graph.open(ROOT, { mode: "rw", settings });
  await load(graph, "before-cuts");
  const expected = await readBranch(graph, {});
  let count = 0;
  server.injectFaults(({ method }) => {
    if (method !== "GET") return undefined;
    count++;
    return count % 7 === 0 ? { kind: "truncate" } : count % 5 === 0 ? { kind: "delay", ms: 30 } : undefined;
  });
  await using stranger = await Graph.open(ROOT, { mode: "ro", settings });
  const content = await attempt(async () => expect(await readBranch(stranger, {})).toEqual(expected));
  server.injectFaults(undefined);
  expect(count).toBeGreaterThan(7);
  // Either the client asked again, or the reader got a typed error; never other rows.
  if (content !== undefined) expect(content).toMatchObject({ code: "STORAGE" });
});
