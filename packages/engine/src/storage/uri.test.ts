import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { StorageError } from "./errors.js";
import { isS3Uri, joinUri, localPathOf, normalizeUri, parseS3Uri } from "./uri.js";

describe("storage addresses", () => {
  test.each([
    ["/tmp/x/", "/tmp/x"],
    ["/tmp/./a/../x//", "/tmp/x"],
    ["/", "/"],
    ["./graph.omni", join(process.cwd(), "graph.omni")],
    ["graph", join(process.cwd(), "graph")],
    ["/tmp/with space/é", "/tmp/with space/é"],
    ["file:///tmp/x/", "file:///tmp/x"],
    ["file:///tmp/with%20space", "file:///tmp/with%20space"],
    ["file:///tmp/with space", "file:///tmp/with%20space"],
    ["file://localhost/tmp/x", "file:///tmp/x"],
    ["s3://b/p/", "s3://b/p"],
    ["s3://b", "s3://b"],
    ["s3://b/", "s3://b"],
    ["s3://b//p/./q/../r/", "s3://b/p/r"],
  ])("URI-2 URI-3 URI-4 %s is %s", (given, normal) => {
    expect(normalizeUri(given)).toBe(normal);
    expect(normalizeUri(normal)).toBe(normal);
  });

  test.each(["s3://AKIDSECRET:SECRET@b/p", "s3://SECRET@b", "s3://b:SECRET/p", "s3://b/p?token=SECRET", "s3://b/p#SECRET", "s3://b c/SECRET", "https://u:SECRET@host/x", "gs://u:SECRET@b", "http://h/x?t=SECRET"])("an address with more than a bucket and a key is refused, and what it holds is not shown: %s", (uri) => {
    expect(() => normalizeUri(uri)).toThrow(StorageError);
    expect(() => normalizeUri(uri)).not.toThrow(/SECRET/);
  });

  test.each(["", "http://host/graph", "https://host", "ftp://x/y", "gs://bucket/x", "s3://", "s3:///key", "s3://b/../x", "file://otherhost/x", "file:///a%2Fb", "/a\0b"])(
    "URI-1 URI-6 %j is a configuration error",
    (given) => {
      expect(() => normalizeUri(given)).toThrow(expect.objectContaining({ code: "STORAGE", kind: "Configuration" }));
    },
  );

  test("URI-4 a file:// address and its path are one place", () => {
    expect(localPathOf("file:///tmp/with%20space")).toBe(localPathOf("/tmp/with space"));
  });

  test.each([
    ["/r", "a/b", "/r/a/b"],
    ["/r/", "a", "/r/a"],
    ["file:///r", "a b", "file:///r/a%20b"],
    ["s3://b/r", "a b/c", "s3://b/r/a b/c"],
    ["s3://b", "a", "s3://b/a"],
  ])("URI-5 joining %s and %s", (root, child, joined) => {
    expect(joinUri(root, child)).toBe(joined);
  });

  test.each(["", "..", "../x", "a/../../x", "/a", "a//b", "a/", "."])("URI-5 %j does not leave its root", (child) => {
    expect(() => joinUri("/r", child)).toThrow(expect.objectContaining({ kind: "Configuration" }));
  });

  test("URI-6 bucket and key", () => {
    expect(parseS3Uri("s3://b/p/q/")).toEqual({ bucket: "b", key: "p/q" });
    expect(isS3Uri("/s3://")).toBe(false);
  });
});
