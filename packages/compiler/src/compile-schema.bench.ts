import { bench, describe } from "vitest";
import { KITCHEN_SINK_SCHEMA } from "../test-support/index.js";
import { checkSchemaSource, createAcceptedSchema, openAcceptedSchema, planMigration } from "./compile-schema.js";

const IDENTITY = { identityDomain: "01HZY3V9QK7M2N4P6R8T0W1X5Z" };

/** A schema of at least `bytes` bytes: the kitchen sink under many names. */
function schemaOfSize(bytes: number): string {
  const parts: string[] = [];
  for (let copy = 0, size = 0; size < bytes; copy++) {
    const part = KITCHEN_SINK_SCHEMA.replace(/\b(Labelled|Located|Empty|Plant|Bed|Visit|GrowsIn|Seen|Next)\b/g, `$1${copy}`);
    parts.push(part);
    size += part.length;
  }
  return parts.join("\n");
}

const small = schemaOfSize(4_096);
const large = schemaOfSize(256 * 1_024);
const accepted = createAcceptedSchema(small, IDENTITY);

describe("schema language", () => {
  bench("source check, 4 KiB", () => void checkSchemaSource(small));
  bench("accept, 4 KiB", () => void createAcceptedSchema(small, IDENTITY));
  bench("open, 4 KiB", () => void openAcceptedSchema(accepted.documents));
  bench("plan, 4 KiB", () => void planMigration(accepted, small));
  bench("source check, 256 KiB", () => void checkSchemaSource(large));
});
