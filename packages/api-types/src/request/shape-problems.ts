import type * as z from "zod";
import type { RequestProblem } from "../errors/request-errors.js";

const PROBLEMS_MAX = 20;

/** What is wrong with a body, member by member. */
export function problemsOf(error: z.ZodError): readonly RequestProblem[] {
  return error.issues.flatMap(problemsOfIssue).slice(0, PROBLEMS_MAX);
}

function problemsOfIssue(issue: z.core.$ZodIssue): readonly RequestProblem[] {
  const path = pathText(issue.path);
  switch (issue.code) {
    case "invalid_type":
      return [{ path, message: typeMessage(issue) }];
    case "invalid_value":
      return [{ path, message: `expected one of ${issue.values.map(String).join(", ")}` }];
    case "unrecognized_keys":
      return issue.keys.map((key) => ({ path: pathText([...issue.path, key]), message: "is not a member of this request" }));
    default:
      return [{ path, message: issue.message }];
  }
}

/** Zod says what it received in its text only. */
function typeMessage(issue: z.core.$ZodIssueInvalidType): string {
  const [, received] = /received (\w+)/.exec(issue.message) ?? [];
  return received === "undefined" ? "is required" : `expected ${issue.expected}${received === undefined ? "" : `, found ${received}`}`;
}

function pathText(path: readonly PropertyKey[]): string {
  return path.map((part, at) => (typeof part === "number" ? `[${part}]` : `${at === 0 ? "" : "."}${String(part)}`)).join("");
}
