import pc from "picocolors";
import { describe, expect, test } from "vitest";
import { applyDocument, applyText } from "../../../src/output/cluster/apply.js";
import { approveDocument, approveText } from "../../../src/output/cluster/approve.js";
import { clusterCommand, type ClusterStyle } from "../../../src/output/cluster/cluster-style.js";
import { forceUnlockDocument, forceUnlockText } from "../../../src/output/cluster/force-unlock.js";
import { observeDocument, observeText } from "../../../src/output/cluster/observe.js";
import { planDocument, planText } from "../../../src/output/cluster/plan.js";
import { statusDocument, statusText } from "../../../src/output/cluster/status.js";
import { validateDocument, validateText } from "../../../src/output/cluster/validate.js";
import { jsonDocument } from "../../../src/output/json.js";
import { APPLY, APPROVE, FORCE_UNLOCK, PLAN, STATUS, VALIDATE } from "./sample-outcomes.js";

const STYLE: ClusterStyle = { colors: pc.createColors(false), width: 80, cwd: "/srv/git", configFlag: "./depot" };

interface Shown {
  readonly name: string;
  readonly document: object;
  readonly text: (style: ClusterStyle) => readonly string[];
}

function shown<Outcome>(verb: string, outcomes: Readonly<Record<string, Outcome>>, document: (outcome: Outcome) => object, text: (outcome: Outcome, style: ClusterStyle) => readonly string[]): readonly Shown[] {
  return Object.entries(outcomes).map(([name, outcome]) => ({ name: `${verb}-${name}`, document: document(outcome), text: (style) => text(outcome, style) }));
}

const ALL: readonly Shown[] = [
  ...shown("validate", VALIDATE, validateDocument, validateText),
  ...shown("plan", PLAN, planDocument, planText),
  ...shown("apply", APPLY, applyDocument, applyText),
  ...shown("status", STATUS, statusDocument, statusText),
  ...shown("refresh", STATUS, (outcome) => observeDocument("refresh", outcome), (outcome, style) => observeText("refresh", outcome, style)),
  ...shown("import", STATUS, (outcome) => observeDocument("import", outcome), (outcome, style) => observeText("import", outcome, style)),
  ...shown("approve", APPROVE, approveDocument, approveText),
  ...shown("force-unlock", FORCE_UNLOCK, forceUnlockDocument, forceUnlockText),
];

/** Members in the order of cluster.md §13.2. */
const MEMBERS: Readonly<Record<string, readonly string[]>> = {
  validate: ["ok", "config_dir", "config_file", "resource_digests", "resources", "dependencies", "diagnostics"],
  plan: ["ok", "config_dir", "desired_revision", "resource_digests", "dependencies", "state_observations", "changes", "blast_radius", "approvals_required", "diagnostics"],
  apply: ["ok", "config_dir", "actor", "desired_revision", "state_observations", "changes", "applied_count", "deferred_count", "converged", "state_written", "resource_statuses", "diagnostics"],
  status: ["ok", "config_dir", "state_observations", "resource_digests", "resource_statuses", "observations", "diagnostics"],
  refresh: ["ok", "operation", "config_dir", "state_observations", "resource_digests", "resource_statuses", "observations", "diagnostics"],
  import: ["ok", "operation", "config_dir", "state_observations", "resource_digests", "resource_statuses", "observations", "diagnostics"],
  approve: ["ok", "config_dir", "approval_id", "resource", "operation", "approved_by", "diagnostics"],
  "force-unlock": ["ok", "config_dir", "state_observations", "lock_removed", "diagnostics"],
};

describe("cluster.md §13 output of cluster commands", () => {
  test.each(ALL)("§13.2 the document of $name", async ({ name, document }) => {
    const verb = name.replace(/-[^-]+$/, "");
    expect(MEMBERS[verb]?.filter((member) => member in document)).toEqual(Object.keys(document));
    await expect(jsonDocument(document)).toMatchFileSnapshot(`golden/${name}.json`);
  });

  test.each(ALL)("§13.4 the text of $name", async ({ name, text }) => {
    await expect(`${text(STYLE).join("\n")}\n`).toMatchFileSnapshot(`golden/${name}.txt`);
  });

  test.each(ALL)("the text of $name fits 80 columns; a command to copy is never broken", ({ text }) => {
    for (const line of text(STYLE)) if (!/omnigraph cluster|\/srv\/git\/depot/.test(line)) expect(line.length, line).toBeLessThanOrEqual(80);
  });

  test.each(ALL)("$name has the same text with colours", ({ text }) => {
    const coloured = text({ ...STYLE, colors: pc.createColors(true) });
    expect(coloured.map((line) => line.replaceAll(/\u001b\[\d+m/g, ""))).toEqual(text(STYLE));
    expect(coloured.join("")).toMatch(/\u001b\[\d+m/);
  });

  test("a diff is green, yellow and red", () => {
    const lines = planText(PLAN.changes, { ...STYLE, colors: pc.createColors(true) });
    expect(lines).toContain("\u001b[32m  + Create schema.fleet\u001b[39m");
    expect(lines.find((line) => line.includes("graph.archive [Blocked"))).toMatch(/^\u001b\[31m {2}- Delete/);
    expect(lines.find((line) => line.includes("policy.team"))).toMatch(/^\u001b\[33m {2}~ Update policy\.team \[bindings\]/);
  });

  test("control characters of names and messages do not reach the terminal", () => {
    const outcome = { ...VALIDATE.broken, diagnostics: [{ code: "schema_parse_error" as const, severity: "error" as const, path: "graphs.a\u001b[2J", message: "text\u0007 \u001b]0;x" }] };
    expect(validateText(outcome, STYLE).join("\n")).not.toMatch(/[\u0000-\u0009\u000b-\u001f]/);
  });

  test("C7 a graph that is created again says that it is empty, wherever it shows", () => {
    for (const lines of [planText(PLAN.changes, STYLE), applyText(APPLY.partial, STYLE)]) expect(lines.join("\n")).toContain("the new graph will be EMPTY");
  });

  test.each([["./depot", "./depot"], ["my depot", "'my depot'"], ["it's", String.raw`'it'\''s'`]])("--config %s is repeated in hints as a shell reads it", (configFlag, word) => {
    expect(clusterCommand("apply", { ...STYLE, configFlag })).toBe(`omnigraph cluster apply --config ${word}`);
  });
});
