import type { ParameterDescriptor } from "@omnigraphdb/compiler";

/** A stored query as it was registered: nothing parsed yet. */
export interface StoredQuerySource {
  /** Key of the registry; a declaration of this name must be in the source (server.md 7.2). */
  readonly name: string;
  /** The whole file. */
  readonly source: string;
  /** Default: the name. */
  readonly toolName: string;
  /** Whether it is listed and a tool of MCP. It can be called by name in any case. */
  readonly isExposed: boolean;
}

export interface StoredQueryParameter extends ParameterDescriptor {
  /** As declared: `I64`, `[String]?`. */
  readonly type: string;
}

/** A stored query that type-checks against the schema of its graph (server.md 7.4). */
export interface StoredQuery extends StoredQuerySource {
  readonly isMutation: boolean;
  readonly description?: string;
  readonly instruction?: string;
  /** In order of declaration. */
  readonly params: readonly StoredQueryParameter[];
}
