import type { Json } from "@omnigraphdb/common";
import type * as z from "zod";
import type { Route } from "../routes/route.js";
import { changeErrorOutputSchema, errorOutputSchema } from "../wire/error.js";
import { namedSchemas } from "../wire/named-schemas.js";

/** Which document is made. */
export interface DocumentContext {
  readonly isOpen: boolean;
  readonly isFlat: boolean;
}

/** @throws TypeError for a shape without a name: every answer and body has one */
export function schemaReference(schema: z.ZodType): Json {
  const id = namedSchemas.get(schema)?.id;
  if (id === undefined) throw new TypeError("a shape of the document has no name");
  return { $ref: `#/components/schemas/${id}` };
}

export function errorReference({ isChangeRoute }: Route): Json {
  return schemaReference(isChangeRoute ? changeErrorOutputSchema : errorOutputSchema);
}
