/** A path as the file gives it, and what it means (operator configuration §10.3). */
export interface LegacyPath {
  readonly written: string;
  /** A URI, or an absolute path. */
  readonly resolved: string;
}

export interface LegacyStoredQuery {
  readonly file: LegacyPath;
  /** Listed to tool clients. */
  readonly isExposed: boolean;
  readonly toolName: string | undefined;
}

/** One graph, named or anonymous, with what belongs to it. */
export interface LegacyGraph {
  /** A storage address, or the http(s) address of a server. */
  readonly uri: LegacyPath;
  /** Name of the variable that holds the token. */
  readonly bearerTokenEnv: string | undefined;
  readonly policyFile: LegacyPath | undefined;
  /** By name of the query. */
  readonly queries: ReadonlyMap<string, LegacyStoredQuery>;
}

/** A query of a file with names for its positional arguments (§10.5). */
export interface LegacyAlias {
  readonly command: "query" | "mutate";
  /** A `.gq` file, as written: it is looked for in several places. */
  readonly query: string;
  readonly name: string | undefined;
  readonly args: readonly string[];
  /** A name in `graphs`. */
  readonly graph: string | undefined;
  readonly branch: string | undefined;
  readonly format: string | undefined;
}

/** The old combined `omnigraph.yaml` (operator configuration §10.2). Absent and empty values are undefined or empty. */
export interface LegacyFile {
  /** As it was named. */
  readonly path: string;
  /** Absolute folder that relative values start from. */
  readonly directory: string;
  readonly projectName: string | undefined;
  readonly graphs: ReadonlyMap<string, LegacyGraph>;
  readonly server: {
    /** A name in `graphs`. */
    readonly graph: string | undefined;
    readonly bind: string | undefined;
    readonly policyFile: LegacyPath | undefined;
  };
  readonly envFile: LegacyPath | undefined;
  readonly cli: {
    /** A name in `graphs`. */
    readonly graph: string | undefined;
    readonly branch: string | undefined;
    readonly outputFormat: string | undefined;
    readonly tableMaxColumnWidth: number | undefined;
    readonly tableCellLayout: string | undefined;
    readonly actor: string | undefined;
  };
  readonly queryRoots: readonly LegacyPath[];
  readonly aliases: ReadonlyMap<string, LegacyAlias>;
  /** Of the anonymous graph (§10.4). */
  readonly policyFile: LegacyPath | undefined;
  /** Of the anonymous graph (§10.4). */
  readonly queries: ReadonlyMap<string, LegacyStoredQuery>;
  /** Dotted keys that the format does not know. They have no effect. */
  readonly unknownKeys: readonly string[];
}

/** Every key of the format; `*` stands for a name of the file's own. */
export const LEGACY_KEYS: readonly string[] = [
  "project.name",
  "graphs.*.uri",
  "graphs.*.bearer_token_env",
  "graphs.*.policy.file",
  "graphs.*.queries.*.file",
  "graphs.*.queries.*.mcp.expose",
  "graphs.*.queries.*.mcp.tool_name",
  "server.graph",
  "server.bind",
  "server.policy.file",
  "auth.env_file",
  "cli.graph",
  "cli.branch",
  "cli.output_format",
  "cli.table_max_column_width",
  "cli.table_cell_layout",
  "cli.actor",
  "query.roots",
  "aliases.*.command",
  "aliases.*.query",
  "aliases.*.name",
  "aliases.*.args",
  "aliases.*.graph",
  "aliases.*.branch",
  "aliases.*.format",
  "policy.file",
  "queries.*.file",
  "queries.*.mcp.expose",
  "queries.*.mcp.tool_name",
];
