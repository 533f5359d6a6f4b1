import { describe, expect, test } from "vitest";
import { composeUrl, parseBaseUrl } from "./url.js";

describe("URL composition (§5.8)", () => {
  test.each([
    ["http://h", ["branches", "tmp"], {}, "http://h/branches/tmp"],
    ["http://h/graphs/a/", ["branches", "x/y"], {}, "http://h/graphs/a/branches/x%2Fy"],
    ["http://h/graphs/a", ["snapshot"], { branch: "f&x=1" }, "http://h/graphs/a/snapshot?branch=f%26x%3D1"],
    ["http://h", ["branches", "etl/daily 1"], {}, "http://h/branches/etl%2Fdaily%201"],
    ["http://h", ["changes"], { kind: ["node", "edge"], limit: 5, cursor: undefined }, "http://h/changes?kind=node&kind=edge&limit=5"],
    ["http://h", ["branches", "100%+ünï?#"], {}, "http://h/branches/100%25%2B%C3%BCn%C3%AF%3F%23"],
  ])("%s with %j and %j", (base, segments, query, expected) => {
    const url = composeUrl(parseBaseUrl(base), segments, query);
    expect(url).toBe(expected);
    expect(new URL(url).href, "no parser rewrites it").toBe(expected);
  });

  test.each([[""], ["."], [".."]])("the segment '%s' would be lost on the way, so it is refused", (segment) => {
    expect(() => composeUrl("http://h", ["branches", segment])).toThrow(expect.objectContaining({ code: "UNROUTABLE_NAME" }));
  });

  test.each([["graphs.example.com"], ["ftp://h"], ["http://"], ["file:///g"], ["http://h/?x=1"], ["http://h/#x"], [""]])("'%s' is no address of a server", (text) => {
    expect(() => parseBaseUrl(text)).toThrow(expect.objectContaining({ code: "INVALID_SERVER_ADDRESS", category: "invalid" }));
  });

  test("credentials in an address are refused and not repeated", () => {
    expect(() => parseBaseUrl("http://user:s3cret@h/")).toThrow(/credentials/);
    expect(() => parseBaseUrl("http://user:s3cret@h/")).not.toThrow(/s3cret/);
  });
});
