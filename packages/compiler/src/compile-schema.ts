/** The schema language as its callers see it: source text in; diagnostics, accepted schemas and migration plans out. */
import { assert } from "@omnigraphdb/common";
import { buildCatalog } from "./catalog/build-catalog.js";
import { buildShape } from "./catalog/build-shape.js";
import { assignIdentity } from "./catalog/assign-identity.js";
import type { Catalog } from "./catalog/catalog.js";
import type { IdentifiedSchema } from "./catalog/identified-schema.js";
import { type IdentityMatch, type IdentityNote, matchIdentity, matchNothing } from "./catalog/match-identity.js";
import { decodeContract, encodeContract, type SchemaDocuments } from "./catalog/schema-contract.js";
import { schemaIrHash } from "./catalog/schema-codec.js";
import { shapeHash } from "./catalog/shape-json.js";
import type { Diagnostic } from "./diagnostics/diagnostic.js";
import { CompileError } from "./errors.js";
import { DIAGNOSTICS_MAX } from "./limits.js";
import { diffSchemas } from "./migration/diff-schemas.js";
import type { MigrationStep } from "./migration/migration-step.js";
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
  return checkSource(source).slice(0, DIAGNOSTICS_MAX);
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

function admit(
  source: string,
  matcher: Matcher,
): { readonly schema: ResolvedSchema; readonly match: IdentityMatch } | { readonly diagnostics: readonly Diagnostic[] } {
  const read = readSchema(source);
  if ("diagnostics" in read) return { diagnostics: read.diagnostics.slice(0, DIAGNOSTICS_MAX) };
  let match: IdentityMatch | undefined;
  const diagnostics = checkAdmission(read.schema, () => {
    match = matcher(read.schema);
    return match.diagnostics;
  });
  if (diagnostics.length > 0 || match === undefined) return { diagnostics: diagnostics.slice(0, DIAGNOSTICS_MAX) };
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

/** What it takes to get from an accepted schema to a desired source (§14.1). Empty `steps`: nothing would change. */
export interface MigrationPlan {
  readonly supported: boolean;
  readonly steps: readonly MigrationStep[];
  /** The schema after apply; undefined when the plan is not supported. */
  readonly desired: AcceptedSchema | undefined;
  readonly notes: readonly IdentityNote[];
}

/**
 * Compares; has no effect and does not look at data. Throws {@link CompileError} when the desired source is refused
 * (§11, §13.5). `allowDataLoss` makes drops reclaim data at once, and nothing else (§16.4).
 */
export function planMigration(
  accepted: AcceptedSchema,
  desiredSource: string,
  options: { readonly allowDataLoss?: boolean } = {},
): MigrationPlan {
  const before = identities.get(accepted);
  assert(before !== undefined, "an accepted schema comes from createAcceptedSchema, openAcceptedSchema or a plan");
  const desired = acceptSchema(desiredSource, (source) => matchIdentity(source, before), before);
  const after = identities.get(desired) ?? before;
  const steps = diffSchemas(before, after, options.allowDataLoss === true ? "hard" : "soft");
  const supported = steps.every((step) => step.kind !== "unsupported_change");
  return { supported, steps, desired: supported ? desired : undefined, notes: desired.notes };
}
