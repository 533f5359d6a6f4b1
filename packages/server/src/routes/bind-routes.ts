/** The routes that an app answers: those of the table with their handlers, and mounts. */
import { decodeRequest, GRAPH_PREFIX, type OperationId, RequestParameterError, type Route, ROUTES, UnauthorizedError } from "@omnigraphdb/api-types";
import { authenticate } from "../auth/authenticate.js";
import type { TokenTable } from "../auth/token-table.js";
import { withoutHiddenNames } from "../authorization/hidden-names.js";
import type { HttpResponse } from "../http/http-response.js";
import { readBody } from "../http/read-body.js";
import { onlyGraph, resolveGraph } from "../http/resolve-graph.js";
import { errorResponse } from "../http/responses.js";
import type { PathParams, RoutePattern } from "../http/route-matcher.js";
import type { GraphHandler, GraphRequestContext } from "../request-context.js";
import type { RequestScope } from "../request-scope.js";
import { BODY_BYTES_MAX, type ServerLimits } from "../server-limits.js";
import type { ServedGraph, ServingMode } from "../serving/serving-state.js";
import { GRAPH_HANDLERS, isServerOperation, SERVER_HANDLERS } from "./handlers.js";
import { openApi } from "./health.js";
import type { Mount } from "./mount.js";

export interface RouteCall {
  readonly params: PathParams;
  readonly tokens: Pick<TokenTable, "actorOf">;
}

export interface BoundRoute extends RoutePattern {
  /** In logs and metrics. */
  readonly operationId: string;
  /** What a deprecated route gave way to. */
  readonly successor: string | undefined;
  /** Steps 2 to 7 of http-api 1.1.2. Throws what the caller is told. */
  run(scope: RequestScope, call: RouteCall): Promise<HttpResponse>;
  /** The answer to what `run` threw. */
  fail(error: unknown): HttpResponse;
}

/** In the flat mode the routes of the one graph stand at the root (http-api 22.1). */
export function bindRoutes(mode: ServingMode, mounts: readonly Mount[]): readonly BoundRoute[] {
  const prefix = mode === "single" ? "" : GRAPH_PREFIX;
  return [openApiRoute, ...Object.values(ROUTES).map((route) => bindRoute(route, prefix)), ...mounts.map((mount) => bindMount(mount, prefix))];
}

/** Not part of the document that it serves (http-api 21.6). */
const openApiRoute: BoundRoute = {
  operationId: "openapi",
  method: "GET",
  path: "/openapi.json",
  successor: undefined,
  run: (scope) => openApi(scope),
  fail: (error) => errorResponse(error),
};

function bindRoute(route: Route, prefix: string): BoundRoute {
  const { operationId, method, successor, isChangeRoute } = route;
  const common = { operationId, method, successor, fail: (error: unknown) => errorResponse(error, { isChangeRoute }) };
  if (isServerOperation(operationId)) {
    const handler = SERVER_HANDLERS[operationId];
    return {
      ...common,
      path: route.path,
      async run(scope, { tokens }) {
        if (route.scope !== "public") identify(scope, tokens);
        return handler(scope);
      },
    };
  }
  const handler = GRAPH_HANDLERS[operationId] as GraphHandler;
  return {
    ...common,
    path: prefix + route.path,
    async run(scope, { params, tokens }) {
      identify(scope, tokens);
      const context = scope.in(servedGraph(scope, params));
      const input = await readInput(route, context, params);
      return handler(context, input).catch((error: unknown) => {
        throw withoutHiddenNames(context, error);
      });
    },
  };
}

function bindMount(mount: Mount, prefix: string): BoundRoute {
  const { operationId, method, challenges = false } = mount;
  return {
    operationId,
    method,
    path: mount.scope === "graph" ? prefix + mount.path : mount.path,
    successor: undefined,
    async run(scope, { params, tokens }) {
      identify(scope, tokens);
      return mount.scope === "graph" ? mount.handler(scope.in(servedGraph(scope, params))) : mount.handler(scope);
    },
    fail(error) {
      const response = errorResponse(error);
      if (challenges && error instanceof UnauthorizedError) response.headers["www-authenticate"] = "Bearer";
      return response;
    },
  };
}

/** Before anything is looked up, so that a caller without a token cannot tell a served graph from an unknown one (http-api 1.1.3). */
function identify(scope: RequestScope, tokens: RouteCall["tokens"]): void {
  if (scope.state.runtimeState !== "open") scope.actor = authenticate(scope.request.headers, tokens);
}

function servedGraph({ state }: RequestScope, params: PathParams): ServedGraph {
  return state.mode === "single" ? onlyGraph(state) : resolveGraph(state, params["graph_id"]);
}

/** @throws as `readBody` and `decodeRequest` */
async function readInput(route: Route, context: GraphRequestContext, params: PathParams): Promise<ReturnType<typeof decodeRequest<OperationId>>> {
  const { request, services } = context;
  const { headers } = request;
  const body = route.bodyKind === "none" || route.bodyKind === "ndjson" ? undefined : await readBody(request, bodyLimit(route, services.limits));
  return decodeRequest(route.operationId, {
    path: pathOf(route, params),
    query: queryOf(request.target),
    contentType: headers.get("content-type"),
    body,
    ifGraphCommit: headers.get("omnigraph-if-graph-commit"),
  });
}

function bodyLimit({ bodyLimit: kind }: Route, limits: ServerLimits): { readonly resource: string; readonly bytesMax: number } {
  return { resource: "request_body_bytes", bytesMax: kind === "load" ? limits.loadBodyBytesMax : BODY_BYTES_MAX };
}

const NO_PARAMS: Readonly<Record<string, string>> = {};

function pathOf({ params: declared }: Route, params: PathParams): Readonly<Record<string, string>> {
  if (declared.length === 0) return NO_PARAMS;
  return Object.fromEntries(declared.map(({ name }) => {
    const value = params[name];
    if (value === undefined) throw new RequestParameterError(name, `'${name}' in the path is not percent-encoded UTF-8`, "Encode it with encodeURIComponent.");
    return [name, value];
  }));
}

/** Nobody changes it. */
const NO_QUERY = new URLSearchParams();

/** What the built-in parser would replace by a question mark is refused. */
function queryOf(target: string): URLSearchParams {
  const start = target.indexOf("?");
  if (start === -1) return NO_QUERY;
  const [text] = target.slice(start + 1).split("#", 1) as [string];
  try {
    decodeURIComponent(text.replaceAll("+", " "));
  } catch {
    throw new RequestParameterError("query string", "the query string is not percent-encoded UTF-8", "Encode names and values with encodeURIComponent.");
  }
  return new URLSearchParams(text);
}
