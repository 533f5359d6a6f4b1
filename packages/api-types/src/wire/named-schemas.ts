import * as z from "zod";

/** The shapes that have a name in the OpenAPI document (21.5). */
export const namedSchemas: z.core.$ZodRegistry<{ id: string }> = z.registry<{ id: string }>();

/** Gives a shape its name in the document. */
export function named<T extends z.ZodType>(id: string, description: string, schema: T): T {
  const described = schema.describe(description);
  namedSchemas.add(described, { id });
  return described;
}

/** An integer from 0 on that a double holds exactly: versions, counts and sizes. */
export function wholeNumber(): z.ZodNumber {
  return z.number().int().min(0);
}

/** Unix time in microseconds. */
export function microseconds(): z.ZodNumber {
  return z.number().int().describe("Microseconds since 1970-01-01T00:00:00Z.");
}
