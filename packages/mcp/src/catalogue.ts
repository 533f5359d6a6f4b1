import { parseAnswerJson, stringifyJson, toErrorResponse } from "@omnigraphdb/api-types";
import { isOmniError, type Logger, silentLogger } from "@omnigraphdb/common";
import type { GraphAccess, ServerAccess } from "./access.js";
import { checkArguments, type ToolArguments } from "./arguments/check-arguments.js";
import { type ListedResource, type ResourceContent, resourcesOf } from "./resources.js";
import { internalError, unknownResource, unknownTool } from "./rpc/rpc-error.js";
import type { ListedTool, Tool, ToolPermissions } from "./tool.js";
import { COMPATIBILITY_NAMES, compatibilityTools } from "./tools/compatibility-tools.js";
import { queryTools } from "./tools/query-tools.js";
import { readTools } from "./tools/read-tools.js";
import { graphsTool, healthTool } from "./tools/server-tools.js";
import { storedQueryTools } from "./tools/stored-query-tools.js";
import { taskTools } from "./tools/task-tools.js";
import { writeTools } from "./tools/write-tools.js";

export interface CatalogueOptions {
  readonly server: ServerAccess;
  /** Left out for an endpoint that is about no graph. */
  readonly graph?: GraphAccess;
  /** Whether tools take query texts of the caller (server.md 12.4 †). */
  readonly allowsAdHoc: boolean;
  /** No tool that changes anything. */
  readonly isReadOnly?: boolean;
  /** Whether the tools of the released stdio package are listed too. */
  readonly listsCompatibilityTools?: boolean;
  readonly permissions?: ToolPermissions;
  readonly logger?: Pick<Logger, "warn" | "error">;
}

export interface ToolResult {
  readonly content: readonly [{ readonly type: "text"; readonly text: string }];
  readonly structuredContent?: Readonly<Record<string, unknown>>;
  readonly isError: boolean;
}

/** Every name that no stored query can have. */
const RESERVED_NAMES: ReadonlySet<string> = new Set([
  ...["health", "graphs_list", "snapshot", "schema_get", "branches_list", "commits_list", "commits_get", "commit_changes", "diff", "query", "mutate", "load"],
  ...["branches_create", "branches_delete", "branches_merge", "schema_apply", "task_diff", "task_merge", "task_discard"],
  ...COMPATIBILITY_NAMES,
]);

/** Unlimited: whoever answers the calls decides. */
const ALL: ToolPermissions = { allows: () => true, couldAllow: () => true };

/** The tools and resources of one endpoint, for one caller. */
export class Catalogue {
  readonly #options: CatalogueOptions;
  readonly #permissions: ToolPermissions;
  readonly #logger: Pick<Logger, "warn" | "error">;
  /** In the order of the table of server.md 12.4. */
  readonly #builtIn: readonly Tool[];
  #stored: readonly Tool[] | undefined;

  constructor(options: CatalogueOptions) {
    this.#options = options;
    this.#permissions = options.permissions ?? ALL;
    this.#logger = options.logger ?? silentLogger;
    this.#builtIn = builtInTools(options).filter((tool) => this.#isEnabled(tool));
  }

