import { describe, expect, it } from "vitest";
import type { PolicyRequest } from "./authorizer.js";
import { PolicyDeniedError } from "./errors.js";

describe("PolicyDeniedError", () => {
  it.each<[PolicyRequest, boolean]>([
    [{ action: "change", branch: "main" }, true],
    [{ action: "branch_merge", branch: "draft", targetBranch: "main" }, true],
    [{ action: "read" }, false],
    [{ action: "graph_list" }, false],
    [{ action: "schema_apply", targetBranch: "main" }, false],
  ])("advises another branch only where there could be one: %o", (request, isAdvised) => {
    expect(new PolicyDeniedError("ann", request, { message: "no" }).hint?.includes("use a branch") ?? false).toBe(isAdvised);
  });
});
