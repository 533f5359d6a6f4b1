import type { GlobalFlags, Invocation } from "../command-definition.js";
import type { Io } from "../io.js";

export interface McpFlags {
  readonly readOnly?: boolean;
  readonly allowAdhoc?: boolean;
  readonly branch?: string;
  /** True where the task has no name. */
  readonly branchPerTask?: string | true;
}

/** How tools are to work, out of flags and environment. */
export interface McpOptions {
  readonly isReadOnly: boolean;
  readonly allowsAdHoc: boolean;
  readonly branch: string | undefined;
  readonly task: string | undefined;
}

const DEFAULT_TASK = "session";

export function mcpOptions(io: Io, { readOnly, allowAdhoc, branch, branchPerTask }: McpFlags): McpOptions {
  const given = branch ?? present(io, "OMNIGRAPH_DEFAULT_BRANCH");
  return {
    isReadOnly: readOnly === true,
    allowsAdHoc: allowAdhoc === true || isOn(io, "OMNIGRAPH_MCP_ALLOW_ADHOC"),
    branch: given,
    task: branchPerTask === true ? DEFAULT_TASK : branchPerTask,
  };
}

/** Whether the tools are to be other ones than a server offers by itself. */
export function isShaped({ isReadOnly, allowsAdHoc, branch, task }: McpOptions): boolean {
  return isReadOnly || allowsAdHoc || (branch !== undefined && branch !== "main") || task !== undefined;
}

const ADDRESS_FLAGS = ["server", "graph", "store", "uri", "profile"] as const satisfies readonly (keyof GlobalFlags)[];

export interface McpAddress {
  readonly invocation: Invocation<McpFlags>;
  /** Of the variables; sent nowhere but to the address they name. */
  readonly token: string | undefined;
}

/** The address in the variables of the released stdio package (server.md 12.1), where no flag has one. */
export function withMcpEnvironment(invocation: Invocation<McpFlags>): McpAddress {
  const { io, flags } = invocation;
  const baseUrl = present(io, "OMNIGRAPH_BASE_URL");
  if (baseUrl === undefined || ADDRESS_FLAGS.some((flag) => flags[flag] !== undefined)) return { invocation, token: undefined };
  const [, server = baseUrl, ofUrl] = /^(.*)\/graphs\/([^/]+)\/*$/.exec(baseUrl) ?? [];
  const graph = ofUrl ?? present(io, "OMNIGRAPH_GRAPH");
  return { invocation: { ...invocation, flags: { ...flags, server, ...(graph === undefined ? {} : { graph }) } }, token: present(io, "OMNIGRAPH_TOKEN") };
}

function present({ env }: Io, name: string): string | undefined {
  const value = env[name]?.trim();
  return value === "" ? undefined : value;
}

function isOn(io: Io, name: string): boolean {
  const value = present(io, name)?.toLowerCase();
  return value !== undefined && value !== "0" && value !== "false";
}
