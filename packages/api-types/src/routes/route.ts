import type { PolicyAction } from "@omnigraphdb/common";
import type * as z from "zod";
import type { OperationId } from "./route-inputs.js";

/** How a query parameter is read. */
export interface QueryParameter {
  readonly name: string;
  /** `count` is a whole number, `flag` is `true` or `false`. */
  readonly kind: "text" | "count" | "flag";
  /** Closed set of values. */
  readonly choices?: readonly string[];
  /** The same set, where it has a name in the document. */
  readonly schema?: z.ZodType;
  readonly isRequired?: boolean;
  /** Given several times, its values are alternatives. */
  readonly isRepeatable?: boolean;
  readonly description: string;
}

export interface PathParameter {
  readonly name: string;
  readonly description: string;
}

/** What a successful answer holds; `ndjson` names the shape of a line where there is one. */
export type Answer =
  | { readonly kind: "json"; readonly schema: z.ZodType }
  | { readonly kind: "ndjson"; readonly description: string }
  | { readonly kind: "blob" }
  | { readonly kind: "head" };

export interface RouteExample {
  readonly path?: Readonly<Record<string, string>>;
  readonly query?: Readonly<Record<string, string | readonly string[]>>;
  readonly headers?: Readonly<Record<string, string>>;
  /** JSON, or the text of a stream. */
  readonly body?: unknown;
  /** JSON, or the text of a stream. */
  readonly answer: unknown;
}

/** One route of the interface (§23): all that the server, the client, the OpenAPI document and the documentation know of it. */
export interface Route {
  readonly operationId: OperationId;
  readonly method: "GET" | "HEAD" | "POST" | "DELETE";
  /** With `{name}` for what varies; of graph routes, below `/graphs/{graph_id}`. */
  readonly path: string;
  readonly scope: "public" | "server" | "graph";
  /** What the policy is asked first; null: nothing. Further questions are the handler's. */
  readonly action: PolicyAction | null;
  /** Whether it takes a slot of the admission control (§5). */
  readonly isAdmitted: boolean;
  readonly bodyKind: "none" | "json" | "optionalJson" | "ndjson";
  readonly bodyLimit: "default" | "load";
  /** Status of a body of the wrong shape (1.5.1). */
  readonly shapeStatus: 400 | 422;
  /** Whether query parameters that it does not have are refused (1.5.3). */
  readonly isStrictQuery: boolean;
  /** The header `Omnigraph-If-Graph-Commit` (10.1.3, 10.3). */
  readonly condition: "required" | "refused" | "ignored";
  readonly params: readonly PathParameter[];
  readonly query: readonly QueryParameter[];
  readonly body?: z.ZodType;
  /** Parameters and members that name branches: trimmed, and never empty (4.5). */
  readonly branchNames: readonly string[];
  readonly answer: Answer;
  /** Documented besides 200 and, where authentication is on, 401. */
  readonly failures: readonly number[];
  /** Failures are `ChangeErrorOutput`s. */
  readonly isChangeRoute: boolean;
  readonly isDeprecated: boolean;
  /** Relative target of the `Link` header of a deprecated route. */
  readonly successor?: string;
  readonly tag: RouteTag;
  readonly summary: string;
  readonly description?: string;
  readonly example: RouteExample;
}

export type RouteTag = "health" | "management" | "snapshots" | "queries" | "mutations" | "schema" | "branches" | "commits" | "changes" | "blobs";

type Defaulted =
  | "scope"
  | "isAdmitted"
  | "bodyKind"
  | "bodyLimit"
  | "shapeStatus"
  | "isStrictQuery"
  | "condition"
  | "params"
  | "query"
  | "branchNames"
  | "isChangeRoute"
  | "isDeprecated";

const DEFAULTS: Pick<Route, Defaulted> = {
  scope: "graph",
  isAdmitted: false,
  bodyKind: "none",
  bodyLimit: "default",
  shapeStatus: 422,
  isStrictQuery: false,
  condition: "ignored",
  params: [],
  query: [],
  branchNames: [],
  isChangeRoute: false,
  isDeprecated: false,
};

/** A route of a graph without a body, unless it says otherwise. */
export function route(definition: Omit<Route, Defaulted> & Partial<Pick<Route, Defaulted>>): Route {
  return { ...DEFAULTS, ...definition };
}

/** Where a graph route is mounted: its own path below the prefix. */
export const GRAPH_PREFIX = "/graphs/{graph_id}";
