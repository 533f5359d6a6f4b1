import * as z from "zod";
import { named } from "./named-schemas.js";

export type EntityKindOutput = "node" | "edge";

export const entityKindOutputSchema: z.ZodType<EntityKindOutput> = named("EntityKindOutput", "Whether an entity is a node or an edge.", z.enum(["node", "edge"]));

export const blobEntityKindSchema: z.ZodType<EntityKindOutput> = named("BlobEntityKind", "Whether the blob belongs to a node or an edge.", z.enum(["node", "edge"]));
