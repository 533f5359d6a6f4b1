import { compactJson, type Failpoints } from "@omnigraphdb/common";
import { type AcceptedSchema, openAcceptedSchema, SchemaContractError } from "@omnigraphdb/compiler";
import { FAILPOINT } from "../failpoints.js";
import { SCHEMA_CACHE_ENTRIES_MAX } from "../limits.js";
import { JsonRecord, JsonShapeError } from "../manifest/json-record.js";
import { isStorageError } from "../storage/errors.js";
import type { GraphLayout } from "../storage/layout.js";
import type { ObjectStore } from "../storage/object-store.js";
import { SchemaArtifactMissingError, SchemaHistoryDamagedError } from "./errors.js";

type SchemaDocuments = AcceptedSchema["documents"];

/** What an apply left beside the contract files: null = that file does not exist. At least one exists. */
export interface StagedDocuments {
  readonly source: string | null;
  readonly ir: string | null;
  readonly state: string | null;
}

/**
 * The three contract files of the accepted schema (OP-10 … OP-13), their staged successors (SA-4, RC-70), and the archive of
 * every schema that some graph version was written under, by which older versions are read (SN-10).
 *
 * Files are written, promoted and read in the order source, IR, state. Whoever stages, promotes or discards is the only one
 * who does: it holds the schema gate and the writer lease.
 */
export class SchemaStore {
  readonly #objects: ObjectStore;
  readonly #layout: GraphLayout;
  readonly #failpoints: Failpoints;
  #accepted: AcceptedSchema | undefined;
  /** Archived schemas by their identity, least recently used first. Immutable. */
  readonly #archived = new Map<string, AcceptedSchema>();

  constructor(objects: ObjectStore, layout: GraphLayout, failpoints: Failpoints) {
    this.#objects = objects;
    this.#layout = layout;
    this.#failpoints = failpoints;
  }

  /**
   * The accepted schema as the files say now; the same object while they did not change, so callers may compare it.
   *
   * @throws SchemaArtifactMissingError when a file is missing
   * @throws SchemaContractError when the files disagree with each other (OP-11), also while an apply promotes its files
   */
  async read(): Promise<AcceptedSchema> {
    const documents = await this.#readDocuments();
    const known = this.#accepted;
    if (known !== undefined && isSameText(known.documents, documents)) return known;
    this.#accepted = openAcceptedSchema(documents);
    return this.#accepted;
  }

  /**
   * What distinguishes the graph that is there now from every other one, whatever its schema became. Changes nothing of what {@link read} knows.
   *
   * @throws as {@link read}
   */
  async readIdentityDomain(): Promise<string> {
    const documents = await this.#readDocuments();
    const known = this.#accepted;
    return (known !== undefined && isSameText(known.documents, documents) ? known : openAcceptedSchema(documents)).identityDomain;
  }

  /** Writes the files of a new graph, source first. `afterSource` runs between the first and the second. */
  async create(schema: AcceptedSchema, afterSource: () => Promise<void>): Promise<void> {
    await this.#objects.writeText(this.#layout.schemaSource, schema.documents.source);
    await afterSource();
    await this.#objects.writeText(this.#layout.schemaIr, schema.documents.ir);
    await this.#objects.writeText(this.#layout.schemaState, schema.documents.state);
  }

