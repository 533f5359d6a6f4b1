/**
 * Policy §12.9: whatever the bundle says, HTTP and the engine do what the model of the specification says, on every route of
 * http-api §23; and a denial shows nothing that the actor may not know (§5.4).
 */
import { compileStoredQueries } from "@omnigraphdb/cluster";
import { type Authorizer, type PolicyDecision, PolicyDeniedError, type PolicyRequest, silentLogger } from "@omnigraphdb/common";
import { Graph } from "@omnigraphdb/engine";
import { compilePolicy, parsePolicyBundle } from "@omnigraphdb/policy";
import { type BundleDocument, bundleDocuments, expectedDecision, policyText } from "@omnigraphdb/policy/test-support";
import { makeScratchDir } from "@omnigraphdb/testkit";
import fc from "fast-check";
import { expect, test } from "vitest";
import { type App, createApp } from "../../src/app.js";
import { TokenTable } from "../../src/auth/token-table.js";
import type { ServingState } from "../../src/serving/serving-state.js";

const SCHEMA = "node Account {\n  code: String @key\n  logo: Blob?\n}\n";
const SECRET = "seen-by-readers-only";
const READ = "query q() { match { $a: Account } return { $a.code } }";
/** Changes nothing, so that what is allowed stays as it was. */
const WRITE = 'query w() { delete Account where code = "nobody-has-this" }';
const RECORD = `{"type":"Account","data":{"code":"${SECRET}"}}`;
const ACTORS = ["actor-ann", "actor-bob", "actor-cyd", "stranger"] as const;
/** `draft` exists when a case begins, `ghost` only if some case made it. */
const BRANCHES = ["main", " main ", "draft", "ghost", "import/july"] as const;

/** The bundle of the current case, for the server and for the engine. */
class CurrentPolicy implements Authorizer {
  static readonly #everything: Authorizer = { decide: () => ({ isAllowed: true, matchedRuleId: null, message: "" }), mayEver: () => true };
  #policy: Authorizer = CurrentPolicy.#everything;

  async withoutAny<T>(run: () => Promise<T>): Promise<T> {
    const policy = this.#policy;
    this.#policy = CurrentPolicy.#everything;
    try {
      return await run();
    } finally {
      this.#policy = policy;
    }
  }

  set(policy: Authorizer): void {
    this.#policy = policy;
  }

  decide(actor: string, request: PolicyRequest): PolicyDecision {
    return this.#policy.decide(actor, request);
  }

  mayEver(actor: string, action: PolicyRequest["action"]): boolean {
    return this.#policy.mayEver(actor, action);
  }
}

interface Place {
  /** Branches there are. */
  readonly existing: ReadonlySet<string>;
  readonly commitId: string;
  readonly branch: string;
  readonly other: string;
}

interface Call {
  readonly method: string;
  readonly path: string;
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
}

interface Operation {
  readonly call: (place: Place) => Call;
  readonly asks: (place: Place) => readonly PolicyRequest[];
  /** The same, asked of the engine; for writes. */
  readonly engine?: (graph: Graph, actor: string, place: Place) => Promise<unknown>;
  /** A denial of the first question answers as this call does. */
  readonly mask?: (place: Place) => Call;
}

const get = (path: string): Call => ({ method: "GET", path });
const post = (path: string, body: unknown, headers?: Readonly<Record<string, string>>): Call => ({ method: "POST", path, body, ...(headers === undefined ? {} : { headers }) });
const query = (branch: string): string => `branch=${encodeURIComponent(branch)}`;
const forksFrom = ({ existing, branch, other }: Place): readonly PolicyRequest[] =>
  existing.has(branch.trim()) ? [{ action: "change", branch }] : [{ action: "branch_create", branch: other, targetBranch: branch }, { action: "change", branch }];

