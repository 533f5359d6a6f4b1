import type { Clock } from "@omnigraphdb/common";
import { type AcceptedSchema, SchemaContractError } from "@omnigraphdb/compiler";
import { RecoveryRequiredError } from "../errors.js";
import type { ManifestStore } from "../manifest/manifest-store.js";
import type { BranchState } from "../manifest/manifest.js";
import type { SchemaStore } from "./schema-store.js";

/** A running apply promotes its files within milliseconds of its publish. */
const PROMOTION_WAIT_MS = 20;
const PROMOTION_WAITS_MAX = 50;

interface HeadSchemaParts {
  readonly manifest: ManifestStore;
  readonly schemas: SchemaStore;
  readonly clock: Clock;
}

/**
 * The head of a branch together with the accepted schema it was written under. An apply of another process that is between
 * its publish and the last of its renames is waited for, up to a second.
 *
 * @throws RecoveryRequiredError when a published schema was never promoted (OP-9)
 * @throws SchemaArtifactMissingError, SchemaContractError, BranchNotFoundError
 */
export async function readHeadSchema(parts: HeadSchemaParts, branch: string | null): Promise<{ readonly schema: AcceptedSchema; readonly state: BranchState }> {
  const { manifest, schemas, clock } = parts;
  for (let waitCount = 0; ; waitCount++) {
    const schema = await readUnlessPromoting(schemas);
    const state = await manifest.readState(branch);
    if (schema?.irHash === state.commit.schemaIdentity) return { schema, state };
    // The first time one of the two may simply have been read before the other moved.
    const isApplyUnfinished = waitCount === 0 || (await schemas.readStaged()) !== undefined;
    if (!isApplyUnfinished || waitCount === PROMOTION_WAITS_MAX) {
      throw new RecoveryRequiredError(state.commit.txId, "the manifest names a schema that the contract files do not hold");
    }
    if (waitCount > 0) await clock.sleep(PROMOTION_WAIT_MS);
  }
}

/** Undefined while the files are partly those of one schema and partly those of the next. */
async function readUnlessPromoting(schemas: SchemaStore): Promise<AcceptedSchema | undefined> {
  try {
    return await schemas.read();
  } catch (error) {
    if (!(error instanceof SchemaContractError)) throw error;
    // The state is promoted last.
    const staged = await schemas.readStaged();
    if (typeof staged?.state === "string") return undefined;
  }
  // Either the files became whole meanwhile, or they really disagree.
  return schemas.read();
}
