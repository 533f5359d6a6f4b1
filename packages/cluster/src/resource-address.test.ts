import { describe, expect, test } from "vitest";
import { parseResourceAddress, printResourceAddress } from "./resource-address.js";

describe("addresses (cluster.md 3.1)", () => {
  test.each(["graph.orders", "schema.orders", "query.orders.late_shipments", "policy.team", "provider.embedding.main"])("%s", (address) => {
    const parsed = parseResourceAddress(address);
    expect(parsed && printResourceAddress(parsed)).toBe(address);
  });

  test.each(["", "graph", "graph.", "graph.a.b", "query.a", "query.a.b.c", "provider.storage.x", "provider.embedding.", "pipeline.x", "ui.dashboard.x", "graph.a/b", "graph.a\0", "graph.ａ", "query.a b.q", "policy.%2e", "graph.a\n"])("%j is no address that this version knows", (address) => {
    expect(parseResourceAddress(address)).toBeUndefined();
  });
});
