import { LegacyFileError } from "./errors.js";
import type { LegacyFile, LegacyGraph } from "./legacy-file.js";

/**
 * A graph of the file by name, with its own policy and queries only (§10.4).
 *
 * @throws LegacyFileError when it is not in the file, or when policy or queries stand at the top of the file, where they would silently not count
 */
export function selectLegacyGraph(file: LegacyFile, name: string): LegacyGraph {
  const graph = file.graphs.get(name);
  if (graph === undefined) {
    const names = [...file.graphs.keys()].sort();
    throw new LegacyFileError(file.path, `there is no graph '${name}'; ${names.length === 0 ? "the file has no graphs" : `graphs: ${names.join(", ")}`}`);
  }
  refuseTopLevelBlocks(file, name);
  return graph;
}

/** @param name of the graph they belong under; undefined = every graph of the file is served */
export function refuseTopLevelBlocks(file: LegacyFile, name: string | undefined): void {
  const place = `graphs.${name ?? "<name>"}`;
  if (file.policyFile !== undefined) throw misplaced(file, "policy", `${place}.policy`);
  if (file.queries.size > 0) throw misplaced(file, "queries", `${place}.queries`);
}

function misplaced(file: LegacyFile, block: string, place: string): LegacyFileError {
  return new LegacyFileError(file.path, `the top-level '${block}' does not apply to a graph with a name`, { hint: `Move it to '${place}'.` });
}
