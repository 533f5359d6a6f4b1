import type { LegacyAlias, LegacyFile, LegacyGraph, LegacyStoredQuery } from "@omnigraphdb/cluster";
import { isOperatorName, OPERATOR_NAME_RULE } from "../../operator/operator-name.js";
import { isHttpUrl, serverUrlProblem, splitGraphUrl } from "../../operator/server-url.js";
import { teamHalf } from "./cluster-yaml.js";
import type { MigrationReport, OperatorSetting, OperatorValue } from "./migration-report.js";

const SERVER_PLACEHOLDER = "TODO-server-name";
const GRAPH_PLACEHOLDER = "TODO-graph-id";

/** What each key of the file becomes (operator configuration §10.8.4). Nothing is written. */
export function migrateLegacyFile(file: LegacyFile): MigrationReport {
  const { text: clusterYaml, steps } = teamHalf(file);
  const collected = new Collector();
  migratePreferences(file, collected);
  for (const [name, graph] of file.graphs) migrateGraph(name, graph, collected);
  migrateRest(file, clusterYaml !== null, collected);
  for (const [name, alias] of file.aliases) migrateAlias(name, alias, collected);
  for (const key of file.unknownKeys) collected.drop(key, "it is no key of this file, and never had an effect");
  const byPath = (a: OperatorSetting, b: OperatorSetting): number => (a.path.join(".") < b.path.join(".") ? -1 : 1);
  return { source: file.path, clusterYaml, operatorSettings: collected.settings.sort(byPath), dropped: collected.dropped, manualSteps: [...steps, ...collected.steps] };
}

/** The parts of a report, while the file is walked. */
class Collector {
  readonly settings: OperatorSetting[] = [];
  readonly dropped: { readonly key: string; readonly reason: string }[] = [];
  readonly steps: string[] = [];

  set(path: readonly string[], value: OperatorValue | undefined): void {
    if (value !== undefined) this.settings.push({ path, value });
  }

  drop(key: string, reason: string): void {
    this.dropped.push({ key, reason });
  }

  dropIf(isPresent: boolean, key: string, reason: string): void {
    if (isPresent) this.drop(key, reason);
  }
}

function migratePreferences({ cli }: LegacyFile, collected: Collector): void {
  collected.set(["operator", "actor"], cli.actor);
  collected.set(["defaults", "output"], cli.outputFormat);
  collected.set(["defaults", "table_max_column_width"], cli.tableMaxColumnWidth);
  collected.set(["defaults", "table_cell_layout"], cli.tableCellLayout);
  collected.dropIf(cli.graph !== undefined, "cli.graph", "address the graph with --store or --server, or set 'defaults.server' or 'defaults.store'");
  collected.dropIf(cli.branch !== undefined, "cli.branch", "name the branch with --branch");
}

function migrateGraph(name: string, { uri, bearerTokenEnv, queries }: LegacyGraph, collected: Collector): void {
  const key = `graphs.${name}`;
  if (isHttpUrl(uri.written)) migrateServer(name, uri.written, bearerTokenEnv, collected);
  else collected.dropIf(bearerTokenEnv !== undefined, `${key}.bearer_token_env`, "a store that is opened directly takes no token");
  describeQueries(`${key}.queries`, queries, collected);
}

function migrateServer(name: string, written: string, bearerTokenEnv: string | undefined, collected: Collector): void {
  const { server: url, graphId } = splitGraphUrl(written);
  const problem = isOperatorName(name) ? serverUrlProblem(url) : "has a name that no server may have";
  if (problem === undefined) collected.set(["servers", name, "url"], url);
  else collected.steps.push(`Add the server of graph '${name}' to 'servers:' of the operator configuration yourself: its address ${problem}.`);
  if (graphId !== undefined) collected.steps.push(`Address graph '${name}' as --server ${name} --graph ${graphId}: its URL named the graph.`);
  if (bearerTokenEnv !== undefined) collected.steps.push(`Store the token of '${name}' with 'omnigraph login ${name}'; so far it came from ${bearerTokenEnv}.`);
}

function describeQueries(key: string, queries: ReadonlyMap<string, LegacyStoredQuery>, collected: Collector): void {
  if (queries.size === 0) return;
  const files = [...queries].map(([name, { file }]) => `${name} from ${file.written}`);
  collected.steps.push(`Put the files of ${key} into queries/ beside cluster.yaml: ${files.join(", ")}.`);
  for (const [name, { isExposed, toolName }] of queries) {
    collected.dropIf(!isExposed, `${key}.${name}.mcp.expose`, "every stored query of a cluster is listed to tool clients");
    collected.dropIf(toolName !== undefined, `${key}.${name}.mcp.tool_name`, "a tool is called what its query is called");
  }
}

function migrateRest(file: LegacyFile, hasTeamHalf: boolean, collected: Collector): void {
  const { server, envFile, queryRoots, projectName, queries, policyFile } = file;
  if (queries.size > 0 && file.graphs.size > 0) collected.steps.push(`Assign the top-level queries to a graph of cluster.yaml: ${[...queries.keys()].join(", ")}.`);
  describeQueries("queries", queries, collected);
  if (policyFile !== undefined) collected.steps.push("Bind policy 'default' in cluster.yaml to the graph it is for.");
  if (envFile !== undefined) collected.steps.push(`Store the tokens of ${envFile.written} with 'omnigraph login NAME', and set its other variables in your environment.`);
  collected.dropIf(queryRoots.length > 0, "query.roots", "queries are found by their folder in the cluster's catalog; --query takes a path");
  collected.dropIf(server.bind !== undefined, "server.bind", "start the server with --bind, or set OMNIGRAPH_BIND");
  collected.dropIf(server.graph !== undefined, "server.graph", "a server serves every graph of its cluster");
  collected.dropIf(projectName !== undefined && !hasTeamHalf, "project.name", "there is nothing for a team that it could label");
}

function migrateAlias(name: string, { command, query, name: queryName, args, graph, branch, format }: LegacyAlias, collected: Collector): void {
  const stored = queryName ?? name;
  const value = { server: SERVER_PLACEHOLDER, graph: graph ?? GRAPH_PLACEHOLDER, query: stored, args, ...(format === undefined ? {} : { format }) };
  if (isOperatorName(name)) collected.set(["aliases", name], value);
  else collected.steps.push(`Define alias '${name}' under another name: ${OPERATOR_NAME_RULE}.`);
  collected.steps.push(`Register ${query} as stored query '${stored}' for alias '${name}', and replace its placeholders.`);
  if (command === "mutate") collected.steps.push(`Run alias '${name}' as 'omnigraph mutate ${stored} --server NAME': aliases of the operator configuration only read.`);
  collected.dropIf(branch !== undefined, `aliases.${name}.branch`, "aliases of the operator configuration read main");
}
