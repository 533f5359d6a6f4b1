import { isGraphId } from "@omnigraphdb/common";
import type { LegacyFile, LegacyGraph } from "@omnigraphdb/cluster";
import { stringify } from "yaml";

/** The half of an old combined file that belongs to a team, as a proposal for `cluster.yaml` (operator configuration §10.8.6). */
export interface TeamHalf {
  /** Null when there is nothing for a team. */
  readonly text: string | null;
  readonly steps: readonly string[];
}

export function teamHalf(file: LegacyFile): TeamHalf {
  const names = new Names();
  const graphs = graphLines(file, names);
  const policies = policyLines(file, names);
  if (graphs.length === 0 && policies.length === 0) return { text: null, steps: [] };
  const lines = [
    `# Proposed by 'omnigraph config migrate' from ${file.path}. What is marked TODO is to be filled in.`,
    "version: 1",
    ...(file.projectName === undefined ? [] : ["metadata:", `  name: ${scalar(file.projectName)}`]),
    "# storage: s3://bucket/prefix (left out: the folder of this file)",
    ...(graphs.length === 0 ? [] : ["graphs:", ...graphs]),
    ...(policies.length === 0 ? [] : ["policies:", ...policies]),
  ];
  return { text: `${lines.join("\n")}\n`, steps: names.steps };
}

/** Names that a cluster accepts, each used once. */
class Names {
  readonly steps: string[] = [];
  readonly #graphIds = new Map<string, string>();
  readonly #policies = new Set<string>();

  graphId(name: string): string {
    const known = this.#graphIds.get(name);
    if (known !== undefined) return known;
    const taken = new Set(this.#graphIds.values());
    const plain = name.replace(/[^A-Za-z0-9-]/g, "-").slice(0, 48);
    const id = isGraphId(name) && !taken.has(name) ? name : unused(isGraphId(plain) ? plain : `graph-${plain}`, taken);
    this.#graphIds.set(name, id);
    if (id !== name) this.steps.push(`Graph '${name}' is called '${id}' in cluster.yaml: a graph's id is part of its address.`);
    return id;
  }

  policy(name: string): string {
    const plain = name.replace(/[^A-Za-z0-9_-]/g, "-");
    const policy = unused(/^[A-Za-z_]/.test(plain) ? plain : `policy-${plain}`, this.#policies);
    this.#policies.add(policy);
    if (policy !== name) this.steps.push(`The policy of '${name}' is called '${policy}' in cluster.yaml.`);
    return policy;
  }
}

function unused(name: string, taken: ReadonlySet<string>): string {
  let candidate = name;
  for (let count = 2; taken.has(candidate); count++) candidate = `${name}-${count}`;
  return candidate;
}

function graphLines(file: LegacyFile, names: Names): readonly string[] {
  if (file.graphs.size === 0) return file.queries.size === 0 ? [] : ["  default: # TODO: id of the graph", "    schema: TODO-default.pg # TODO: path of its schema", "    queries: queries/"];
  return [...file.graphs].flatMap(([name, graph]) => entryLines(names.graphId(name), graph));
}

function entryLines(id: string, { uri, queries }: LegacyGraph): readonly string[] {
  return [
    `  ${scalar(id)}:`,
    `    # was ${oneLine(withoutUserInfo(uri.written))}; see 'omnigraph cluster import'`,
    `    schema: TODO-${id}.pg # TODO: path of its schema`,
    ...(queries.size === 0 ? [] : ["    queries: queries/"]),
  ];
}

function policyLines(file: LegacyFile, names: Names): readonly string[] {
  const ofGraphs = [...file.graphs].flatMap(([name, { policyFile }]) =>
    policyFile === undefined ? [] : entry(names.policy(name), policyFile.written, `graph.${names.graphId(name)}`),
  );
  const ofAnonymous = file.policyFile === undefined ? [] : entry(names.policy("default"), file.policyFile.written, "graph.TODO-graph-id # TODO");
  const ofServer = file.server.policyFile === undefined ? [] : entry(names.policy("server"), file.server.policyFile.written, "cluster");
  return [...ofGraphs, ...ofAnonymous, ...ofServer];
}

function entry(name: string, path: string, binding: string): readonly string[] {
  return [`  ${scalar(name)}:`, `    file: ${scalar(path)}`, "    applies_to:", `      - ${binding}`];
}

function scalar(text: string): string {
  return stringify(text, { lineWidth: 0, defaultStringType: "PLAIN", blockQuote: false }).trimEnd();
}

function oneLine(text: string): string {
  return text.replace(/\s+/g, " ");
}

/** An old URL may hold a password. */
function withoutUserInfo(uri: string): string {
  return uri.replace(/^([a-z][a-z0-9+.-]*:\/\/)[^/?#]*@/i, "$1");
}
