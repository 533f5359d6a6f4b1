import { decodeUtf8 } from "../json/decode-utf8.js";
import { parseJson } from "../json/parse-json.js";
import { JsonTextError } from "../errors/json-errors.js";
import { RequestShapeError, UnsupportedMediaTypeError } from "../errors/request-errors.js";
import type { OperationId, RouteInputs } from "../routes/route-inputs.js";
import type { Route } from "../routes/route.js";
import { ROUTES } from "../routes/routes.js";
import { branchName, refuseTwoTargets } from "./branch-names.js";
import { parseCondition } from "./condition.js";
import { parseQuery } from "./parse-query.js";
import { problemsOf } from "./shape-problems.js";

/** A request as it arrived, its body read. */
export interface RawRequest {
  /** Path parameters of the route, percent-decoded. */
  readonly path: Readonly<Record<string, string>>;
  readonly query: URLSearchParams;
  readonly contentType: string | null;
  /** Undefined: not read, as of streams. */
  readonly body: Uint8Array | string | undefined;
  /** The header of that name; several lines joined by commas. */
  readonly ifGraphCommit: string | null;
}

/**
 * Checks and reads a request, in the order: condition, query, body.
 *
 * @throws RequestParameterError, UnsupportedMediaTypeError, JsonTextError, RequestShapeError, TargetConflictError: with the statuses of §1.5
 */
export function decodeRequest<Id extends OperationId>(operationId: Id, request: RawRequest): RouteInputs[Id] {
  const route = ROUTES[operationId];
  const ifGraphCommit = parseCondition(route.condition, request.ifGraphCommit);
  const path = withBranchNames(route, request.path);
  const query = withBranchNames(route, parseQuery(route, request.query));
  const body = decodeBody(route, request);
  refuseTwoTargets(query);
  if (body !== undefined) refuseTwoTargets(body);
  return { path, query, body, ifGraphCommit } as unknown as RouteInputs[Id];
}

type Members = Readonly<Record<string, unknown>>;

function decodeBody(route: Route, { contentType, body }: RawRequest): Members | undefined {
  if (route.body === undefined) return undefined;
  const isOptional = route.bodyKind === "optionalJson";
  const isEmpty = body === undefined || body.length === 0;
  if (isEmpty && isOptional) return {};
  if (!isJsonType(contentType) && !(isOptional && contentType === null)) throw new UnsupportedMediaTypeError("application/json", contentType);
  const value = parseBody(route, typeof body === "string" ? body : decodeUtf8(body ?? new Uint8Array()));
  if (value === null && isOptional) return {};
  const result = route.body.safeParse(value);
  if (!result.success) throw new RequestShapeError(problemsOf(result.error), route.shapeStatus);
  return withBranchNames(route, withoutAliases(route, present(result.data as Members)));
}

/** A member that is given twice is a matter of shape. */
function parseBody({ shapeStatus }: Route, text: string): unknown {
  try {
    return parseJson(text);
  } catch (error) {
    if (error instanceof JsonTextError && error.problem === "duplicateKey") throw new RequestShapeError([{ path: "", message: error.message }], shapeStatus);
    throw error;
  }
}

/** JSON, or a type that is built on it; parameters do not matter (1.3). */
function isJsonType(contentType: string | null): boolean {
  const type = contentType?.split(";", 1)[0]?.trim().toLowerCase() ?? "";
  return type === "application/json" || /^application\/[!#$&^_.+a-z0-9-]+\+json$/.test(type);
}

function present(members: Members): Members {
  const given: Record<string, unknown> = {};
  for (const name of Object.keys(members)) {
    const value = members[name];
    if (value === null || value === undefined) continue;
    // Plain assignment would set the prototype.
    if (name === "__proto__") Object.defineProperty(given, name, { value, writable: true, enumerable: true, configurable: true });
    else given[name] = value;
  }
  return given;
}

/** Names of earlier versions, and of mutations (9.2, 10.1). */
function withoutAliases({ operationId }: Route, members: Members): Members {
  if (!QUERY_ALIASES.has(operationId)) return members;
  const { query_source: source, query_name: name, ...rest } = members;
  return { ...rest, ...(source === undefined ? {} : { query: source }), ...(name === undefined ? {} : { name }) };
}

const QUERY_ALIASES: ReadonlySet<OperationId> = new Set(["read", "mutate", "change", "mutate_if_graph_commit"]);

function withBranchNames({ branchNames }: Route, members: Members): Members {
  if (!branchNames.some((name) => name in members)) return members;
  const given = branchNames.filter((name) => typeof members[name] === "string");
  return given.length === 0 ? members : { ...members, ...Object.fromEntries(given.map((name) => [name, branchName(name, members[name] as string)])) };
}
