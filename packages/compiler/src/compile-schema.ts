/** The schema language as its callers see it: source text in; diagnostics, accepted schemas and migration plans out. */
import { buildCatalog } from "./catalog/build-catalog.js";
import { buildShape } from "./catalog/build-shape.js";
import { assignIdentity } from "./catalog/assign-identity.js";
import type { Catalog } from "./catalog/catalog.js";
import type { IdentifiedSchema } from "./catalog/identified-schema.js";
import { type IdentityMatch, type IdentityNote, matchNothing } from "./catalog/match-identity.js";
import { decodeContract, encodeContract, type SchemaDocuments } from "./catalog/schema-contract.js";
import { schemaIrHash } from "./catalog/schema-codec.js";
import { shapeHash } from "./catalog/shape-json.js";
import type { Diagnostic } from "./diagnostics/diagnostic.js";
import { CompileError } from "./errors.js";
import { checkAdmission, checkSource, readSchema } from "./schema/check-schema.js";
import type { ResolvedSchema } from "./schema/resolved-schema.js";

/** A schema as a graph keeps it: its source, its meaning, its identities. Immutable. */
export interface AcceptedSchema {
  readonly source: string;
  readonly catalog: Catalog;
  /** Hash of the canonical shape (§12.3). */
  readonly shapeHash: string;
  /** Hash of the accepted document with ids (§13.2). */
  readonly irHash: string;
  /** ULID of the graph's identities (§13.2). */
  readonly identityDomain: string;
  /** Contents of `_schema.pg`, `_schema.ir.json` and `__schema_state.json`, to be replaced together. */
  readonly documents: SchemaDocuments;
  /** Rename hints without effect. For logs. */
  readonly notes: readonly IdentityNote[];
}

/** Ids are internal: plans need them, callers do not. */
const identities = new WeakMap<AcceptedSchema, IdentifiedSchema>();

/**
 * The source check (§11.1): all errors of the first phase that finds any, else warnings. Refuses everything that
 * admission refuses, in the wording and order of the source check.
 */
export function checkSchemaSource(source: string): readonly Diagnostic[] {
  return checkSource(source);
}

/** What graph creation would refuse (§11.1), in the wording and order of admission; empty when it would accept. */
export function admitSchema(source: string): readonly Diagnostic[] {
  const admitted = admit(source, matchNothing);
  return "diagnostics" in admitted ? admitted.diagnostics : [];
}

/** Accepts the schema of a new graph. `identityDomain` is a fresh ULID. Throws {@link CompileError}. */
export function createAcceptedSchema(source: string, options: { readonly identityDomain: string }): AcceptedSchema {
  return acceptSchema(source, matchNothing, { domain: options.identityDomain, nextId: 1n });
}

/** Reads an accepted schema back. Throws {@link SchemaContractError} when the documents do not agree (§13.1). */
export function openAcceptedSchema(documents: SchemaDocuments): AcceptedSchema {
  const { schema, ...hashes } = decodeContract(documents);
  return makeAcceptedSchema(schema, documents, hashes, []);
}

type Matcher = (desired: ResolvedSchema) => IdentityMatch;

function admit(source: string, matcher: Matcher): { readonly schema: ResolvedSchema; readonly match: IdentityMatch } | { readonly diagnostics: readonly Diagnostic[] } {
  const read = readSchema(source);
  if ("diagnostics" in read) return read;
  let match: IdentityMatch | undefined;
  const diagnostics = checkAdmission(read.schema, () => {
    match = matcher(read.schema);
    return match.diagnostics;
  });
  if (diagnostics.length > 0 || match === undefined) return { diagnostics };
  return { schema: read.schema, match };
}

function acceptSchema(source: string, matcher: Matcher, origin: { readonly domain: string; readonly nextId: bigint }): AcceptedSchema {
  const admitted = admit(source, matcher);
  if ("diagnostics" in admitted) throw new CompileError(admitted.diagnostics, source);
  const schema = assignIdentity(buildShape(admitted.schema), admitted.match, origin);
  if ("diagnostic" in schema) throw new CompileError([schema.diagnostic], source);
  const hashes = { shapeHash: shapeHash(schema), irHash: schemaIrHash(schema) };
  return makeAcceptedSchema(schema, encodeContract(source, schema, hashes), hashes, admitted.match.notes);
}

function makeAcceptedSchema(
  schema: IdentifiedSchema,
  documents: SchemaDocuments,
  hashes: { readonly shapeHash: string; readonly irHash: string },
  notes: readonly IdentityNote[],
): AcceptedSchema {
  const accepted: AcceptedSchema = Object.freeze({
    source: documents.source,
    catalog: buildCatalog(schema, hashes),
    ...hashes,
    identityDomain: schema.domain,
    documents,
    notes,
  });
  identities.set(accepted, schema);
  return accepted;
}
