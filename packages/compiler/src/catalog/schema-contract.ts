/** The three persisted documents of an accepted schema, and the proof that they agree (§13.1). */
import { compactJson, prettyJson, sha256Digest } from "@omnigraphdb/common";
import { parse } from "lossless-json";
import { SchemaContractError } from "../errors.js";
import { checkAdmission, readSchema } from "../schema/check-schema.js";
import { buildShape } from "./build-shape.js";
import type { IdentifiedSchema } from "./identified-schema.js";
import { decodeSchemaIr, encodeSchemaIr, schemaIrHash } from "./schema-codec.js";
import { shapeHash } from "./shape-json.js";

export interface SchemaDocuments {
  /** `_schema.pg`: the source, byte for byte. */
  readonly source: string;
  /** `_schema.ir.json` */
  readonly ir: string;
  /** `__schema_state.json` */
  readonly state: string;
}

const FORMAT_VERSION = 2;
const IDENTITY_VERSION = 2;

interface SchemaHashes {
  readonly shapeHash: string;
  readonly irHash: string;
}

export function encodeContract(source: string, schema: IdentifiedSchema, hashes: SchemaHashes): SchemaDocuments {
  const state = {
    format_version: FORMAT_VERSION,
    schema_shape_hash: hashes.shapeHash,
    schema_ir_hash: hashes.irHash,
    schema_identity_version: IDENTITY_VERSION,
    schema_identity_domain: schema.domain,
    schema_source_hash: sha256Digest(source),
  };
  return { source, ir: encodeSchemaIr(schema), state: `${prettyJson(state)}\n` };
}

/** Throws {@link SchemaContractError} unless the documents are what one acceptance wrote. */
export function decodeContract(documents: SchemaDocuments): SchemaHashes & { readonly schema: IdentifiedSchema } {
  const state = readState(documents.state);
  const { schema, documentHash } = readIr(documents.ir);
  if (schema.domain !== state.domain) throw new SchemaContractError("_schema.ir.json and __schema_state.json belong to different graphs");
  if (documentHash !== state.irHash || schemaIrHash(schema) !== state.irHash) {
    throw new SchemaContractError("_schema.ir.json no longer matches the accepted schema");
  }
  if (shapeHash(schema) !== state.shapeHash)
    throw new SchemaContractError("_schema.ir.json and __schema_state.json disagree about the schema");
  // The bytes that were accepted mean what they meant then; only an edited source has to be read again, on every open.
  if (sha256Digest(documents.source) !== state.sourceHash && sourceShapeHash(documents.source) !== state.shapeHash)
    throw new SchemaContractError("_schema.pg no longer matches the accepted schema");
  return { schema, shapeHash: state.shapeHash, irHash: state.irHash };
}

/** Undefined when the source is not even a schema. */
function sourceShapeHash(source: string): string | undefined {
  const read = readSchema(source, { allowBlobUnique: true });
  if ("diagnostics" in read || checkAdmission(read.schema).length > 0) return undefined;
  return shapeHash(buildShape(read.schema));
}

function readIr(text: string): ReturnType<typeof decodeSchemaIr> {
  try {
    return decodeSchemaIr(text);
  } catch (cause) {
    throw new SchemaContractError("_schema.ir.json is damaged", { cause });
  }
}

function readState(text: string): SchemaHashes & { readonly domain: string; readonly sourceHash: unknown } {
  let state: unknown;
  try {
    state = parse(text, null, Number);
  } catch (cause) {
    throw new SchemaContractError("__schema_state.json is damaged", { cause });
  }
  const members: Readonly<Record<string, unknown>> = typeof state === "object" && state !== null ? { ...state } : {};
  const text_ = (name: string): string => {
    const value = members[name];
    if (typeof value !== "string") throw new SchemaContractError(`__schema_state.json has no ${name}`);
    return value;
  };
  if (members["format_version"] !== FORMAT_VERSION || members["schema_identity_version"] !== IDENTITY_VERSION) {
    throw new SchemaContractError(`__schema_state.json has another format version than ${compactJson(FORMAT_VERSION)}`);
  }
  return {
    shapeHash: text_("schema_shape_hash"),
    irHash: text_("schema_ir_hash"),
    domain: text_("schema_identity_domain"),
    sourceHash: members["schema_source_hash"],
  };
}