const OPERATIONS: Readonly<Record<string, Operation>> = {
  getSnapshot: { call: ({ branch }) => get(`/snapshot?${query(branch)}`), asks: ({ branch }) => [{ action: "read", branch }] },
  query: { call: ({ branch }) => post("/query", { query: READ, branch }), asks: ({ branch }) => [{ action: "read", branch }] },
  explain: { call: ({ branch }) => post("/explain", { query: READ, branch }), asks: ({ branch }) => [{ action: "read", branch }] },
  mutate: { call: ({ branch }) => post("/mutate", { query: WRITE, branch }), asks: ({ branch }) => [{ action: "change", branch }], engine: (graph, actor, { branch }) => graph.mutate(WRITE, { actor, branch }) },
  mutateIf: {
    call: ({ branch, commitId }) => post("/mutate/if-graph-commit", { query: WRITE, branch }, { "omnigraph-if-graph-commit": commitId }),
    asks: ({ branch }) => [{ action: "change", branch }],
  },
  listQueries: { call: () => get("/queries"), asks: () => [{ action: "read", branch: "main" }] },
  invokeRead: { call: ({ branch }) => post("/queries/codes", { branch }), asks: ({ branch }) => [{ action: "invoke_query" }, { action: "read", branch }], mask: ({ branch }) => post("/queries/nothing", { branch }) },
  invokeMutation: { call: ({ branch }) => post("/queries/prune", { branch }), asks: ({ branch }) => [{ action: "invoke_query" }, { action: "change", branch }], mask: ({ branch }) => post("/queries/nothing", { branch }) },
  getSchema: { call: () => get("/schema"), asks: () => [{ action: "read" }] },
  applySchema: { call: () => post("/schema/apply", { schema_source: SCHEMA }), asks: () => [{ action: "schema_apply", targetBranch: "main" }], engine: (graph, actor) => graph.applySchema(SCHEMA, { actor }) },
  load: {
    call: ({ branch, other }) => post("/load", { branch, from: other, mode: "merge", data: RECORD }),
    asks: forksFrom,
    engine: (graph, actor, { branch, other }) => graph.load(RECORD, { actor, branch, base: other, mode: "merge" }),
  },
  export: { call: ({ branch }) => post("/export", { branch }), asks: ({ branch }) => [{ action: "export", branch }] },
  listBranches: { call: () => get("/branches"), asks: () => [{ action: "read" }] },
  createBranch: {
    call: ({ branch, other }) => post("/branches", { name: branch, from: other }),
    asks: ({ branch, other }) => [{ action: "branch_create", branch: other, targetBranch: branch }],
    engine: (graph, actor, { branch, other }) => graph.branchCreateFrom(other, branch, { actor }),
  },
  deleteBranch: {
    call: ({ branch }) => ({ method: "DELETE", path: `/branches/${encodeURIComponent(branch)}` }),
    asks: ({ branch }) => [{ action: "branch_delete", targetBranch: branch }],
    engine: (graph, actor, { branch }) => graph.branchDelete(branch, { actor }),
  },
  mergeBranches: {
    call: ({ branch, other }) => post("/branches/merge", { source: branch, target: other }),
    asks: ({ branch, other }) => [{ action: "branch_merge", branch, targetBranch: other }],
    engine: (graph, actor, { branch, other }) => graph.branchMerge(branch, other, { actor }),
  },
  listCommits: { call: ({ branch }) => get(`/commits?${query(branch)}`), asks: ({ branch }) => [{ action: "read", branch }] },
  getCommit: { call: ({ commitId }) => get(`/commits/${commitId}`), asks: () => [{ action: "read" }] },
  getCommitChanges: { call: ({ commitId }) => get(`/commits/${commitId}/changes`), asks: () => [{ action: "read", branch: "main" }], mask: () => get("/commits/01J8Z5W6T4Q8M3N2K1H0G9F8E7/changes") },
  pollChanges: { call: ({ branch }) => get(`/changes?${query(branch)}`), asks: ({ branch }) => [{ action: "read", branch }] },
  captureChangeBaseline: { call: ({ branch }) => post("/changes/baseline", { branch }), asks: ({ branch }) => [{ action: "export", branch }] },
  diff: { call: ({ branch, other }) => get(`/diff?from=${encodeURIComponent(branch)}&to=${encodeURIComponent(other)}`), asks: ({ branch, other }) => [{ action: "read", branch }, { action: "read", branch: other }] },
  getBlob: { call: ({ branch }) => get(`/blob?entity=node&type=Account&id=${SECRET}&property=logo&${query(branch)}`), asks: ({ branch }) => [{ action: "read", branch }] },
};

const documents = bundleDocuments({
  actors: fc.constantFrom("actor-ann", "actor-bob", "actor-cyd"),
  groups: fc.constantFrom("team-red", "team-blue", "team-green"),
  branches: fc.constantFrom("main", "draft", "ghost"),
  ruleIds: fc.constantFrom("rule-1", "rule-2", "rule-3", "rule-4", "rule-5", "rule-6"),
  rulesMax: 6,
});
const asked = fc.array(fc.record({ actor: fc.constantFrom(...ACTORS), operation: fc.constantFrom(...Object.keys(OPERATIONS)), branch: fc.constantFrom(...BRANCHES), other: fc.constantFrom("main", "draft", "ghost") }), { minLength: 12, maxLength: 12 });

class Agreement {
  readonly #app: App;
  readonly #graph: Graph;
  readonly #policy: CurrentPolicy;
  readonly counts = { allowed: 0, denied: 0, masked: 0 };

  constructor(app: App, graph: Graph, policy: CurrentPolicy) {
    this.#app = app;
    this.#graph = graph;
    this.#policy = policy;
  }

