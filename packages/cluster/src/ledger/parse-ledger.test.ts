import { describe, expect, test } from "vitest";
import { encodeLedger } from "./encode-ledger.js";
import { isLedger, parseLedger } from "./parse-ledger.js";

const SMALLEST = { version: 1, state_revision: 4, applied_revision: { config_digest: null, resources: {} } };

/** The example of the specification, with full digests and one entry of every kind. */
const WHOLE = {
  version: 1,
  state_revision: 4,
  applied_revision: {
    config_digest: "9a41",
    resources: {
      "graph.orders": { digest: "0c77", embedding_provider: "provider.embedding.main", external_blob_policy: { mode: "allow", bases: [{ uri: "s3://a/b", scope: "server_safe" }] } },
      "policy.team": { digest: "e2f0", applies_to: ["graph.orders"] },
      "provider.embedding.main": { digest: "77aa", embedding_profile: { kind: "gemini", api_key: "${KEY}" } },
      "query.orders.late": { digest: "77ab" },
      "schema.orders": { digest: "51d2" },
    },
  },
  resource_statuses: { "graph.orders": { status: "applied" }, "query.orders.late": { status: "drifted", conditions: ["payload_missing"], message: "gone" } },
  approval_records: { "01A": { consumed_at: "2026-01-01T00:00:00Z", consumed_by_operation: "01B" } },
  recovery_records: { "01C": { kind: "schema_apply", graph_id: "orders", outcome: "rolled_forward", recovered_at: "2026-01-01T00:00:00Z", actor: null } },
  observations: {
    "graph.old": { kind: "tombstone", deleted_at: "2026-01-01T00:00:00Z", approval_id: "01D", actor: "act-x" },
    "graph.orders": { kind: "graph", address: "graph.orders", graph_uri: "/x", observed_at: "2026-01-01T00:00:00Z", exists: true, graph_manifest_version: 3, schema_digest: "51d2", desired_schema_digest: null, schema_matches_desired: null, error: null },
  },
};

function problemOf(value: unknown): string {
  const parsed = parseLedger(typeof value === "string" ? value : JSON.stringify(value));
  return isLedger(parsed) ? "none" : `${parsed.code}: ${parsed.text}`;
}

describe("the ledger (cluster.md §6)", () => {
  test("encoding what was parsed gives the same text", () => {
    const text = `${JSON.stringify(WHOLE, null, 2)}\n`;
    const parsed = parseLedger(text);
    expect(isLedger(parsed) && encodeLedger(parsed)).toBe(text);
  });

  test("6.1 everything after applied_revision may be missing", () => {
    expect(problemOf(SMALLEST)).toBe("none");
  });

  test("6.4 the former name of the manifest version is read and rewritten", () => {
    const observation = { ...WHOLE.observations["graph.orders"], manifest_version: 7, graph_manifest_version: undefined };
    const parsed = parseLedger(JSON.stringify({ ...SMALLEST, observations: { "graph.orders": observation } }));
    expect(isLedger(parsed) && encodeLedger(parsed)).toContain('"graph_manifest_version": 7');
  });

  test.each([
    ["not JSON", "{", "invalid_state_json"],
    ["an array", [], "invalid_state_json"],
    ["another version", { ...SMALLEST, version: 2 }, "unsupported_state_version"],
    ["no version", { ...SMALLEST, version: undefined }, "invalid_state_json"],
    ["an unknown key", { ...SMALLEST, extra: 1 }, "invalid_state_json: 'extra' is not known"],
    ["an unknown key of a resource", { ...SMALLEST, applied_revision: { resources: { "graph.a": { digest: "x", uri: "y" } } } }, "invalid_state_json: 'applied_revision.resources.graph.a.uri' is not known"],
    ["a digest that is no text", { ...SMALLEST, applied_revision: { resources: { "graph.a": { digest: 1 } } } }, "invalid_state_json"],
    ["a missing revision", { ...SMALLEST, state_revision: undefined }, "invalid_state_json: 'state_revision' is missing"],
    ["a revision that is no whole number", { ...SMALLEST, state_revision: 1.5 }, "invalid_state_json"],
    ["a status that is none", { ...SMALLEST, resource_statuses: { "graph.a": { status: "fine" } } }, "invalid_state_json"],
    ["two manifest versions that differ", { ...SMALLEST, observations: { "graph.a": { ...WHOLE.observations["graph.orders"], manifest_version: 9 } } }, "conflicting_graph_manifest_observation"],
  ])("%s: %#", (_, value, expected) => {
    expect(problemOf(value)).toContain(expected);
  });

  test("keys named like prototype members are data", () => {
    const parsed = parseLedger('{"version":1,"state_revision":1,"applied_revision":{"resources":{"__proto__":{"digest":"x"}}}}');
    expect(isLedger(parsed) && [...parsed.resources.keys()]).toEqual(["__proto__"]);
  });
});