  /** @param source of the accepted schema, in other words: it must have the same identity (OP-11) */
  async replaceSource(source: string): Promise<void> {
    await this.#objects.writeText(this.#layout.schemaSource, source);
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

  /** Keeps a schema for the readers of the versions written under it. Idempotent: the archive is named by content. */
  async archive(schema: AcceptedSchema): Promise<void> {
    const { source, ir, state } = schema.documents;
    await this.#objects.writeTextIfAbsent(this.#layout.archivedSchema(schema.irHash), `${compactJson({ source, ir, state })}\n`);
  }

  /**
   * The archived schema with this identity, or undefined when it was never archived (it never stopped being the accepted one).
   *
   * @throws SchemaHistoryDamagedError
   */
  async find(irHash: string): Promise<AcceptedSchema | undefined> {
    const known = this.#archived.get(irHash);
    if (known !== undefined) {
      this.#archived.delete(irHash);
      this.#archived.set(irHash, known);
      return known;
    }
    const text = await this.#objects.readTextIfExists(this.#layout.archivedSchema(irHash));
    if (text === null) return undefined;
    const schema = decodeArchived(irHash, text);
    this.#archived.set(irHash, schema);
    if (this.#archived.size > SCHEMA_CACHE_ENTRIES_MAX) {
      const oldest = this.#archived.keys().next();
      if (!oldest.done) this.#archived.delete(oldest.value);
    }
    return schema;
  }

  /** Writes the three files of the schema to come (SA-4). Residue of an earlier attempt goes first, so that none is taken for new. */
  async stage(documents: SchemaDocuments): Promise<void> {
    const { schemaSourceStaging, schemaIrStaging, schemaStateStaging } = this.#layout;
    await this.#failpoints.hit(FAILPOINT.schemaBeforeStagingWrite);
    await this.discardStaged();
    await this.#objects.writeText(schemaSourceStaging, documents.source);
    await this.#failpoints.hit(FAILPOINT.schemaBetweenStagingWrites);
    await this.#objects.writeText(schemaIrStaging, documents.ir);
    await this.#failpoints.hit(FAILPOINT.schemaBetweenStagingWrites);
    await this.#objects.writeText(schemaStateStaging, documents.state);
    await this.#failpoints.hit(FAILPOINT.schemaAfterStagingWrite);
  }

  /** What is staged; undefined when nothing is. */
  async readStaged(): Promise<StagedDocuments | undefined> {
    const { schemaSourceStaging, schemaIrStaging, schemaStateStaging } = this.#layout;
    const [source = null, ir = null, state = null] = await Promise.all(
      [schemaSourceStaging, schemaIrStaging, schemaStateStaging].map((uri) => this.#objects.readTextIfExists(uri)),
    );
    return source === null && ir === null && state === null ? undefined : { source, ir, state };
  }

  /**
   * The schema that promoting would make the accepted one: the staged files, and for those promoted already the live ones.
   * Undefined when the staging was never complete, or when the files do not belong together.
   */
  async findPromotable(): Promise<AcceptedSchema | undefined> {
    const staged = await this.readStaged();
    // The state is written and promoted last: without it the staging was never complete.
    if (staged === undefined || staged.state === null) return undefined;
    const live = await this.#readDocuments();
    try {
      return openAcceptedSchema({ source: staged.source ?? live.source, ir: staged.ir ?? live.ir, state: staged.state });
    } catch (error) {
      if (error instanceof SchemaContractError) return undefined;
      throw error;
    }
  }

  /** Renames the staged files over the live ones, in their order. Idempotent, also when some were renamed before. */
  async promote(): Promise<void> {
    const { schemaSource, schemaIr, schemaState, schemaSourceStaging, schemaIrStaging, schemaStateStaging } = this.#layout;
    await this.#promoteOne(schemaSourceStaging, schemaSource);
    await this.#promoteOne(schemaIrStaging, schemaIr);
    await this.#promoteOne(schemaStateStaging, schemaState);
  }

  /** Removes staged files, the state first: what is left of an interrupted removal is recognised as incomplete. */
  async discardStaged(): Promise<void> {
    const { schemaSourceStaging, schemaIrStaging, schemaStateStaging } = this.#layout;
    for (const uri of [schemaStateStaging, schemaIrStaging, schemaSourceStaging]) await this.#objects.delete(uri);
  }

  async #promoteOne(from: string, to: string): Promise<void> {
    await this.#failpoints.hit(FAILPOINT.schemaBeforePromotionRename);
    try {
      await this.#objects.renameText(from, to);
    } catch (error) {
      if (!isStorageError(error, "NotFound")) throw error;
    }
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

function decodeArchived(irHash: string, text: string): AcceptedSchema {
  let schema: AcceptedSchema;
  try {
    const record = JsonRecord.parse(text);
    schema = openAcceptedSchema({ source: record.text("source"), ir: record.text("ir"), state: record.text("state") });
  } catch (cause) {
    if (!(cause instanceof JsonShapeError) && !(cause instanceof SchemaContractError)) throw cause;
    throw new SchemaHistoryDamagedError(irHash, cause.message, cause);
  }
  if (schema.irHash !== irHash) throw new SchemaHistoryDamagedError(irHash, `the file holds schema ${schema.irHash}`);
  return schema;
}

function isSameText(left: SchemaDocuments, right: SchemaDocuments): boolean {
  return left.source === right.source && left.ir === right.ir && left.state === right.state;
}
