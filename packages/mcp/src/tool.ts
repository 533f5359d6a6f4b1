import type { PolicyAction } from "@omnigraphdb/common";
import type { ToolArguments } from "./arguments/check-arguments.js";
import type { ArgumentsSchema } from "./arguments/schema.js";

/** What a client may tell its user before it calls. They are hints: permissions are decided elsewhere. */
export interface ToolHints {
  readonly readOnlyHint: boolean;
  readonly destructiveHint: boolean;
  readonly idempotentHint: boolean;
  readonly openWorldHint: false;
}

export const READ_ONLY: ToolHints = { readOnlyHint: true, destructiveHint: false, idempotentHint: true, openWorldHint: false };
export const ADDITIVE: ToolHints = { readOnlyHint: false, destructiveHint: false, idempotentHint: false, openWorldHint: false };
export const DESTRUCTIVE: ToolHints = { readOnlyHint: false, destructiveHint: true, idempotentHint: false, openWorldHint: false };
export const DESTRUCTIVE_IDEMPOTENT: ToolHints = { readOnlyHint: false, destructiveHint: true, idempotentHint: true, openWorldHint: false };

export interface Tool {
  readonly name: string;
  readonly description: string;
  readonly inputSchema: ArgumentsSchema;
  readonly hints: ToolHints;
  /** All of them have to be granted; none for what everybody may do. */
  readonly actions: readonly PolicyAction[];
  /** Older names of arguments: accepted, not listed. */
  readonly argumentAliases?: Readonly<Record<string, string>>;
  /** It takes query texts of the caller, so that it is off unless ad-hoc queries are allowed (server.md 12.4 †). */
  readonly isAdHoc?: boolean;
  /** It can be called, and is not listed. */
  readonly isUnlisted?: boolean;
  /** `text`: the answer is no JSON. */
  readonly answers?: "text";
  /** @returns the text of the answer: that of the REST route it stands for */
  run(args: ToolArguments, signal: AbortSignal): Promise<string>;
}

/** As a client gets it. */
export interface ListedTool {
  readonly name: string;
  readonly description: string;
  readonly inputSchema: ArgumentsSchema;
  readonly annotations: ToolHints;
}

/** A tool whose arguments have the type that its schema describes. */
export interface ToolOf<Arguments> extends Omit<Tool, "run"> {
  run(args: Arguments, signal: AbortSignal): Promise<string>;
}

/** Arguments have been held against the schema when `run` gets them. */
export function tool<Arguments>(definition: ToolOf<Arguments>): Tool {
  return { ...definition, run: (args, signal) => definition.run(args as Arguments, signal) };
}

/** Who may do what, by the decision function of the server. Without it, everything is tried and the graph decides. */
export interface ToolPermissions {
  /** With default arguments: on `main`, or for actions that are limited by target branch, anywhere. @throws PolicyEvaluationError */
  allows(action: PolicyAction): boolean;
  /** With some arguments. @throws PolicyEvaluationError */
  couldAllow(action: PolicyAction): boolean;
}
