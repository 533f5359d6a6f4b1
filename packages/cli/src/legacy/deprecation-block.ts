import type { LegacyFile } from "@omnigraphdb/cluster";

/** What became of each key, in the order in which present ones are listed (operator configuration §10.7.1). */
const DESTINATIONS: readonly { readonly key: string; readonly isPresent: (file: LegacyFile) => boolean; readonly destination: string }[] = [
  { key: "graphs", isPresent: (file) => file.graphs.size > 0, destination: "'graphs:' of cluster.yaml; for a single use, flags or the environment" },
  { key: "queries", isPresent: (file) => file.queries.size > 0, destination: "stored queries in the cluster catalog" },
  { key: "policy", isPresent: (file) => file.policyFile !== undefined, destination: "'policies:' of cluster.yaml with 'applies_to'" },
  { key: "server", isPresent: ({ server }) => isAnySet(server), destination: "flags and environment of the server" },
  { key: "auth", isPresent: (file) => file.envFile !== undefined, destination: "the credentials file; store tokens with 'omnigraph login'" },
  { key: "aliases", isPresent: (file) => file.aliases.size > 0, destination: "'aliases:' of the operator configuration, plus stored queries in the cluster catalog" },
  { key: "query", isPresent: (file) => file.queryRoots.length > 0, destination: "nothing; queries are found by their folder in the cluster catalog" },
  { key: "project", isPresent: (file) => file.projectName !== undefined, destination: "'metadata.name' of cluster.yaml" },
  { key: "cli.actor", isPresent: ({ cli }) => cli.actor !== undefined, destination: "'operator.actor' of the operator configuration" },
  { key: "cli.output_format", isPresent: ({ cli }) => cli.outputFormat !== undefined, destination: "'defaults.output' of the operator configuration" },
  { key: "cli.table_max_column_width", isPresent: ({ cli }) => cli.tableMaxColumnWidth !== undefined, destination: "'defaults.table_max_column_width' of the operator configuration" },
  { key: "cli.table_cell_layout", isPresent: ({ cli }) => cli.tableCellLayout !== undefined, destination: "'defaults.table_cell_layout' of the operator configuration" },
  { key: "cli.graph", isPresent: ({ cli }) => cli.graph !== undefined, destination: "--store or --server, or 'defaults.server' or 'defaults.store' of the operator configuration" },
  { key: "cli.branch", isPresent: ({ cli }) => cli.branch !== undefined, destination: "--branch" },
];

/** The lines that using the file prints on stderr. */
export function deprecationBlock(file: LegacyFile): string {
  const present = DESTINATIONS.filter(({ isPresent }) => isPresent(file));
  const lines = present.map(({ key, destination }) => `  ${key}: now ${destination}\n`);
  return `warning: ${file.path} is an old configuration file; split it with 'omnigraph config migrate' (OMNIGRAPH_SUPPRESS_YAML_DEPRECATION=1 silences this)\n${lines.join("")}`;
}

function isAnySet(section: object): boolean {
  return Object.values(section).some((value) => value !== undefined);
}
