import { describe, expect, test } from "vitest";
import { resultRows } from "../../src/read-result.js";
import type { ContractContext } from "./context.js";
import { failureOf } from "./failure.js";

const SET_AGE = "query set($name: String, $age: I32) { update Person set { age: $age } where name = $name }";

export function describeBranches(context: ContractContext): void {
  const setAge = (branch: string, name: string, age: number): Promise<unknown> => context.client.mutate({ source: SET_AGE, params: { name, age }, branch });
  const ageOn = async (branch: string, name: string): Promise<unknown> =>
    resultRows(await context.client.query({ source: "query a($name: String) { match { $p: Person $p.name = $name } return { $p.age as age } }", params: { name }, branch }))[0]?.["age"];

  describe("branches", () => {
    test("are listed with main first, created and deleted by name, slashes and accents included", async () => {
      const created = await context.client.createBranch({ name: "zzz/ünï 100%&+=x", from: "main" });
      expect(created).toMatchObject({ name: "zzz/ünï 100%&+=x", from: "main", actorId: context.provider.actorId });
      const branches = await context.client.listBranches();
      expect(branches[0]).toBe("main");
      expect(branches).toContain("zzz/ünï 100%&+=x");
      expect(branches.slice(1)).toEqual([...branches.slice(1)].sort());
      expect(await context.client.deleteBranch({ name: "zzz/ünï 100%&+=x" })).toMatchObject({ name: "zzz/ünï 100%&+=x", uri: created.uri, actorId: context.provider.actorId });
      expect(await context.client.listBranches()).not.toContain("zzz/ünï 100%&+=x");
    });

    test("a name that is taken is a conflict", async () => {
      const name = await context.branch();
      expect(await failureOf(context.client.createBranch({ name, from: "main" }))).toMatchObject({ code: "BRANCH_EXISTS", category: "conflict", retryable: false });
    });

    test("a name within another name is a conflict", async () => {
      const name = await context.branch();
      expect(await failureOf(context.client.createBranch({ name: `${name}/x`, from: "main" }))).toMatchObject({ code: "BRANCH_NAME_CONFLICT", category: "conflict" });
    });

    test.each([["", "empty"], ["main", "main"]])("the name '%s' is refused", async (name) => {
      expect((await failureOf(context.client.createBranch({ name, from: "main" }))).category).toMatch(/invalid|conflict/);
    });

    test("an unknown branch is neither forked, nor deleted, nor merged", async () => {
      const notFound = { code: "BRANCH_NOT_FOUND", category: "not_found", message: "branch 'nowhere' not found" };
      expect(await failureOf(context.client.createBranch({ name: "fork", from: "nowhere" }))).toMatchObject(notFound);
      expect(await failureOf(context.client.deleteBranch({ name: "nowhere" }))).toMatchObject(notFound);
      expect(await failureOf(context.client.mergeBranch({ source: "nowhere", target: "main", deleteBranch: false }))).toMatchObject(notFound);
    });

    test("main cannot be deleted", async () => {
      expect(await failureOf(context.client.deleteBranch({ name: "main" }))).toMatchObject({ code: "MAIN_BRANCH", category: "invalid" });
    });

    test("a branch others descend from is kept", async () => {
      const parent = await context.branch();
      await setAge(parent, "ada", 1);
      const child = `child of ${parent.replace("/", "-")}`;
      await context.client.createBranch({ name: child, from: parent });
      expect(await failureOf(context.client.deleteBranch({ name: parent }))).toMatchObject({ code: "BRANCH_IN_USE", category: "conflict", retryable: false });
    });
  });

  describe("merges", () => {
    test("fast_forward, already_up_to_date and merged are told apart", async () => {
      const [target, source] = [await context.branch(), await context.branch()];
      const merge = (deleteBranch = false) => context.client.mergeBranch({ source, target, deleteBranch });
      expect(await merge()).toMatchObject({ source, target, outcome: "already_up_to_date", commit: null, actorId: context.provider.actorId });
      await setAge(source, "ada", 40);
      const first = await merge();
      expect(first.outcome).toBe("fast_forward");
      await setAge(source, "bo", 41);
      await setAge(target, "dee", 42);
      const second = await merge();
      expect(second.outcome).toBe("merged");
      expect(second.commit).toEqual(await context.client.getCommit(second.commit?.graphCommitId ?? ""));
      expect(second.commit?.mergedParentCommitId).not.toBeNull();
      expect([await ageOn(target, "ada"), await ageOn(target, "bo"), await ageOn(target, "dee")]).toEqual([40n, 41n, 42n]);
    });

    test("the source can go with the merge", async () => {
      const [target, source] = [await context.branch(), await context.branch()];
      await setAge(source, "ada", 40);
      expect(await context.client.mergeBranch({ source, target, deleteBranch: true })).toMatchObject({ branchDeleted: true });
      expect(await context.client.listBranches()).not.toContain(source);
    });

    test("a source that others need stays, and the receipt says why (16.4)", async () => {
      const [target, source] = [await context.branch(), await context.branch()];
      await setAge(source, "ada", 40);
      await context.client.createBranch({ name: `on ${source.replace("/", "-")}`, from: source });
      const receipt = await context.client.mergeBranch({ source, target, deleteBranch: true });
      expect(receipt).toMatchObject({ outcome: "fast_forward", branchDeleted: false });
      expect(receipt.branchDeleteError).toContain(source);
    });

    test("both sides changed one entity: every conflict is told, nothing is merged (3.3)", async () => {
      const [target, source] = [await context.branch(), await context.branch()];
      await setAge(source, "ada", 40);
      await setAge(source, "bo", 40);
      await setAge(target, "ada", 41);
      await setAge(target, "bo", 41);
      const failure = await failureOf(context.client.mergeBranch({ source, target, deleteBranch: true }));
      expect(failure).toMatchObject({ code: "MERGE_CONFLICTS", category: "conflict", retryable: false, effects: "none" });
      expect(failure.details["merge_conflicts"]).toEqual(
        ["ada", "bo"].map((id) => ({ entity_kind: "node", type_name: "Person", entity_id: id, kind: "divergent_update", message: `divergent update for id '${id}'` })),
      );
      expect(await ageOn(target, "ada")).toBe(41n);
      expect(await context.client.listBranches()).toContain(source);
    });

    test("a branch is not merged with itself", async () => {
      const name = await context.branch();
      expect(await failureOf(context.client.mergeBranch({ source: name, target: name, deleteBranch: false }))).toMatchObject({ code: "INVALID_MERGE", category: "invalid" });
    });
  });
}
