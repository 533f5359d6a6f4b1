import type { Json } from "@omnigraphdb/common";
import * as z from "zod";
import { GRAPH_PREFIX, type QueryParameter, type Route } from "../routes/route.js";
import { ROUTES } from "../routes/routes.js";
import { namedSchemas } from "../wire/named-schemas.js";
import { type DocumentContext, schemaReference } from "./references.js";
import { responsesOf } from "./responses.js";

export interface OpenApiOptions {
  /** Of the server. */
  readonly version: string;
  /** Nothing is authenticated (21.4). */
  readonly isOpen?: boolean;
  /** One graph, without the prefix that names it (22.1). */
  readonly isFlat?: boolean;
}

export interface OpenApiDocument {
  readonly [member: string]: Json;
}

/** The description of the interface as OpenAPI 3.1 (§21), made from the route table. */
export function openApiDocument({ version, isOpen = false, isFlat = false }: OpenApiOptions): OpenApiDocument {
  const context: DocumentContext = { isOpen, isFlat };
  return {
    openapi: "3.1.0",
    info: {
      title: "Omnigraph API",
      version,
      description: "Typed property graphs over HTTP: queries, atomic writes, branches, changes and blobs.",
      license: { name: "Apache 2.0", identifier: "Apache-2.0" },
    },
    tags: TAGS.map(([name, description]) => ({ name, description })),
    paths: pathsOf(context),
    components: {
      schemas: componentSchemas(),
      ...(isOpen ? {} : { securitySchemes: { bearer_token: { type: "http", scheme: "bearer" } } }),
    },
  };
}

const TAGS: readonly (readonly [Route["tag"], string])[] = [
  ["health", "Whether the server is alive."],
  ["management", "The graphs of the server."],
  ["snapshots", "States of a graph, and exports of them."],
  ["queries", "Reading."],
  ["mutations", "Writing and loading."],
  ["schema", "The schema of a graph."],
  ["branches", "Branches and merges."],
  ["commits", "History."],
  ["changes", "What commits changed."],
  ["blobs", "Binary values."],
];

function pathsOf(context: DocumentContext): Record<string, Json> {
  const paths: Record<string, Record<string, Json>> = {};
  for (const route of Object.values(ROUTES)) {
    const path = route.scope === "graph" && !context.isFlat ? `${GRAPH_PREFIX}${route.path}` : route.path;
    (paths[path] ??= {})[route.method.toLowerCase()] = operationOf(route, context);
  }
  return paths;
}

function operationOf(route: Route, context: DocumentContext): Json {
  const isPrefixed = route.scope === "graph" && !context.isFlat;
  const isSecured = route.scope !== "public" && !context.isOpen;
  const parameters = [...(isPrefixed ? [GRAPH_ID] : []), ...parametersOf(route)];
  return {
    tags: [route.tag],
    summary: route.summary,
    ...(route.description === undefined ? {} : { description: route.description }),
    operationId: isPrefixed ? `cluster_${route.operationId}` : route.operationId,
    ...(route.isDeprecated ? { deprecated: true } : {}),
    ...(parameters.length === 0 ? {} : { parameters }),
    ...requestBodyOf(route),
    responses: responsesOf(route, context),
    ...(isSecured ? { security: [{ bearer_token: [] }] } : {}),
  };
}

const GRAPH_ID: Json = {
  name: "graph_id",
  in: "path",
  required: true,
  description: "Name of a served graph.",
  schema: { type: "string", pattern: "^[A-Za-z0-9-]{1,64}$" },
  example: "crm",
};

function parametersOf({ params, query, condition, example }: Route): readonly Json[] {
  const inPath = params.map(({ name, description }): Json => ({ name, in: "path", required: true, description, schema: { type: "string" }, ...exampleOf(example.path?.[name]) }));
  const inQuery = query.map((parameter): Json => {
    const { name, description, isRequired = false, isRepeatable = false } = parameter;
    const schema = parameterSchema(parameter);
    return {
      name,
      in: "query",
      required: isRequired,
      description,
      schema: isRepeatable ? { type: "array", items: schema } : schema,
      ...exampleOf(example.query?.[name]),
    };
  });
  const header: Json = {
    name: "Omnigraph-If-Graph-Commit",
    in: "header",
    required: true,
    description: "Id of the commit that the branch head must be, without quotes.",
    schema: { type: "string" },
    ...exampleOf(example.headers?.["Omnigraph-If-Graph-Commit"]),
  };
  return [...inPath, ...inQuery, ...(condition === "required" ? [header] : [])];
}

function parameterSchema({ kind, choices, schema }: QueryParameter): Json {
  if (schema !== undefined) return schemaReference(schema);
  if (choices !== undefined) return { type: "string", enum: choices };
  return kind === "count" ? { type: "integer", minimum: 0 } : { type: kind === "flag" ? "boolean" : "string" };
}

function exampleOf(example: Json | undefined): { readonly example?: Json } {
  return example === undefined ? {} : { example };
}

function requestBodyOf({ bodyKind, body, example }: Route): { readonly requestBody?: Json } {
  if (bodyKind === "ndjson") {
    return { requestBody: { required: true, description: "JSON records, one after another.", content: { "application/x-ndjson": { schema: { type: "string" }, example: example.body as Json } } } };
  }
  if (body === undefined) return {};
  return { requestBody: { required: bodyKind === "json", content: { "application/json": { schema: schemaReference(body), ...exampleOf(example.body as Json) } } } };
}

/** Of the shapes that have a name, alternatives exclude each other. */
function componentSchemas(): Record<string, Json> {
  const { schemas } = z.toJSONSchema(namedSchemas, { io: "input", uri: (id) => `#/components/schemas/${id}` });
  const sorted = Object.entries(schemas).sort(([a], [b]) => (a < b ? -1 : 1));
  return Object.fromEntries(sorted.map(([id, { $schema: _schema, $id: _id, anyOf, ...schema }]) => [id, (anyOf === undefined ? schema : { oneOf: anyOf, ...schema }) as Json]));
}
