import { execFileSync } from "node:child_process";
import { expect, test } from "vitest";
import { shellWord } from "./shell-word.js";

test("a shell reads back what was meant", () => {
  const words = ["./deploy", "", "my cluster", "it's", "$HOME", "`id`", "a\nb", "*", "été", "-x;y"];
  const printed = execFileSync("sh", ["-c", `printf '%s\\0' ${words.map(shellWord).join(" ")}`], { encoding: "utf8" });
  expect(printed.split("\0").slice(0, -1)).toEqual(words);
});

test("what needs no quotes has none", () => {
  expect(shellWord("s3://bucket/a-b_c")).toBe("s3://bucket/a-b_c");
});
