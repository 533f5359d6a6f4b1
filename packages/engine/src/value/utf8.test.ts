import { expect, test } from "vitest";
import { encodeUtf8 } from "./utf8.js";

test.each(["", "a", "é😀", "x".repeat(64), "中".repeat(64), "中".repeat(65), "lone \ud800"])("%j has the bytes that the built-in encoder gives", (text) => {
  const bytes = encodeUtf8(text);
  encodeUtf8("overwrites what is shared");
  expect(bytes).toEqual(new TextEncoder().encode(text));
});
