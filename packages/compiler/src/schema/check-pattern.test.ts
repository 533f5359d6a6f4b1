import { describe, expect, test } from "vitest";
import { compileCheckPattern } from "./check-pattern.js";

function matches(pattern: string, text: string): boolean {
  const compiled = compileCheckPattern(pattern);
  if ("problem" in compiled) throw new Error(compiled.problem);
  return compiled.matches(text);
}

describe("§19.6 patterns follow RE2", () => {
  test.each([
    ["[0-9]", "a1b", true],
    ["^[0-9]$", "a1b", false],
    ["", "", true],
    ["\\d", "\u0663", false],
    ["\\w", "\u00e9", false],
    ["\\s", "\u00a0", false],
    ["\\bx", "\u00e9x", true],
    ["^\\p{Lu}\\p{Nd}$", "\u00c4\u0663", true],
    ["(?i)^\u00c4$", "\u00e4", true],
    ["(?i)^k$", "\u212a", true],
    ["^b", "a\nb", false],
    ["(?m)^b$", "a\nb\nc", true],
    ["a.b", "a\nb", false],
    ["(?s)a.b", "a\nb", true],
    ["^[[:alpha:]]+$", "abc", true],
    ["^[[:alpha:]]+$", "ab1", false],
    ["^(?P<year>[0-9]{4})$", "2026", true],
    ["^x{1000}$", "x".repeat(1000), true],
    ["^.$", "\u{1f600}", true],
    ["^\\$\\{a\\}$", "${a}", true],
  ])("%s on %j is %s", (pattern, text, expected) => {
    expect(matches(pattern, text)).toBe(expected);
  });

  test.each(["(", "[a", "(?=a)b", "(?<!a)b", "(a)\\1", "x{1001}", "a**", "\\p{Nope}", "(?P<n>a", "*"])("P45 %s does not compile", (pattern) => {
    expect(compileCheckPattern(pattern)).toEqual({ problem: expect.stringMatching(/./) as string });
  });

  test("matching takes linear time", () => {
    expect(matches("^(a*)*b$", "a".repeat(20_000))).toBe(false);
    expect(matches("^(a|a)*$", `${"a".repeat(20_000)}!`)).toBe(false);
  });
});
