import { type AcceptedSchema, openAcceptedSchema } from "@omnigraphdb/compiler";
import type { GraphLayout } from "../storage/layout.js";
import type { ObjectStore } from "../storage/object-store.js";
import { SchemaArtifactMissingError } from "./errors.js";

type SchemaDocuments = AcceptedSchema["documents"];

/** The three contract files of the accepted schema (OP-10 … OP-13). */
export class SchemaStore {
  readonly #objects: ObjectStore;
  readonly #layout: GraphLayout;
  #accepted: AcceptedSchema | undefined;

  constructor(objects: ObjectStore, layout: GraphLayout) {
    this.#objects = objects;
    this.#layout = layout;
  }

  /**
   * The accepted schema as the files say now; the same object while they did not change, so callers may compare it.
   *
   * @throws SchemaArtifactMissingError when a file is missing
   * @throws SchemaContractError when the files disagree with each other (OP-11)
   */
  async read(): Promise<AcceptedSchema> {
    const documents = await this.#readDocuments();
    const known = this.#accepted;
    if (known !== undefined && isSameText(known.documents, documents)) return known;
    this.#accepted = openAcceptedSchema(documents);
    return this.#accepted;
  }

  /** Writes the files of a new graph, source first. `afterSource` runs between the first and the second. */
  async create(schema: AcceptedSchema, afterSource: () => Promise<void>): Promise<void> {
    await this.#objects.writeText(this.#layout.schemaSource, schema.documents.source);
    await afterSource();
    await this.#objects.writeText(this.#layout.schemaIr, schema.documents.ir);
    await this.#objects.writeText(this.#layout.schemaState, schema.documents.state);
  }

  /** Addresses of the contract files that exist. */
  async listExisting(): Promise<readonly string[]> {
    const { schemaSource, schemaIr, schemaState } = this.#layout;
    const existing: string[] = [];
    for (const uri of [schemaSource, schemaIr, schemaState]) {
      if (await this.#objects.exists(uri)) existing.push(uri);
    }
    return existing;
  }

  async #readDocuments(): Promise<SchemaDocuments> {
    const { schemaSource, schemaIr, schemaState } = this.#layout;
    const [source, ir, state] = await Promise.all([schemaSource, schemaIr, schemaState].map((uri) => this.#objects.readTextIfExists(uri)));
    if (typeof source !== "string") throw new SchemaArtifactMissingError("_schema.pg", true);
    if (typeof ir !== "string") throw new SchemaArtifactMissingError("_schema.ir.json", false);
    if (typeof state !== "string") throw new SchemaArtifactMissingError("__schema_state.json", false);
    return { source, ir, state };
  }
}

function isSameText(left: SchemaDocuments, right: SchemaDocuments): boolean {
  return left.source === right.source && left.ir === right.ir && left.state === right.state;
}
