import { describe, expect, it } from "vitest";
import { loadChevrotain } from "../source/load-chevrotain.js";
import { makeQueryGrammar } from "./query-parser.js";

describe("query grammar", () => {
  it("has no ambiguities that are not decided on purpose", () => {
    expect(() => makeQueryGrammar(loadChevrotain(), { skipValidations: false })).not.toThrow();
  });

  it("§3 equals the recorded grammar", async () => {
    const { parser } = makeQueryGrammar(loadChevrotain(), { skipValidations: true });
    await expect(`${JSON.stringify(parser.getSerializedGastProductions(), null, 1)}\n`).toMatchFileSnapshot("../../test/golden/query/grammar.json");
  });

  it("has current types of its syntax tree", async () => {
    const chevrotain = loadChevrotain();
    const { parser } = makeQueryGrammar(chevrotain, { skipValidations: true });
    const types = chevrotain.generateCstDts(parser.getGAstProductions(), { includeVisitorInterface: false }).replace("ICstVisitor, ", "");
    await expect(`// Generated from the grammar; query-parser.test.ts keeps it current (vitest -u).\n${types}`).toMatchFileSnapshot("./query-cst.generated.ts");
  });
});
