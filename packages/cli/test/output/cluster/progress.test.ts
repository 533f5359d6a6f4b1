import { PassThrough } from "node:stream";
import type { Io } from "@omnigraphdb/cli";
import type { ClusterProgress } from "@omnigraphdb/cluster";
import { must } from "@omnigraphdb/common";
import { describe, expect, test, vi } from "vitest";
import { showClusterProgress } from "../../../src/output/cluster/progress.js";
import { capturedIo } from "../../captured-io.js";

const EVENTS: readonly ClusterProgress[] = [
  { phase: "lock", done: 1, total: 1 },
  { phase: "create", done: 0, total: 2 },
  { phase: "create", resource: "graph.orders", done: 1, total: 2 },
  { phase: "catalog", resource: "query.orders.late", done: 1, total: 1 },
];

/** A terminal on stderr, and what it was sent. */
function terminalIo(): { readonly io: Io; readonly shown: () => string } {
  const terminal = Object.assign(new PassThrough(), { isTTY: true, columns: 80, rows: 24 });
  const chunks: Buffer[] = [];
  terminal.on("data", (chunk: Buffer) => chunks.push(chunk));
  const io = capturedIo([], [], {});
  return { io: { ...io, stderr: { ...io.stderr, isTTY: true, terminal } }, shown: () => Buffer.concat(chunks).toString() };
}

describe("progress of long cluster commands (cli.md §1.6)", () => {
  test("every phase has a bar on the terminal of stderr, which is gone at the end", async () => {
    const { io, shown } = terminalIo();
    {
      await using progress = showClusterProgress(io, false);
      // Bars open asynchronously: the next event comes when this one has been seen.
      for (const [index, text] of ["taking the lock", "creating graphs", "creating graphs: graph.orders", "writing queries and policies: query.orders.late"].entries()) {
        progress.onProgress?.(must(EVENTS[index], "an event per text"));
        await vi.waitFor(() => expect(shown()).toContain(text), { timeout: 10_000, interval: 5 });
      }
    }
    expect(shown()).toContain("1/2 done");
    // The line is cleared, the cursor shown again.
    expect(shown().lastIndexOf("\u001b[2K")).toBeGreaterThan(shown().lastIndexOf("done"));
    expect(shown()).toContain("\u001b[?25h");
  });

  test("a run that ends at once leaves no bar behind", async () => {
    const { io, shown } = terminalIo();
    {
      await using progress = showClusterProgress(io, false);
      for (const event of EVENTS) progress.onProgress?.(event);
    }
    expect(shown().split("\u001b[?25l").length).toBe(shown().split("\u001b[?25h").length);
  });

  test("nothing is shown with --quiet or --json, or without a terminal", () => {
    expect(showClusterProgress(terminalIo().io, true).onProgress).toBeUndefined();
    expect(showClusterProgress(capturedIo([], [], {}), false).onProgress).toBeUndefined();
  });
});
