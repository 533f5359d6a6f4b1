import type { Embedder } from "@omnigraphdb/common";
import type { Property } from "@omnigraphdb/compiler";
import { EmbeddingModelMismatchError } from "./errors.js";

/** @throws EmbeddingModelMismatchError when the schema records another model for the property's vectors (EM-4, EM-20) */
export function checkModel(embedder: Embedder, typeName: string, { name, embed }: Property): void {
  const recorded = embed?.model ?? null;
  if (recorded !== null && recorded !== embedder.model) throw new EmbeddingModelMismatchError(typeName, name, recorded, embedder.model);
}
