import { OmniError, type ErrorCategory } from "@omnigraphdb/common";

/** Text is to be embedded with another model than the stored vectors were: distances between them would mean nothing (EM-4, EM-20). */
export class EmbeddingModelMismatchError extends OmniError {
  readonly code = "EMBEDDING_MODEL_MISMATCH";
  readonly category: ErrorCategory = "invalid";
  readonly typeName: string;
  readonly property: string;
  readonly recordedModel: string;
  readonly activeModel: string;

  constructor(typeName: string, property: string, recordedModel: string, activeModel: string) {
    super(`vectors of ${typeName}.${property} are recorded as of model '${recordedModel}', and ${activeModel === "" ? "the configured provider names no model" : `the configured embedding model is '${activeModel}'`}`, {
      hint: `Configure model '${recordedModel}', for example with OMNIGRAPH_EMBED_MODEL, or pass a vector of that model.`,
    });
    this.typeName = typeName;
    this.property = property;
    this.recordedModel = recordedModel;
    this.activeModel = activeModel;
  }

  override get details(): Readonly<Record<string, unknown>> {
    return { type: this.typeName, property: this.property, recorded_model: this.recordedModel, active_model: this.activeModel };
  }
}

/** Text has to be embedded, and the graph was opened without an embedding provider (EM-1). */
export class EmbedderMissingError extends OmniError {
  readonly code = "EMBEDDER_MISSING";
  readonly category: ErrorCategory = "internal";

  constructor() {
    super("text is to be embedded, and the graph was opened without an embedding provider", {
      hint: "Open the graph with the component `embedder`, or pass a vector instead of text.",
    });
  }
}