  /** Exactly the tools that the caller may use with default arguments (server.md 12.5): built-in ones, then stored queries by name. */
  async listTools(signal: AbortSignal): Promise<readonly ListedTool[]> {
    const tools = [...this.#builtIn, ...(await this.#readStored(signal))];
    const isAllowed = ({ actions }: Tool): boolean => actions.every((action) => this.#permissions.allows(action));
    return tools
      .filter((tool) => tool.isUnlisted !== true && isAllowed(tool))
      .map(({ name, description, inputSchema, hints }) => ({ name, description, inputSchema, annotations: hints }));
  }

  /**
   * @param isStructured whether the answer also goes as an object (server.md 12.6)
   * @throws RpcError for what is no call of a tool that the caller may use; failures of the operation are results
   */
  async callTool(name: string, args: ToolArguments, isStructured: boolean, signal: AbortSignal): Promise<ToolResult> {
    const tool = await this.#findTool(name, signal);
    if (tool === undefined || !tool.actions.every((action) => this.#permissions.couldAllow(action))) throw unknownTool();
    const checked = checkArguments(tool.inputSchema, args, tool.argumentAliases);
    try {
      const text = await tool.run(checked, signal);
      const structured = isStructured && tool.answers !== "text" ? { structuredContent: parseAnswerJson(text) as Readonly<Record<string, unknown>> } : {};
      return { content: [{ type: "text", text }], ...structured, isError: false };
    } catch (error) {
      if (isMasked(error)) throw unknownTool();
      const text = this.#failureText(error, name);
      return { content: [{ type: "text", text }], isError: true };
    }
  }

  listResources(): readonly ListedResource[] {
    return resourcesOf(this.#options)
      .filter(({ action }) => this.#permissions.allows(action))
      .map(({ listed }) => listed);
  }

  /** @throws RpcError; also where the caller may not read it, in the same words */
  async readResource(uri: string, signal: AbortSignal): Promise<ResourceContent> {
    const resource = resourcesOf(this.#options).find(({ listed }) => listed.uri === uri);
    if (resource === undefined || !this.#permissions.couldAllow(resource.action)) throw unknownResource();
    try {
      return { uri, mimeType: resource.listed.mimeType, text: await resource.read(signal) };
    } catch (error) {
      if (isMasked(error)) throw unknownResource();
      this.#logger.error("MCP resource failed", { resource: uri, reason: reasonOf(error) });
      throw internalError();
    }
  }

  async #findTool(name: string, signal: AbortSignal): Promise<Tool | undefined> {
    const isNamed = (tool: Tool): boolean => tool.name === name;
    return this.#builtIn.find(isNamed) ?? this.#stored?.find(isNamed) ?? (RESERVED_NAMES.has(name) ? undefined : (await this.#readStored(signal)).find(isNamed));
  }

  async #readStored(signal: AbortSignal): Promise<readonly Tool[]> {
    const { graph } = this.#options;
    if (graph?.storedQueries === undefined) return [];
    let entries;
    try {
      entries = await graph.storedQueries({ signal });
    } catch (error) {
      // Who may not read the list is offered nothing from it.
      if (!isMasked(error)) throw error;
      entries = [] as const;
    }
    this.#stored = storedQueryTools(graph, entries, RESERVED_NAMES, this.#logger).filter((tool) => this.#isEnabled(tool));
    return this.#stored;
  }

  #isEnabled({ isAdHoc, hints }: Tool): boolean {
    return (isAdHoc !== true || this.#options.allowsAdHoc) && (this.#options.isReadOnly !== true || hints.readOnlyHint);
  }

  /** The error envelope of the REST answer. @throws RpcError without detail where the failure is none of the operation */
  #failureText(error: unknown, tool: string): string {
    const isUnclassified = !isOmniError(error) || error.code === "POLICY_EVALUATION_FAILED";
    if (isUnclassified) {
      this.#logger.error("MCP tool failed", { tool, reason: reasonOf(error) });
      throw internalError();
    }
    const { body, headers } = toErrorResponse(error);
    const seconds = headers["retry-after"];
    return stringifyJson(seconds === undefined ? body : { ...body, retry_after_seconds: Number(seconds) });
  }
}

function builtInTools({ server, graph, listsCompatibilityTools = false }: CatalogueOptions): readonly Tool[] {
  const around = [healthTool(server), ...(server.graphs === undefined ? [] : [graphsTool((options) => (server.graphs as NonNullable<typeof server.graphs>)(options))])];
  if (graph === undefined) return around;
  const tools = [...around, ...readTools(graph), ...queryTools(graph), ...writeTools(graph), ...(graph.taskBranch === undefined ? [] : taskTools(graph.taskBranch))];
  return [...tools, ...compatibilityTools(tools, listsCompatibilityTools)];
}

/** What must look as if it were not there (server.md 12.6 step 3, policy.md 5.4). */
function isMasked(error: unknown): boolean {
  return isOmniError(error) && (error.category === "forbidden" || error.code === "STORED_QUERY_NOT_FOUND");
}

function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : "unknown";
}
