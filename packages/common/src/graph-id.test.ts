import { expect, test } from "vitest";
import { isGraphId } from "./graph-id.js";

test.each(["a", "crm", "A-1", "-", "x".repeat(64)])("http-api 1.2 '%s' is the id of a graph", (text) => {
  expect(isGraphId(text)).toBe(true);
});

test.each(["", "a_b", "a.b", "a/b", "../x", "ä", "x".repeat(65), "policies", "healthz", "openapi", "graphs", "crm\n"])("http-api 1.2 %j is none", (text) => {
  expect(isGraphId(text)).toBe(false);
});
