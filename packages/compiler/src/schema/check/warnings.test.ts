import { expect, test } from "vitest";
import { checkSchemaSource } from "../../compile-schema.js";

test.each([["@kye", "@key"], ["@uniqe", "@unique"], ["@indx", "@index"], ["@desciption(\"x\")", "@description"]])("§8.3 %s is accepted and warned about", (written, meant) => {
  const warnings = checkSchemaSource(`node A { a: String ${written} }`);
  expect(warnings).toMatchObject([{ rule: "8.3", severity: "warning", hint: `did you mean '${meant.slice(1)}'?` }]);
  expect(checkSchemaSource("node A { a: String @audited }")).toEqual([]);
});
