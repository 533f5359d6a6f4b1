import type { QueryCatalogEntry } from "../models/stored-query.js";
import type { QueriesCatalogOutput, QueryCatalogEntryOutput } from "../wire/stored-query.js";

/** Ascending by name. */
export function encodeQueryCatalog(entries: readonly QueryCatalogEntry[]): QueriesCatalogOutput {
  return { queries: [...entries].sort((a, b) => (a.name < b.name ? -1 : 1)).map(encodeEntry) };
}

export function decodeQueryCatalog({ queries }: QueriesCatalogOutput): readonly QueryCatalogEntry[] {
  return queries.map(decodeEntry);
}

function encodeEntry({ name, toolName, description, instruction, isMutation, params }: QueryCatalogEntry): QueryCatalogEntryOutput {
  return { name, tool_name: toolName, ...texts({ description, instruction }), mutation: isMutation, params };
}

function decodeEntry({ name, tool_name: toolName, description, instruction, mutation, params }: QueryCatalogEntryOutput): QueryCatalogEntry {
  return { name, toolName, ...texts({ description, instruction }), isMutation: mutation, params };
}

function texts({ description, instruction }: { readonly description: string | undefined; readonly instruction: string | undefined }): Pick<QueryCatalogEntry, "description" | "instruction"> {
  return { ...(description === undefined ? {} : { description }), ...(instruction === undefined ? {} : { instruction }) };
}
