import { readFile } from "node:fs/promises";
import type { CompiledPolicy } from "@omnigraphdb/policy";
import type { StoreTarget } from "../addressing/target.js";
import type { Io } from "../io.js";
import { legacyFileOf, legacyGraph } from "./legacy-layer.js";

/**
 * The policy that the old combined file binds to a store (§6): of a graph with a name its own, of any other address the one at the
 * top of the file. It then decides about every write here, as a server would; a write without an actor is denied.
 *
 * @returns undefined when the file, or there being none, binds no policy
 */
export async function legacyPolicy(io: Io, { legacyGraph: name }: Pick<StoreTarget, "legacyGraph">): Promise<CompiledPolicy | undefined> {
  const policyFile = name === undefined ? legacyFileOf(io)?.policyFile : (await legacyGraph(io, name)).policyFile;
  if (policyFile === undefined) return undefined;
  const { compilePolicy, parsePolicyBundle } = await import("@omnigraphdb/policy");
  return compilePolicy(parsePolicyBundle(await policyText(io, policyFile.resolved), { kind: "graph", source: policyFile.resolved }), name === undefined ? {} : { graphId: name });
}

async function policyText(io: Io, path: string): Promise<string> {
  try {
    return await readFile(path, "utf8");
  } catch (cause) {
    const { LegacyFileError } = await import("@omnigraphdb/cluster");
    const code = (cause as NodeJS.ErrnoException).code ?? "unknown";
    throw new LegacyFileError(legacyFileOf(io)?.path ?? path, `the policy file ${path} cannot be read (${code})`, { cause });
  }
}
