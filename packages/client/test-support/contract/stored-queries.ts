import { describe, expect, test } from "vitest";
import { resultRows } from "../../src/read-result.js";
import type { ContractContext } from "./context.js";
import { failureOf } from "./failure.js";

export function describeStoredQueries(context: ContractContext): void {
  describe.runIf(context.provider.hasStoredQueries)("stored queries", () => {
    test("are listed with what they say of themselves", async () => {
      expect(await context.client.storedQueries()).toMatchObject([
        { name: "person", toolName: "person", description: "One person", isMutation: false, params: [{ name: "name", kind: "string", nullable: false }] },
        {
          name: "rename_city", toolName: "rename_city", instruction: "Sets the code", isMutation: true,
          params: [{ name: "name", kind: "string", nullable: false }, { name: "code", kind: "string", nullable: true }],
        },
      ]);
    });

    test("a stored read answers as an inline one", async () => {
      const result = await context.client.runStoredQuery({ name: "person", params: { name: "ada" } });
      expect(result).toMatchObject({ queryName: "person", target: { branch: "main", snapshot: null }, columns: ["name", "age"] });
      expect(resultRows(result).map((row) => ({ ...row }))).toEqual([{ name: "ada", age: 36n }]);
    });

    test("a stored mutation writes, and keeps its condition (12.4)", async () => {
      const branch = await context.branch();
      const receipt = await context.client.runStoredMutation({ name: "rename_city", params: { name: "berlin", code: "c" }, branch });
      expect(receipt).toMatchObject({ branch, queryName: "rename_city", affectedNodes: 1 });
      const ifCommit = receipt.commit?.parentCommitId ?? "";
      expect(await failureOf(context.client.runStoredMutation({ name: "rename_city", params: { name: "berlin", code: "d" }, branch, ifCommit }))).toMatchObject({
        code: "PRECONDITION_FAILED", details: { precondition_failure: { expected: ifCommit, actual: receipt.commit?.graphCommitId } },
      });
    });

    test("an unknown name is not found", async () => {
      expect(await failureOf(context.client.runStoredQuery({ name: "nothing/here" }))).toMatchObject({ code: "STORED_QUERY_NOT_FOUND", category: "not_found", message: "stored query not found" });
    });

    test("a read is not run as a mutation, nor the other way round", async () => {
      expect(await failureOf(context.client.runStoredMutation({ name: "person", params: { name: "ada" } }))).toMatchObject({ category: "invalid" });
      expect(await failureOf(context.client.runStoredQuery({ name: "rename_city", params: { name: "berlin" } }))).toMatchObject({ category: "invalid" });
    });

    test("a parameter that is missing is named", async () => {
      const failure = await failureOf(context.client.runStoredQuery({ name: "person" }));
      expect(failure.category).toBe("invalid");
      expect(failure.message).toContain("name");
    });
  });

  describe.runIf(!context.provider.hasStoredQueries)("stored queries", () => {
    test("an embedded graph has none, and says so", async () => {
      const none = { code: "STORED_QUERIES_UNAVAILABLE", category: "invalid" };
      expect(await failureOf(context.client.storedQueries())).toMatchObject(none);
      expect(await failureOf(context.client.runStoredQuery({ name: "person" }))).toMatchObject(none);
      expect(await failureOf(context.client.runStoredMutation({ name: "person" }))).toMatchObject(none);
    });
  });
}
