/** What a cluster ought to be, changed at random. */
import { contentDigest } from "@omnigraphdb/cluster";
import type { DeclaredCluster } from "@omnigraphdb/cluster/test-support";

export interface ModelGraph {
  /** Each adds a property. */
  schemaVersion: number;
  /** Number of the text, by name. */
  readonly queries: Map<string, number>;
  /** Keys of the rows that were loaded. */
  readonly rows: string[];
}

const GRAPHS_MAX = 3;
const QUERIES_MAX = 3;

export function schemaText(version: number): string {
  return `node Person { name: String @key${Array.from({ length: version }, (_, at) => ` p${at}: I32?`).join("")} }\n`;
}

function queryText(name: string, version: number): string {
  return `// ${version}\nquery ${name}($name: String) { match { $p: Person { name: $name } } return { $p.name } }\n`;
}

function policyText(version: number): string {
  return `version: 1\ngroups: { team: [ann, bo${version}] }\nrules:\n  - id: read\n    allow: { actors: { group: team }, actions: [read] }\n`;
}

export class DeclaredModel {
  readonly graphs: Map<string, ModelGraph> = new Map();
  readonly #random: () => number;
  #policyVersion: number | undefined;
  #nextGraph = 0;
  #nextVersion = 0;

  constructor(random: () => number) {
    this.#random = random;
    this.#createGraph();
    this.#createGraph();
  }

  /** @returns how many changes of the file system an apply of them makes, roughly */
  change(): number {
    let effort = 8;
    for (let changes = 1 + Math.floor(this.#random() * 3); changes > 0; changes--) effort += this.#changeOnce();
    return effort;
  }

  #changeOnce(): number {
    const chance = this.#random();
    const [id, graph] = this.#anyGraph();
    if (chance < 0.25 && this.graphs.size < GRAPHS_MAX) return this.#createGraph();
    if (chance < 0.45 && this.graphs.size > 1) {
      this.graphs.delete(id);
      return 10;
    }
    if (chance < 0.7) {
      graph.schemaVersion++;
      return 30;
    }
    if (chance < 0.85) {
      this.#policyVersion = this.#policyVersion !== undefined && this.#random() < 0.3 ? undefined : this.#nextVersion++;
      return 5;
    }
    this.#changeQuery(graph);
    return 5;
  }

  #createGraph(): number {
    // Ids come back: a graph that was deleted may be created anew.
    const id = `g${this.#nextGraph++ % (GRAPHS_MAX + 1)}`;
    if (this.graphs.has(id)) return this.#createGraph();
    this.graphs.set(id, { schemaVersion: 0, queries: new Map([["find0", this.#nextVersion++]]), rows: [] });
    return 35;
  }

  #changeQuery({ queries }: ModelGraph): void {
    const name = `find${Math.floor(this.#random() * QUERIES_MAX)}`;
    if (queries.has(name) && this.#random() < 0.3) queries.delete(name);
    else queries.set(name, this.#nextVersion++);
  }

  #anyGraph(): readonly [string, ModelGraph] {
    const all = [...this.graphs];
    return all[Math.floor(this.#random() * all.length)] as readonly [string, ModelGraph];
  }

  declared(): DeclaredCluster {
    const graphs = Object.fromEntries(
      [...this.graphs].map(([id, { schemaVersion, queries }]) => [id, { schema: schemaText(schemaVersion), queries: Object.fromEntries([...queries].map(([name, version]) => [name, queryText(name, version)])) }]),
    );
    const [first = ""] = this.graphs.keys();
    return { graphs, ...(this.#policyVersion === undefined ? {} : { policies: { team: { text: policyText(this.#policyVersion), appliesTo: [`graph.${first}`] } } }) };
  }

  /** Files of the catalog that have to be there, relative to the storage root, and their content. */
  catalog(): ReadonlyMap<string, string> {
    const files = new Map<string, string>();
    for (const [id, { queries }] of this.graphs) {
      for (const [name, version] of queries) {
        const text = queryText(name, version);
        files.set(`__cluster/resources/query/${id}/${name}/${contentDigest(text)}.gq`, text);
      }
    }
    if (this.#policyVersion !== undefined) {
      const text = policyText(this.#policyVersion);
      files.set(`__cluster/resources/policy/team/${contentDigest(text)}.yaml`, text);
    }
    return files;
  }
}
