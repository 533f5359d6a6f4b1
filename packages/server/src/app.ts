/**
 * From a request to a response, without a socket. The order of the steps is the one of http-api 1.1.2 and is part of the contract: who
 * may not come in learns nothing about what is inside.
 */
import { type IdSource, type Logger, randomIds } from "@omnigraphdb/common";
import { AdmissionGate } from "./admission/admission-gate.js";
import type { AppServices } from "./app-services.js";
import type { TokenTable } from "./auth/token-table.js";
import { type HttpRequest, WebRequest } from "./http/http-request.js";
import type { HttpResponse } from "./http/http-response.js";
import { OpenApiTexts } from "./http/openapi-texts.js";
import { REQUEST_ID_HEADER, requestIdOf } from "./http/request-id.js";
import { addDeprecation, methodNotAllowed, unknownPath, withoutBody } from "./http/responses.js";
import { RouteMatcher } from "./http/route-matcher.js";
import { NO_METRICS, type ServerMetrics } from "./observability/metrics.js";
import { recordFailure, recordRequest } from "./observability/record-request.js";
import { RequestScope } from "./request-scope.js";
import { type BoundRoute, bindRoutes, type RouteCall } from "./routes/bind-routes.js";
import { metricsMount } from "./routes/metrics.js";
import type { Mount } from "./routes/mount.js";
import { DEFAULT_SERVER_LIMITS, type ServerLimits } from "./server-limits.js";
import type { ServingMode, ServingSource } from "./serving/serving-state.js";
import { ExportSlots } from "./streams/export-slots.js";
import { TransportBudget } from "./streams/transport-budget.js";

export interface AppOptions {
  readonly serving: ServingSource;
  readonly tokens: Pick<TokenTable, "actorOf">;
  readonly logger: Logger;
  readonly version: string;
  /** Build revision, when known. */
  readonly sourceVersion?: string;
  readonly limits?: Partial<ServerLimits>;
  /** What the graphs were opened with (engine setting `queryTimeoutMs`); default 0, no limit. */
  readonly queryTimeoutMs?: number;
  /** Given, `GET /metrics` answers with them. */
  readonly metrics?: ServerMetrics;
  readonly ids?: IdSource;
  /** Routes beside those of the route table. */
  readonly mounts?: readonly Mount[];
}

export interface App {
  handle(request: HttpRequest): Promise<HttpResponse>;
  /** The same between standard objects, from inside the process. */
  fetch(request: Request): Promise<Response>;
}

export function createApp(options: AppOptions): App {
  const { serving, logger, ids = randomIds } = options;
  const services = servicesOf(options);
  const mounts = [...(options.metrics === undefined ? [] : [metricsMount]), ...(options.mounts ?? [])];
  const matchers = new Map<ServingMode, RouteMatcher<BoundRoute>>();
  const matcherOf = (mode: ServingMode): RouteMatcher<BoundRoute> => {
    const known = matchers.get(mode);
    if (known !== undefined) return known;
    const made = new RouteMatcher(bindRoutes(mode, mounts));
    matchers.set(mode, made);
    return made;
  };
  const handle = async (request: HttpRequest): Promise<HttpResponse> => {
    const startedAt = performance.now();
    const requestId = requestIdOf(request.headers, ids);
    using scope = new RequestScope({ requestId, request, lease: serving.lease(), logger, services });
    const path = pathOf(request.target);
    const match = matcherOf(scope.state.mode).match(request.method, path);
    const response = match.kind === "found" ? await answer(scope, match.route, { params: match.params, tokens: options.tokens }) : match.kind === "unknown" ? unknownPath() : methodNotAllowed(match.allowed);
    response.headers[REQUEST_ID_HEADER] = requestId;
    recordRequest(scope, { path, route: match.kind === "found" ? match.route.operationId : undefined, status: response.status, startedAt });
    return response;
  };
  return { handle, fetch: async (request) => (await handle(new WebRequest(request))).toStandard() };
}

async function answer(scope: RequestScope, route: BoundRoute, call: RouteCall): Promise<HttpResponse> {
  let response: HttpResponse;
  try {
    response = await route.run(scope, call);
  } catch (error) {
    recordFailure(scope, route.operationId, error);
    response = route.fail(error);
  }
  if (route.successor !== undefined) addDeprecation(response, route.successor, scope.state.mode === "single");
  return scope.request.method === "HEAD" ? withoutBody(response) : response;
}

function servicesOf({ limits, queryTimeoutMs = 0, metrics = NO_METRICS, version, sourceVersion }: AppOptions): AppServices {
  const completed = { ...DEFAULT_SERVER_LIMITS, ...limits };
  const admission = new AdmissionGate(completed, (cap) => metrics.admissionRefused(cap));
  metrics.gauge("inflight_writes", () => admission.inflightCount);
  return { admission, limits: completed, queryTimeoutMs, metrics, exportSlots: new ExportSlots(), transportBudget: new TransportBudget(), openApi: new OpenApiTexts(version), version, sourceVersion };
}

/** Raw, as the caller wrote it. */
function pathOf(target: string): string {
  const end = target.search(/[?#]/);
  return end === -1 ? target : target.slice(0, end);
}
