import type { Graph } from "../../src/graph.js";
import type { ReadTarget } from "../../src/graph-api.js";

/** What one branch shows: the names of each type, and the ages. */
export interface BranchContent {
  readonly persons: ReadonlyMap<string, number>;
  readonly companies: ReadonlySet<string>;
  readonly works: ReadonlySet<string>;
}

/** @throws Error when a name is there twice */
export async function readBranch(graph: Graph, target: ReadTarget): Promise<BranchContent> {
  const persons = new Map<string, number>();
  const companies = new Set<string>();
  const works = new Set<string>();
  const decoder = new TextDecoder();
  let text = "";
  for await (const chunk of graph.exportJsonl({ target })) text += decoder.decode(chunk);
  for (const line of text.split("\n")) {
    if (line === "") continue;
    const record = JSON.parse(line) as { type?: string; edge?: string; from?: string; data: { name: string; age: number } };
    const name = record.from ?? record.data.name;
    const known = record.edge !== undefined ? works : record.type === "Person" ? persons : companies;
    if (known.has(name)) throw new Error(`${name} is there twice: ${line}`);
    if (known instanceof Map) known.set(name, record.data.age);
    else known.add(name);
  }
  return { persons, companies, works };
}

/** Names that are a person, a company and an edge only in part: a commit that is visible by half (G-1, G-7). */
export function findTornNames({ persons, companies, works }: BranchContent): readonly string[] {
  const added = [...companies].filter((name) => !name.endsWith("-extra"));
  const all = new Set([...persons.keys(), ...added, ...works]);
  return [...all].filter((name) => !persons.has(name) || !companies.has(name) || !works.has(name));
}
