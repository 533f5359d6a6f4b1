/**
 * Requests that are made from the OpenAPI document which the server itself serves, and answers that are held against it: no 500,
 * every status documented, every body of the documented shape and nothing more. Longer: `OMNIGRAPH_FUZZ_RUNS=20000 FAST_CHECK_SEED=random`.
 */
import fc from "fast-check";
import { describe, expect, onTestFinished, test } from "vitest";
import { type FixtureOptions, startApp, type TestApp, tokenOf } from "../app-fixture.js";
import { type ApiDocument, type Operation, operationsOf } from "./described-operations.js";
import { answerShapes, requestShapes, type ShapeCheck } from "./document-shapes.js";
import { HINTS, SeenValues } from "./fuzzed-graph.js";
import { type PlannedRequest, planRequests, type RequestPlanner } from "./planned-requests.js";

const RUNS = Number(process.env["OMNIGRAPH_FUZZ_RUNS"] ?? "150");
/** Of one request, in milliseconds: a graph of some entities answers everything at once. */
const SLOW = 5_000;

const BROKEN = { graphId: "broken", reason: "its manifest does not parse" };
interface Mode {
  readonly name: string;
  readonly options: FixtureOptions;
  /** Operations that it never carries out. */
  readonly withoutSuccess: readonly string[];
}
const MODES: readonly Mode[] = [
  { name: "graphs with policies", options: { mode: "multi", hasSecondGraph: true, setAside: [BROKEN], app: { limits: { inflightPerActorMax: 2 } } }, withoutSuccess: [] },
  { name: "a single graph, open", options: { mode: "single", runtimeState: "open" }, withoutSuccess: ["listGraphs"] },
];

/** Rules between members, which the document states in words: one of two names has to be given. */
const IN_WORDS: ReadonlySet<string> = new Set(["ChangeRequest"]);

describe.each(MODES)("$name", ({ options, withoutSuccess }) => {
  test("§7 what a fuzzer makes of the document is answered as the document says", { timeout: 120_000 + RUNS * 500 }, async () => {
    const fuzzer = await startFuzzer(options);
    const request = fc.oneof(...fuzzer.operations.map((operation) => fuzzer.planner.nearValid(operation)));
    await fc.assert(
      // Some at a time: answers hold while others write.
      fc.asyncProperty(fc.array(request, { minLength: 1, maxLength: 3 }), async (requests) => {
        await Promise.all(requests.map((one) => fuzzer.send(one)));
      }),
      { numRuns: RUNS },
    );
    expect(fuzzer.app.leaseCount()).toBe(0);
  });

  test("§7 of every operation some request that follows the document succeeds", async () => {
    const fuzzer = await startFuzzer(options);
    const failed: string[] = [];
    // What reads first: writes may take away what it reads.
    const inOrder = ["GET", "HEAD", "POST", "DELETE"].flatMap((method) => fuzzer.operations.filter((operation) => operation.method === method));
    expect(inOrder).toHaveLength(fuzzer.operations.length);
    for (const operation of inOrder) if (!(await someSucceeds(fuzzer, operation))) failed.push(operation.id);
    expect(failed).toEqual(withoutSuccess);
  });
});

async function someSucceeds({ planner, send }: Fuzzer, operation: Operation): Promise<boolean> {
  for (const request of fc.sample(planner.valid(operation), 200)) if ((await send(request)) < 300) return true;
  return false;
}

interface Fuzzer {
  readonly app: TestApp;
  readonly operations: readonly Operation[];
  readonly planner: RequestPlanner;
  /** Checks the answer too. @returns its status */
  send(request: PlannedRequest): Promise<number>;
}

async function startFuzzer(options: FixtureOptions): Promise<Fuzzer> {
  const app = await startApp(options);
  onTestFinished(() => app[Symbol.asyncDispose]());
  const document = (await (await app.call("GET", "/openapi.json")).json()) as ApiDocument;
  const operations = operationsOf(document);
  const byId = new Map(operations.map((operation) => [operation.id, operation]));
  const checks: Checks = { request: requestShapes(document), answer: answerShapes(document), seen: new SeenValues() };
  const send = async (planned: PlannedRequest): Promise<number> => {
    const operation = byId.get(planned.operation);
    if (operation === undefined) throw new TypeError(`no operation ${planned.operation}`);
    const begun = performance.now();
    const [response, sentBody] = await sendPlanned(app, operation, planned, checks.seen);
    const text = await response.text();
    const problems = [...problemsOf(operation, planned, response, text, checks), ...contradictions(operation, planned, response.status, sentBody, checks)];
    if (performance.now() - begun > SLOW) problems.push("slow");
    if (problems.length > 0) throw new Error(`${problems.join("\n")}\nanswer ${response.status}: ${text.slice(0, 500)}\nto ${sentBody?.slice(0, 500) ?? "no body"}`);
    return response.status;
  };
  return { app, operations, planner: planRequests(document, HINTS), send };
}

