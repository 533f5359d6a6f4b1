import * as z from "zod";
import { named } from "./named-schemas.js";

export interface ExportRequest {
  readonly branch?: string | null | undefined;
  readonly snapshot?: string | null | undefined;
  readonly type_names?: readonly string[] | null | undefined;
}

/** Members that it does not know are refused (1.5.2). */
export const exportRequestSchema: z.ZodType<ExportRequest> = named(
  "ExportRequest",
  "What to export.",
  z.strictObject({
    branch: z.string().nullish().describe("Default main. Not together with snapshot."),
    snapshot: z.string().nullish().describe("Commit id, or another snapshot id that the server issued."),
    type_names: z.array(z.string()).nullish().describe("Empty or left out: all."),
  }),
);
