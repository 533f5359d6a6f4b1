/**
 * Loaded before the program (`node --import`): counts what the process changes in the file system below a directory, from the moment on
 * at which it has taken the lock of a cluster, and at one of these changes kills it, or lets this and all later ones fail. Independent of
 * how quick the machine is. What Lance writes on its own is not seen.
 */
import fs from "node:fs/promises";
import { syncBuiltinESMExports } from "node:module";

export interface OperationFault {
  /** Absolute. */
  readonly below: string;
  /** Number of the change, from 0. */
  readonly at: number;
  /**
   * `kill`: SIGKILL before the change or after it. `ENOSPC`: nothing more can be created or written. `EROFS`, `EACCES`: nothing more can
   * be changed.
   */
  readonly fault: "killBefore" | "killAfter" | "ENOSPC" | "EROFS" | "EACCES";
}

const { below, at, fault } = JSON.parse(process.env["OMNIGRAPH_TEST_OPERATION_FAULT"] ?? "") as OperationFault;
let isLocked = false;
let seen = 0;

function fail(call: string, path: string): never {
  throw Object.assign(new Error(`${fault}: injected, ${call} '${path}'`), { code: fault, syscall: call, path });
}

function watch(call: "open" | "link" | "rename" | "unlink" | "rm" | "mkdir", isChange: (...given: readonly unknown[]) => boolean = () => true): void {
  const original = fs[call] as (...given: unknown[]) => Promise<unknown>;
  const isFreeing = call === "unlink" || call === "rm";
  const watched = async (...given: unknown[]): Promise<unknown> => {
    const path = String(given[0]);
    if (!path.startsWith(below) || !isChange(...given)) return await original(...given);
    if (!isLocked) {
      const result = await original(...given);
      isLocked = call === "link" && String(given[1]).endsWith("/__cluster/lock.json");
      return result;
    }
    const number = seen++;
    if (number < at) return await original(...given);
    if (fault === "killBefore") process.kill(process.pid, "SIGKILL");
    if (fault === "killAfter") {
      await original(...given);
      process.kill(process.pid, "SIGKILL");
    }
    if (fault === "ENOSPC" && isFreeing) return await original(...given);
    return fail(call, path);
  };
  (fs as unknown as Record<string, unknown>)[call] = watched;
}

watch("open", (_, flags) => typeof flags === "string" && /[wax+]/.test(flags));
watch("link");
watch("rename");
watch("unlink");
watch("rm");
watch("mkdir");
syncBuiltinESMExports();
process.on("exit", () => {
  if (process.env["OMNIGRAPH_TEST_OPERATION_COUNT"] !== undefined) process.stderr.write(`operations ${seen}\n`);
});
