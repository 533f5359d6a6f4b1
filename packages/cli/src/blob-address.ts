import type { BlobReader, BlobSelector } from "@omnigraphdb/api-types";
import type { GraphClient, ReadTarget } from "@omnigraphdb/client";
import { must } from "@omnigraphdb/common";
import type { Command } from "commander";
import { BlobNotFoundError, UsageError } from "./errors.js";

/** The four positionals that name one blob (§10.9). */
export function declareBlobSelector(command: Command): void {
  command
    .argument("<ENTITY>", "node or edge")
    .argument("<TYPE>", "type of the entity")
    .argument("<ID>", "id of the entity")
    .argument("<PROPERTY>", "its Blob property");
}

/** @param positionals as {@link declareBlobSelector} declares them */
export function blobSelector(positionals: readonly (string | undefined)[]): BlobSelector {
  const [entity, type, id, property] = positionals.map((value) => must(value, "the parser requires all four"));
  if (entity !== "node" && entity !== "edge") throw new UsageError(`'${entity ?? ""}' is no kind of entity`, "Say node or edge.");
  return { entity, type: type as string, id: id as string, property: property as string };
}

/** @throws BlobNotFoundError where there is no content */
export async function findBlob(client: GraphClient, target: ReadTarget, selector: BlobSelector): Promise<BlobReader> {
  const found = await client.readBlob({ target, selector });
  if (found === null) throw new BlobNotFoundError(selector);
  return found;
}
