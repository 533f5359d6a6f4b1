import type { Embedder } from "@omnigraphdb/common";
import { EmbedderMissingError } from "./errors.js";

/** Makes the embedder of a graph handle. Called when a text is embedded for the first time, and again if it failed (EM-1, EM-2). */
export type MakeEmbedder = () => Embedder | Promise<Embedder>;

/** The default of an embedded library: no provider. */
export function missingEmbedder(): Embedder {
  throw new EmbedderMissingError();
}
