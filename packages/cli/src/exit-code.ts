import { isOmniError } from "@omnigraphdb/common";
import { UsageError } from "./errors.js";
import { StreamClosedError } from "./io.js";

/**
 * What the process ends with (CLI specification §1.8). `usage` covers everything that is wrong with the argument list
 * alone; whatever needs a file, a graph or the environment to find out is a runtime failure.
 */
export const EXIT = { success: 0, failure: 1, usage: 2, preconditionLost: 4, interrupted: 130 } as const;

export type ExitCode = (typeof EXIT)[keyof typeof EXIT];

export function exitCodeOf(error: unknown): ExitCode {
  if (error instanceof StreamClosedError) return EXIT.success;
  if (error instanceof UsageError) return EXIT.usage;
  if (isOmniError(error)) {
    // A time limit of the command's own is a failure like any other.
    if (error.category === "cancelled" && error.code !== "CALL_TIMEOUT") return EXIT.interrupted;
    if (error.category === "precondition") return EXIT.preconditionLost;
  }
  return EXIT.failure;
}
