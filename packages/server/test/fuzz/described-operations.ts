/** An OpenAPI document, read as a stranger reads it: nothing here knows the route table. */

/** The keywords of JSON Schema that the document uses. */
export interface Schema {
  readonly $ref?: string;
  readonly type?: string | readonly string[];
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly required?: readonly string[];
  readonly additionalProperties?: Schema | boolean;
  readonly propertyNames?: Schema;
  readonly items?: Schema;
  readonly enum?: readonly string[];
  readonly const?: string;
  readonly anyOf?: readonly Schema[];
  readonly oneOf?: readonly Schema[];
  readonly minimum?: number;
  readonly maximum?: number;
  readonly pattern?: string;
  readonly description?: string;
}

export interface Parameter {
  readonly name: string;
  readonly in: "path" | "query" | "header";
  readonly required: boolean;
  readonly schema: Schema;
}

export interface DescribedAnswer {
  /** Media type and shape; undefined: no body. */
  readonly content: { readonly mediaType: string; readonly schema: Schema } | undefined;
  readonly headers: readonly string[];
}

export interface Operation {
  readonly id: string;
  readonly method: string;
  readonly path: string;
  readonly isSecured: boolean;
  readonly isDeprecated: boolean;
  readonly parameters: readonly Parameter[];
  readonly body: { readonly isRequired: boolean; readonly mediaType: string; readonly schema: Schema } | undefined;
  readonly answers: ReadonlyMap<number, DescribedAnswer>;
}

type Content = Readonly<Record<string, { readonly schema: Schema }>>;

interface RawOperation {
  readonly operationId: string;
  readonly deprecated?: boolean;
  readonly security?: readonly unknown[];
  readonly parameters?: readonly Parameter[];
  readonly requestBody?: { readonly required: boolean; readonly content: Content };
  readonly responses: Readonly<Record<string, { readonly content?: Content; readonly headers?: Readonly<Record<string, unknown>> }>>;
}

export interface ApiDocument {
  readonly paths: Readonly<Record<string, Readonly<Record<string, RawOperation>>>>;
  readonly components: { readonly schemas: Readonly<Record<string, Schema>> };
}

export function operationsOf({ paths }: ApiDocument): readonly Operation[] {
  return Object.entries(paths).flatMap(([path, methods]) => Object.entries(methods).map(([method, operation]) => read(method.toUpperCase(), path, operation)));
}

function read(method: string, path: string, { operationId, deprecated = false, security = [], parameters = [], requestBody, responses }: RawOperation): Operation {
  const body = requestBody === undefined ? undefined : firstContent(requestBody.content);
  return {
    id: operationId,
    method,
    path,
    isSecured: security.length > 0,
    isDeprecated: deprecated,
    parameters,
    body: requestBody === undefined || body === undefined ? undefined : { isRequired: requestBody.required, ...body },
    answers: new Map(Object.entries(responses).map(([status, { content = {}, headers = {} }]) => [Number(status), { content: firstContent(content), headers: Object.keys(headers) }])),
  };
}

function firstContent(content: Content): { readonly mediaType: string; readonly schema: Schema } | undefined {
  return Object.entries(content).map(([mediaType, { schema }]) => ({ mediaType, schema }))[0];
}

const REFERENCE = "#/components/schemas/";

/** The shape behind a reference, and the name it has there. */
export function resolve(document: ApiDocument, schema: Schema): { readonly schema: Schema; readonly name: string | undefined } {
  if (schema.$ref === undefined) return { schema, name: undefined };
  const name = schema.$ref.slice(REFERENCE.length);
  const target = document.components.schemas[name];
  if (!schema.$ref.startsWith(REFERENCE) || target === undefined) throw new TypeError(`the document refers to ${schema.$ref}, which it does not have`);
  return { schema: target, name };
}
