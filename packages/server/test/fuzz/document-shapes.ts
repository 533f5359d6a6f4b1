import { Ajv2020, type ValidateFunction } from "ajv/dist/2020.js";
import type { ApiDocument, Schema } from "./described-operations.js";

/** Problems of a value against a shape; none: it is of the shape. */
export type ShapeCheck = (schema: Schema, value: unknown) => readonly string[];

/** What clients may send: members that a shape does not name are allowed, as the document says. */
export function requestShapes(document: ApiDocument): ShapeCheck {
  return compiled(document, (schema) => schema);
}

/** What the server answers: a member that no shape names is an error of the document. */
export function answerShapes(document: ApiDocument): ShapeCheck {
  return compiled(document, closed);
}

function compiled({ components }: ApiDocument, prepare: (schema: Schema) => Schema): ShapeCheck {
  // Strict: a keyword that the validator does not know fails, instead of being ignored.
  const ajv = new Ajv2020({ strict: true, strictRequired: false, allowUnionTypes: true, allErrors: true, validateFormats: false });
  ajv.addVocabulary(["components"]);
  const schemas = Object.fromEntries(Object.entries(components.schemas).map(([name, schema]) => [name, prepare(schema)]));
  ajv.addSchema({ $id: "document:", components: { schemas } }, undefined, undefined, false);
  const validators = new Map<string, ValidateFunction>();
  return (schema, value) => {
    const key = JSON.stringify(schema);
    let validate = validators.get(key);
    if (validate === undefined) {
      validate = ajv.compile(schema.$ref === undefined ? (prepare(schema) as object) : { $ref: `document:${schema.$ref}` });
      validators.set(key, validate);
    }
    if (validate(value) === true) return [];
    return (validate.errors ?? []).map(({ instancePath, message = "", params }) => `${instancePath || "/"} ${message} ${JSON.stringify(params)}`);
  };
}

function closed(schema: Schema): Schema {
  const members = schema.properties === undefined ? {} : { properties: mapValues(schema.properties, closed), additionalProperties: schema.additionalProperties ?? false };
  return {
    ...schema,
    ...members,
    ...(schema.items === undefined ? {} : { items: closed(schema.items) }),
    ...(schema.anyOf === undefined ? {} : { anyOf: schema.anyOf.map(closed) }),
    ...(schema.oneOf === undefined ? {} : { oneOf: schema.oneOf.map(closed) }),
  };
}

function mapValues<A, B>(members: Readonly<Record<string, A>>, change: (value: A) => B): Record<string, B> {
  return Object.fromEntries(Object.entries(members).map(([name, value]) => [name, change(value)]));
}
