import { type ErrorCategory, OmniError } from "@omnigraphdb/common";

/** One thing that is wrong with a policy file. */
export interface PolicyProblem {
  readonly message: string;
  /** From 1. */
  readonly line: number;
  /** From 1, in UTF-16 code units. */
  readonly column: number;
}

/** A bundle is not valid; lists everything that is wrong with it, in the order of the text (policy specification §3). */
export class PolicyBundleError extends OmniError {
  readonly code = "POLICY_BUNDLE_INVALID";
  readonly category: ErrorCategory = "invalid";
  readonly source: string;
  readonly problems: readonly PolicyProblem[];

  constructor(source: string, problems: readonly PolicyProblem[]) {
    super(describe(`policy bundle ${source} is not valid`, source, problems), { hint: "Correct the bundle; 'omnigraph policy validate --file' checks it before anything uses it." });
    this.source = source;
    this.problems = problems;
  }

  override get details(): Readonly<Record<string, unknown>> {
    return { source: this.source, problems: this.problems };
  }
}

/** A file of policy test cases is not valid; lists everything that is wrong with it (policy specification §8). */
export class PolicyTestsError extends OmniError {
  readonly code = "POLICY_TESTS_INVALID";
  readonly category: ErrorCategory = "invalid";
  readonly source: string;
  readonly problems: readonly PolicyProblem[];

  constructor(source: string, problems: readonly PolicyProblem[]) {
    super(describe(`policy tests ${source} are not valid`, source, problems), { hint: "Correct the file: version: 1 and cases of id, actor, action, branch, target_branch, expect." });
    this.source = source;
    this.problems = problems;
  }

  override get details(): Readonly<Record<string, unknown>> {
    return { source: this.source, problems: this.problems };
  }
}

function describe(summary: string, source: string, problems: readonly PolicyProblem[]): string {
  return [`${summary}:`, ...problems.map(({ message, line, column }) => `  ${source}:${line}:${column}: ${message}`)].join("\n");
}
