import { describe, expect, test } from "vitest";
import { accessOf, type ServerTarget, storeTarget } from "./target.js";

describe("§5.7 local and other targets, §7.1 how they are called", () => {
  test.each<[string, boolean]>([
    ["orders.omni", true],
    ["./orders.omni", true],
    ["/srv/orders.omni", true],
    ["C:\\orders.omni", true],
    ["file:///srv/orders.omni", true],
    ["s3://vault/orders.omni", false],
    ["gs://vault/orders.omni", false],
    ["FILE://srv/orders.omni", false],
  ])("%s", (uri, isLocal) => {
    const target = storeTarget(uri);
    expect(target).toMatchObject({ kind: "store", uri, isLocal });
    expect(accessOf(target)).toBe(isLocal ? "direct, local" : "direct, remote");
  });

  test("a server is never local", () => {
    const target: ServerTarget = { kind: "server", baseUrl: "http://127.0.0.1", graphId: undefined, uri: "http://127.0.0.1", isLocal: false, token: undefined, isLegacy: false };
    expect(accessOf(target)).toBe("served");
  });
});
