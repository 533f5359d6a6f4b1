import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { stringify } from "yaml";
import { OperatorConfigError } from "./errors.js";
import { parseOperatorConfig } from "./parse-config.js";

/** Documents that are nearly right: known words in wrong places, of wrong types. */
const words = fc.constantFrom("operator", "actor", "servers", "url", "http://h", "defaults", "output", "kv", "server", "store", "clusters", "root", "profiles", "aliases", "args", "params", "query", "format", "default_graph", "__proto__", "constructor", "table_max_column_width");
const { value } = fc.letrec((tie) => ({
  value: fc.oneof({ depthSize: "small", withCrossShrink: true }, words, fc.integer(), fc.boolean(), fc.constant(null), fc.double(), fc.array(tie("value"), { maxLength: 3 }), fc.dictionary(words, tie("value"), { maxKeys: 4 })),
}));

const TOKENS = ["a", "b", ": ", "\n", "  ", "- ", "{", "}", "[", "]", "&a ", "*a", "'", '"', "#", "!!int ", "|", ">", "? ", "<<", "%", "\t", "0x1", "~", "\u0000", "é"];

describe("parseOperatorConfig", () => {
  test("2.3 whatever stands in the file, the result is a configuration or an error with the path", () => {
    const nearly = fc.dictionary(words, value).map((document) => stringify(document));
    const noise = fc.array(fc.constantFrom(...TOKENS), { maxLength: 30 }).map((tokens) => tokens.join(""));
    fc.assert(
      fc.property(fc.oneof(nearly, noise), (text) => {
        try {
          const { config } = parseOperatorConfig("/home/config.yaml", text);
          for (const { url } of config.servers.values()) expect(url).toMatch(/^https?:\/\/[^/]/);
        } catch (error) {
          expect(error).toBeInstanceOf(OperatorConfigError);
          expect((error as Error).message).toMatch(/^\/home\/config\.yaml/);
        }
      }),
      { numRuns: 1000 },
    );
  });

  test("8.2 fixed parameters keep integers, and keys that are names of JavaScript's own", () => {
    const { config } = parseOperatorConfig("c", "aliases: {a: {params: {big: 9223372036854775807, __proto__: {x: 1}, list: [1, a], none: null, part: 1.5}}}");
    const params = config.aliases.get("a")?.params;
    expect(params?.get("big")).toBe(9223372036854775807n);
    expect([...(params?.keys() ?? [])]).toEqual(["big", "__proto__", "list", "none", "part"]);
    expect(params?.get("list")).toEqual([1n, "a"]);
    expect(params?.get("none")).toBeNull();
    expect(params?.get("part")).toBe(1.5);
    expect(({} as { x?: unknown }).x).toBeUndefined();
  });

  test("anchors and aliases may be used, without expanding for ever", () => {
    const { config } = parseOperatorConfig("c", "servers: {a: &s {url: 'http://h'}, b: *s}");
    expect(config.servers.get("b")?.url).toBe("http://h");
    const bomb = `${Array.from({ length: 10 }, (_, at) => `x${at}: &x${at} [${at === 0 ? "a" : `*x${at - 1}, `.repeat(9)}]\n`).join("")}aliases: {a: {params: {p: *x9}}}`;
    expect(() => parseOperatorConfig("c", bomb)).toThrow("expand without bound");
  });
});
