import { Option } from "commander";
import { WRITE_FLAGS } from "../addressing/flag-sets.js";
import type { CommandDefinition, GlobalFlag } from "../command-definition.js";
import { UsageError } from "../errors.js";
import { EXIT } from "../exit-code.js";
import type { McpFlags } from "../mcp/mcp-options.js";

/** Nothing of it existed in the days of the older file, so that file has no say. */
const MCP_FLAGS: readonly GlobalFlag[] = WRITE_FLAGS.filter((flag) => flag !== "target" && flag !== "config");

/** It becomes part of the name of a branch. */
const TASK_NAME = /^[A-Za-z0-9._-]{1,64}$/;

export const mcpCommand: CommandDefinition<McpFlags> = {
  path: ["mcp"],
  capability: "any",
  summary: "offer a graph to an agent: Model Context Protocol on stdin and stdout",
  accepts: MCP_FLAGS,
  examples: [
    "omnigraph mcp --store ./orders.omni --allow-adhoc",
    "omnigraph mcp --store ./orders.omni --allow-adhoc --branch-per-task import-07",
    "omnigraph mcp --server https://graphs.example.net --graph orders",
    "omnigraph mcp --server harbor --graph orders --read-only",
  ],
  declare(command) {
    command
      .addOption(new Option("--read-only", "offer no tool that changes anything"))
      .addOption(new Option("--allow-adhoc", "offer tools that run query texts of the agent (also: OMNIGRAPH_MCP_ALLOW_ADHOC=1)"))
      .addOption(new Option("--branch <NAME>", "what calls mean that name no branch (default: main)"))
      .addOption(new Option("--branch-per-task [TASK]", "write to a fresh branch mcp/<TASK>-<id>, to be compared and merged with tools of its own").conflicts("readOnly"));
  },
  async run(invocation) {
    const { branchPerTask } = invocation.flags;
    if (typeof branchPerTask === "string" && !TASK_NAME.test(branchPerTask)) {
      throw new UsageError(`'${branchPerTask}' cannot be part of the name of a branch`, "Name the task with at most 64 letters, digits, '.', '_' and '-'.");
    }
    const { runMcp } = await import("../mcp/run-mcp.js");
    const { signal } = invocation.io;
    await runMcp(invocation).catch((error: unknown) => {
      // Clients end it so. What it did by then, it answered.
      if (!signal.aborted) throw error;
    });
    return signal.aborted ? EXIT.interrupted : EXIT.success;
  },
};
