import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, afterEach, beforeEach, describe, expect, test } from "vitest";
import { type Depot, depot, disposeTemplate, SCHEMA } from "./depot.js";

let it: Depot;
beforeEach(() => {
  it = depot();
});
afterEach(() => it[Symbol.dispose]());
afterAll(disposeTemplate);

function ledger(): string {
  return readFileSync(join(it.cwd, "__cluster/state.json"), "utf8");
}

describe("cluster.md §18.2 scenarios, as a person sees them", () => {
  test("18.2.1: validate, status, apply, import, plan, apply, apply", async () => {
    expect(await it.cluster(["validate"])).toMatchObject({ exitCode: 0, stderr: "", stdout: expect.stringMatching(/^Validate: ok, 2 graphs, 1 query, 2 policies/) as string });
    const status = await it.cluster(["status"]);
    expect(status).toMatchObject({ exitCode: 0, stdout: expect.stringMatching(/^Status: nothing recorded yet \(1 warning\)/) as string });
    expect(status.stdout).toContain("WARN   state_missing");
    expect(await it.cluster(["apply"])).toMatchObject({ exitCode: 1, stdout: expect.stringContaining("ERROR  state_missing") as string });
    expect(await it.json(["import"])).toMatchObject({ exitCode: 0, ok: true, operation: "import", state_observations: { state_revision: 1 } });
    expect(await it.cluster(["plan"])).toMatchObject({ exitCode: 0, stdout: expect.stringMatching(/^Plan: 7 to create, 0 to update, 0 to delete\n[^]*Next: omnigraph cluster apply\n$/) as string });
    expect(await it.json(["apply", "--as", "ann"])).toMatchObject({ exitCode: 0, ok: true, actor: "ann", converged: true, state_written: true, applied_count: 7, state_observations: { state_revision: 2 } });
    expect(await it.json(["apply"])).toMatchObject({ exitCode: 0, converged: true, state_written: false, changes: [] });
    expect(await it.cluster(["plan"])).toMatchObject({ exitCode: 0, stdout: "Plan: no changes\n  No changes: what is declared is deployed.\n" });
  });

  test("18.2.6: a removed graph is gated; the plan shows the command that approves it, and the command works", async () => {
    await it.apply();
    it.declare("orders");
    const { stdout } = await it.cluster(["plan"]);
    expect(stdout).toMatch(/^Plan: 0 to create, 0 to update, 2 to delete \(1 needs approval\)\n/);
    expect(stdout).toContain("  - Delete graph.fleet [Blocked: approval_required]\n");
    const command = /^ +omnigraph (cluster approve graph\.fleet)$/m.exec(stdout)?.[1];
    expect(command).toBe("cluster approve graph.fleet");

    expect(await it.json(["apply", "--as", "ann"])).toMatchObject({ exitCode: 0, ok: true, converged: false });
    expect((await it.cluster(["apply", "--as", "ann"])).stdout).toContain("Next: after review, approve 1 deletion and apply again:\n      omnigraph cluster approve graph.fleet\n");
    expect(existsSync(join(it.cwd, "graphs/fleet.omni"))).toBe(true);

    expect(await it.json(["approve", "graph.fleet", "--as", "ann"])).toMatchObject({ exitCode: 0, ok: true, resource: "graph.fleet", operation: "delete", approved_by: "ann" });
    expect((await it.cluster(["plan"])).stdout).toMatch(/^Plan: 0 to create, 0 to update, 2 to delete\n[^]*graph\.fleet deletes graph 'fleet' and all its data, for good: approved/);
    expect(await it.json(["apply", "--as", "ann"])).toMatchObject({ exitCode: 0, converged: true, state_written: true });
    expect(existsSync(join(it.cwd, "graphs/fleet.omni"))).toBe(false);
    expect((await it.cluster(["status"])).stdout).toMatch(/graph\.fleet +deleted +on \S+ by ann/);
  });

  test("a schema update shows its steps; an edited policy binding is marked", async () => {
    await it.apply();
    it.home.write("orders.pg", SCHEMA.replace("note: String?", "note: String?\n  weight: F64?"));
    it.home.write("cluster.yaml", readFileSync(join(it.cwd, "cluster.yaml"), "utf8").replace("applies_to: [orders]", "applies_to: [orders, fleet]"));
    const { stdout } = await it.cluster(["plan"]);
    expect(stdout).toMatch(/^ {2}~ Update schema\.orders {2}[0-9a-f]{8} -> [0-9a-f]{8}\n {6}\+ add property 'Order\.weight' \(F64\?\) on node 'Order'\n/m);
    expect(stdout).toContain("  ~ Update policy.team [bindings]\n");
    expect(stdout).toContain("    schema.orders: query.orders.late\n");
    const plan = (await it.json(["plan"])) as unknown as { readonly changes: readonly Record<string, unknown>[] };
    expect(plan.changes.find(({ resource }) => resource === "schema.orders")).toMatchObject({ operation: "update", disposition: "applied", migration: { supported: true, steps: [{ kind: "add_property" }] } });
    expect(plan.changes.find(({ resource }) => resource === "policy.team")).toMatchObject({ binding_change: true, metadata_change: "policy_bindings" });
    expect((await it.cluster(["apply", "--as", "ann"])).stdout).toMatch(/policy\.team \[bindings\] \[Applied\]\n/);
  });

  test("updates of queries and policies say how many lines differ from what is deployed", async () => {
    await it.apply();
    it.home.write("queries/late.gq", "// Orders, late ones\nquery late() { match { $o: Order } return { $o.number, $o.note } }\n");
    it.home.write("team.yaml", readFileSync(join(it.cwd, "team.yaml"), "utf8").replace("change]", "change, export]"));
    const { stdout } = await it.cluster(["plan"]);
    expect(stdout).toContain("  ~ Update query.orders.late  (lines: +2 -1)\n");
    expect(stdout).toContain("  ~ Update policy.team  (lines: +1 -1)\n");
    it.remove("__cluster/resources/policy");
    expect((await it.cluster(["plan"])).stdout).toMatch(/ {2}~ Update policy\.team {2}[0-9a-f]{8} -> [0-9a-f]{8}\n/);
    expect(JSON.stringify(await it.json(["plan"]))).not.toContain("lines");
  });

  test("C7 a graph whose storage vanished is created again, empty, and every text says so", async () => {
    await it.apply();
    it.remove("graphs/orders.omni");
    expect((await it.cluster(["refresh"])).stdout).toMatch(/graph\.orders +drifted +graph_missing/);
    for (const verb of ["plan", "apply"]) expect((await it.cluster([verb])).stdout).toContain("the new graph will be EMPTY");
  });

  test("18.2.12: status warns of a damaged object without writing, refresh records it", async () => {
    await it.apply();
    const found = /"query\.orders\.late": \{\s+"digest": "([0-9a-f]+)"/.exec(ledger())?.[1] ?? "";
    writeFileSync(join(it.cwd, `__cluster/resources/query/orders/late/${found}.gq`), "altered");
    const before = ledger();
    expect(await it.cluster(["status"])).toMatchObject({ exitCode: 0, stdout: expect.stringContaining("WARN   catalog_payload_mismatch query.orders.late") as string });
    expect(ledger()).toBe(before);
    expect((await it.cluster(["refresh"])).stdout).toMatch(/query\.orders\.late +drifted +payload_mismatch/);
    expect(await it.json(["apply"])).toMatchObject({ converged: true });
  });
});

describe("cluster.md §7 the lock", () => {
  const LOCK = { version: 1, lock_id: "01JD8S4M6Q0V5ZJ3T7C1XW9K2C", operation: "apply", created_at: "2026-11-21T20:00:00Z", pid: 4711 };

  test("18.2.10: a held lock stops every locking verb; status shows it; only its exact id removes it", async () => {
    await it.apply();
    it.home.write("__cluster/lock.json", `${JSON.stringify(LOCK)}\n`);
    for (const verb of [["plan"], ["apply"], ["approve", "graph.orders", "--as", "ann"], ["refresh"], ["import"]]) {
      const { exitCode, stdout } = await it.cluster(verb);
      expect(exitCode, verb[0]).toBe(1);
      expect(stdout).toContain("ERROR  state_lock_held");
      expect(stdout).toMatch(new RegExp(`^ +omnigraph cluster force-unlock ${LOCK.lock_id} --config `, "m"));
    }
    expect((await it.cluster(["status"])).stdout).toMatch(/lock: +held by apply for \d+ \w+ \(lock 01JD8S4M6Q0V5ZJ3T7C1XW9K2C/);
    expect(await it.json(["force-unlock", "01JD8S4M6Q0V5ZJ3T7C1XW9K2D"])).toMatchObject({ exitCode: 1, ok: false, lock_removed: false, state_observations: { locked: true, lock_pid: 4711 } });
    expect(await it.cluster(["force-unlock", LOCK.lock_id])).toMatchObject({ exitCode: 0, stdout: expect.stringMatching(/^Force-unlock: the lock was removed\n/) as string });
    expect(await it.cluster(["force-unlock", LOCK.lock_id])).toMatchObject({ exitCode: 1, stdout: expect.stringContaining("state_lock_missing") as string });
  });
});

describe("cluster.md §13.1 failures", () => {
  test.each([["validate"], ["plan"], ["apply"], ["status"], ["refresh"], ["import"], ["approve", "graph.a", "--as", "ann"], ["force-unlock", "x"]])("%s without a configuration: one document, exit 1", async (...argv) => {
    it.remove("cluster.yaml");
    const { exitCode, stdout, stderr } = await it.cluster([...argv, "--json"]);
    expect(exitCode).toBe(1);
    expect(stderr).toBe("");
    expect(JSON.parse(stdout)).toMatchObject({ ok: false, config_dir: it.cwd, diagnostics: [{ code: "cluster_config_read_error", severity: "error" }] });
    const text = await it.cluster(argv);
    expect(text).toMatchObject({ exitCode: 1, stderr: "" });
    expect(text.stdout).toMatch(/^\S+ failed: .*1 error/);
  });

  test("every finding has its place, in the document and in the text", async () => {
    it.home.write("orders.pg", "node Order {\n  number I64 @key\n}\n");
    it.home.write("team.yaml", "version: 1\nrules: [{ id: x, allow: 1 }]\n");
    const document = await it.json(["validate"]);
    const diagnostics = document["diagnostics"] as readonly Record<string, unknown>[];
    expect(diagnostics.find(({ code }) => code === "schema_parse_error")).toMatchObject({ file: join(it.cwd, "orders.pg"), line: 2, column: expect.any(Number) as number });
    const { stdout } = await it.cluster(["validate"]);
    expect(stdout).toMatch(/^ {9}orders\.pg:2:\d+$/m);
    expect(stdout).toMatch(/^ {9}team\.yaml:2:\d+$/m);
  });

  test("an environment that is wrong is a document as well", async () => {
    expect(await it.json(["import"], { env: { OMNIGRAPH_DURABILITY: "none" } })).toMatchObject({ exitCode: 1, ok: false, operation: "import", diagnostics: [{ severity: "error", message: expect.stringContaining("OMNIGRAPH_DURABILITY") as string }] });
  });
});

describe("cli.md §10.20, §6 what cluster commands take from personal configuration", () => {
  const BROKEN = "operator: [\n";

  test("operator 2.6 a broken operator or legacy file affects no verb but apply and approve without --as", async () => {
    it.home.config(BROKEN);
    it.home.write("omnigraph.yaml", "graphs: [\n");
    for (const verb of [["validate"], ["import"], ["plan"], ["apply", "--as", "ann"], ["status"], ["refresh"]]) {
      expect(await it.cluster(verb), verb[0]).toMatchObject({ exitCode: 0, stderr: "" });
    }
    expect(await it.cluster(["force-unlock", "x"])).toMatchObject({ exitCode: 1, stderr: "" });
    expect(await it.cluster(["approve", "graph.orders", "--as", "ann"])).toMatchObject({ exitCode: 1, stderr: "", stdout: expect.stringContaining("approval_not_required") as string });
    expect((await it.cluster(["apply"])).stderr).toContain("omnigraph.yaml");
    it.remove("omnigraph.yaml");
    expect(await it.cluster(["apply"])).toMatchObject({ exitCode: 1, stdout: "", stderr: expect.stringMatching(/^Error: .*config\.yaml/) as string });
    expect(await it.json(["apply"])).toMatchObject({ exitCode: 1, ok: false, converged: false, diagnostics: [{ code: "operator_config_invalid" }] });
    expect(ledger()).toContain('"state_revision": 3');
  });

  test("§6 --as goes before cli.actor, that before operator.actor, and nobody is recorded without any", async () => {
    expect((await it.cluster(["import"])).exitCode).toBe(0);
    expect(await it.json(["apply"])).not.toHaveProperty("actor");
    it.home.config("operator: { actor: operator-ann }\n");
    expect(await it.json(["apply"])).toMatchObject({ actor: "operator-ann" });
    it.home.write("omnigraph.yaml", "cli: { actor: legacy-ann }\n");
    expect(await it.json(["apply"])).toMatchObject({ actor: "legacy-ann" });
    expect(await it.json(["apply", "--as", "ann"])).toMatchObject({ actor: "ann" });
  });

  test("--config is the cluster's folder, before or after the verb, and no legacy file", async () => {
    const elsewhere = join(it.cwd, "..");
    expect(await it.cluster(["validate", "--config", "work"], { cwd: elsewhere })).toMatchObject({ exitCode: 0, stderr: "" });
    expect((await it.home.run(["--config", "work", "cluster", "validate"], { cwd: elsewhere })).exitCode).toBe(0);
    expect((await it.cluster(["plan", "--config", "work"], { cwd: elsewhere })).stdout).toContain("Next: omnigraph cluster import --config work\n");
    expect((await it.cluster(["validate", "--config", "nowhere"])).stdout).toContain("ERROR  config_dir_not_found");
  });

  test.each([[[]], [["--as", ""]], [["--as", " "]]])("9.1 approve without an actor fails and names --as and operator.actor: %j", async (flags) => {
    await it.apply();
    const { exitCode, stdout, stderr } = await it.cluster(["approve", "graph.fleet", ...flags]);
    expect(exitCode).toBe(1);
    expect(stdout).toBe("");
    expect(stderr).toContain("--as");
    expect(stderr).toContain("operator.actor");
    expect(await it.json(["approve", "graph.fleet", ...flags])).toMatchObject({ exitCode: 1, ok: false, diagnostics: [{ code: "approver_required" }] });
    it.home.config("operator: { actor: ann }\n");
    if (flags.length === 0) expect((await it.cluster(["approve", "graph.fleet"])).stdout).toContain("approval_not_required");
  });
});
