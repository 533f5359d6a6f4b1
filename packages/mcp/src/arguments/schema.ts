type TypeName = "string" | "boolean" | "integer" | "number" | "array" | "object" | "null";

/** The part of JSON Schema that describes arguments. A list of types accepts any of them. */
export interface ArgumentSchema {
  readonly type: TypeName | readonly TypeName[];
  readonly description?: string;
  readonly enum?: readonly string[];
  /** Of ours, never of a caller. */
  readonly pattern?: string;
  readonly format?: string;
  readonly minimum?: number;
  readonly items?: ArgumentSchema;
  readonly minItems?: number;
  readonly maxItems?: number;
}

export interface ArgumentsSchema {
  readonly type: "object";
  readonly properties: Readonly<Record<string, ArgumentSchema>>;
  readonly required?: readonly string[];
  readonly additionalProperties: false;
}

/** @param required names of properties that must be there */
export function argumentsOf(properties: Readonly<Record<string, ArgumentSchema>>, required: readonly string[] = []): ArgumentsSchema {
  return { type: "object", properties, ...(required.length === 0 ? {} : { required }), additionalProperties: false };
}