interface Checks {
  readonly request: ShapeCheck;
  readonly answer: ShapeCheck;
  readonly seen: SeenValues;
}

/** @returns the answer, and the body that was sent */
async function sendPlanned(app: TestApp, { method, path }: Operation, planned: PlannedRequest, seen: SeenValues): Promise<readonly [Response, string | undefined]> {
  const target = path.replaceAll(/\{(\w+)\}/g, (_, name: string) => encodeURIComponent(seen.fill(planned.path[name] ?? "")));
  const query = new URLSearchParams(planned.query.map(([name, value]): [string, string] => [name, seen.fill(value)]));
  const body = planned.body === undefined ? undefined : seen.fill(planned.body.text);
  const headers = new Headers(Object.entries(planned.headers).map(([name, value]): [string, string] => [name, headerText(seen.fill(value))]));
  if (planned.actor !== undefined) headers.set("authorization", `Bearer ${planned.actor === "stranger" ? "nobody's" : tokenOf(planned.actor)}`);
  if (planned.body?.contentType !== undefined) headers.set("content-type", planned.body.contentType);
  // Bytes: of text, a request would name a content type by itself.
  const sent = body === undefined ? {} : { body: new TextEncoder().encode(body) };
  return [await app.app.fetch(new Request(`http://localhost${target}?${query.toString()}`, { method, headers, redirect: "manual", ...sent })), body];
}

/** What a header can carry. */
function headerText(value: string): string {
  return value.replaceAll(/[^\u0020-\u007e]/g, "?");
}

/** Where an answer is not what the document says. */
function problemsOf(operation: Operation, planned: PlannedRequest, { status, headers }: Response, text: string, { answer, seen }: Checks): string[] {
  const described = operation.answers.get(status);
  if (status === 500) return ["internal failure"];
  if (described === undefined) return [`status ${status} is not documented`];
  const problems: string[] = [];
  if (status === 503 && planned.path["graph_id"] !== BROKEN.graphId) problems.push("not available");
  if (status === 429 && headers.get("retry-after") !== "60") problems.push("no Retry-After");
  if (operation.isDeprecated && status !== 401 && (headers.get("deprecation") === null || headers.get("link") === null)) problems.push("nothing says that it is deprecated");
  if (status < 300) problems.push(...described.headers.filter((name) => headers.get(name) === null).map((name) => `no header ${name}`));
  const { content } = described;
  if (content === undefined) return text === "" ? problems : [...problems, "a body that is not documented"];
  if (headers.get("content-type")?.split(";", 1)[0] !== content.mediaType) return [...problems, `content type ${headers.get("content-type") ?? "missing"}`];
  for (const value of content.mediaType === "application/json" ? [text] : content.mediaType === "application/x-ndjson" ? text.split("\n").slice(0, -1) : []) {
    const parsed = JSON.parse(value) as unknown;
    seen.learn(parsed);
    if (content.mediaType === "application/json") problems.push(...answer(content.schema, parsed));
  }
  return problems;
}

/** Where the server and the document disagree on whether a body is of its shape. */
function contradictions({ body }: Operation, { twists }: PlannedRequest, status: number, sent: string | undefined, { request }: Checks): readonly string[] {
  if (body?.mediaType !== "application/json" || sent === undefined) return [];
  const problems = bodyProblems(sent, body.schema, request);
  const isWrong = status === 422 || status === 415;
  if (twists.length === 0 && problems.length === 0 && isWrong && !IN_WORDS.has(body.schema.$ref?.split("/").at(-1) ?? "")) return ["refused, although it is of the documented shape"];
  // An optional body may be empty, or null.
  const isAbsent = !body.isRequired && (sent === "" || sent === "null");
  return status < 300 && problems.length > 0 && !isAbsent ? [`accepted, although: ${problems.join("; ")}`] : [];
}

function bodyProblems(sent: string, schema: NonNullable<Operation["body"]>["schema"], request: ShapeCheck): readonly string[] {
  try {
    return request(schema, JSON.parse(sent));
  } catch {
    return ["it is no JSON"];
  }
}