  async check(document: BundleDocument, questions: readonly { readonly actor: string; readonly operation: string; readonly branch: string; readonly other: string }[]): Promise<void> {
    await this.#policy.withoutAny(async () => {
      if (!(await this.#graph.branchList()).includes("draft")) await this.#graph.branchCreate("draft", { actor: "setup" });
    });
    using policy = compilePolicy(parsePolicyBundle(policyText(document), { kind: "graph", source: "random" }), { graphId: "crm" });
    this.#policy.set(policy);
    for (const { actor, operation: name, branch, other } of questions) {
      const operation = OPERATIONS[name];
      if (operation === undefined) throw new Error(name);
      const label = JSON.stringify({ actor, name, branch, other });
      await this.#checkHttp(document, actor, operation, { branch, other }, label);
      if (operation.engine !== undefined) await this.#checkEngine(document, actor, operation, { branch, other }, label);
    }
  }

  async #checkHttp(document: BundleDocument, actor: string, operation: Operation, named: Pick<Place, "branch" | "other">, label: string): Promise<void> {
    const before = await this.#state();
    const place = { ...named, ...before };
    const verdicts = operation.asks(place).map((request) => expectedDecision(document, actor, request).isAllowed);
    const response = await this.#send(actor, operation.call(place));
    const text = await response.text();
    if (verdicts.every(Boolean)) {
      this.counts.allowed++;
      expect([401, 403], `${label} ${text}`).not.toContain(response.status);
      expect(response.status, `${label} ${text}`).toBeLessThan(500);
      return;
    }
    if (verdicts[0] === false && operation.mask !== undefined) {
      this.counts.masked++;
      const unknown = await this.#send(actor, operation.mask(place));
      expect([response.status, text], label).toEqual([404, (await unknown.text()).replaceAll("01J8Z5W6T4Q8M3N2K1H0G9F8E7", place.commitId)]);
    } else {
      this.counts.denied++;
      expect(response.status, `${label} ${text}`).toBe(403);
      expect(JSON.parse(text), label).toMatchObject({ code: "forbidden", error_code: "POLICY_DENIED" });
    }
    expect(text, label).not.toMatch(/team-|rule-/);
    for (const secret of [SECRET, ...ACTORS.filter((other) => other !== actor)]) expect(text, label).not.toContain(secret);
    expect(await this.#state(), label).toEqual(before);
  }

  async #checkEngine(document: BundleDocument, actor: string, { asks, engine }: Operation, named: Pick<Place, "branch" | "other">, label: string): Promise<void> {
    const before = await this.#state();
    const place = { ...named, ...before };
    const isAllowed = asks(place).every((request) => expectedDecision(document, actor, request).isAllowed);
    const failure = await engine?.(this.#graph, actor, place).then(() => undefined, (error: unknown) => error);
    expect(failure instanceof PolicyDeniedError, `${label} ${String(failure)}`).toBe(!isAllowed);
    if (!isAllowed) expect(await this.#state(), label).toEqual(before);
  }

  async #state(): Promise<Pick<Place, "existing" | "commitId">> {
    return { existing: new Set(await this.#graph.branchList()), commitId: await this.#graph.headCommitId() };
  }

  async #send(actor: string, { method, path, body, headers }: Call): Promise<Response> {
    return this.#app.fetch(
      new Request(`http://localhost/graphs/crm${path}`, {
        method,
        headers: { authorization: `Bearer token-of-${actor}`, "x-actor-id": "actor-ann", ...(body === undefined ? {} : { "content-type": "application/json" }), ...headers },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      }),
    );
  }
}

test("policy §12.9 §5.4 HTTP, the engine and the model agree on every route, and a denial shows nothing", { timeout: 60_000 }, async () => {
  await using directory = await makeScratchDir();
  const policy = new CurrentPolicy();
  const settings = { durability: "process", lease: { isEnabled: false } } as const;
  await using graph = await Graph.init(directory.path, SCHEMA, { settings, components: { authorizer: policy } });
  await graph.load(RECORD, { mode: "append", actor: "setup" });
  const sources = Object.entries({ codes: READ.replace("query q", "query codes"), prune: WRITE.replace("query w", "query prune") });
  const { registry } = compileStoredQueries(sources.map(([name, source]) => ({ name, source, toolName: name, isExposed: true })), graph.schema.catalog);
  const state: ServingState = {
    mode: "cluster",
    runtimeState: "policy",
    graphs: new Map([["crm", { graphId: "crm", uri: graph.uri, graph, authorizer: policy, queries: registry }]]),
    setAside: new Map(),
    serverAuthorizer: undefined,
    revision: 1,
  };
  const serving = { current: state, lease: () => ({ state, [Symbol.dispose]: (): void => undefined }) };
  const app = createApp({ serving, tokens: new TokenTable(ACTORS.map((actor) => [actor, `token-of-${actor}`])), logger: silentLogger, version: "1.0.0" });
  const agreement = new Agreement(app, graph, policy);
  await fc.assert(
    fc.asyncProperty(documents, asked, (document, questions) => agreement.check(document, questions)),
    { numRuns: 15 },
  );
  const { allowed, denied, masked } = agreement.counts;
  expect(allowed).toBeGreaterThan(10);
  expect(denied).toBeGreaterThan(80);
  expect(masked).toBeGreaterThan(5);
});
