import type { PolicyAction } from "@omnigraphdb/common";
import type { ToolPermissions } from "@omnigraphdb/mcp";
import { denialOf } from "../authorization/authorize.js";
import { MAIN_BRANCH } from "../main-branch.js";
import type { GraphRequestContext, RequestContext } from "../request-context.js";

/** Limited by the branch that is written to, which a list of tools does not know (server.md 12.5.1). */
const BY_TARGET_BRANCH: ReadonlySet<PolicyAction> = new Set(["branch_create", "branch_delete", "branch_merge", "schema_apply"]);

/** What the caller of one request may do, by the decision function of the routes. Each question is asked once (server.md 12.5.2). */
export class RequestPermissions implements ToolPermissions {
  readonly #context: RequestContext;
  readonly #graph: GraphRequestContext | undefined;
  readonly #allows = new Map<PolicyAction, boolean>();

  /** @param graph the same request, about a graph */
  constructor(context: RequestContext, graph: GraphRequestContext | undefined) {
    this.#context = context;
    this.#graph = graph;
  }

  allows(action: PolicyAction): boolean {
    const known = this.#allows.get(action);
    if (known !== undefined) return known;
    const isAllowed = BY_TARGET_BRANCH.has(action) ? this.couldAllow(action) : this.#decide(action);
    this.#allows.set(action, isAllowed);
    return isAllowed;
  }

  couldAllow(action: PolicyAction): boolean {
    const { actor } = this.#context;
    const authorizer = action === "graph_list" ? this.#context.state.serverAuthorizer : this.#graph?.served.authorizer;
    return authorizer === undefined || actor === undefined ? this.#decide(action) : authorizer.mayEver(actor, action);
  }

  #decide(action: PolicyAction): boolean {
    const { actor, state } = this.#context;
    if (action === "graph_list") return actor !== undefined && state.serverAuthorizer?.decide(actor, { action }).isAllowed === true;
    if (this.#graph === undefined) return false;
    return denialOf(this.#graph, action === "invoke_query" ? { action } : { action, branch: MAIN_BRANCH }) === undefined;
  }
}
