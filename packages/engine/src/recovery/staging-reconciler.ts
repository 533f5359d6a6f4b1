/**
 * Staged contract files that no interrupted schema apply explains (RC-70 … RC-72). The identity of the schema that the head of
 * main was written under decides what they are (OP-14), so no case is ambiguous that the files alone could not tell.
 */
import type { Logger } from "@omnigraphdb/common";
import { SchemaContractError } from "@omnigraphdb/compiler";
import type { ManifestStore } from "../manifest/manifest-store.js";
import type { SchemaStore } from "../schema/schema-store.js";
import type { WriterLease } from "../transaction/writer-lease.js";
import { SCHEMA_GATE, type WriteGates } from "../transaction/write-gates.js";
import { StagedSchemaConflictError } from "./errors.js";
import type { SidecarStore } from "./sidecar-store.js";

interface ReconcilerParts {
  readonly schemas: SchemaStore;
  readonly manifest: ManifestStore;
  readonly sidecars: SidecarStore;
  readonly gates: WriteGates;
  readonly lease: WriterLease;
  readonly logger: Logger;
}

interface StagingEvidence {
  /** The last file to be written and promoted is there. */
  readonly isComplete: boolean;
  /** Identity of the schema that promoting would accept; undefined when the files do not belong together. */
  readonly staged: string | undefined;
  /** Identity of the accepted schema; undefined while its files are partly those of the next one. */
  readonly live: string | undefined;
  /** Identity of the schema that the head of main was written under. */
  readonly published: string;
}

/** What to do with staged files. */
export type StagingVerdict = "discard" | "promote" | "conflict";

export function decideStaging({ isComplete, staged, live, published }: StagingEvidence): StagingVerdict {
  // Their writer died while it wrote them, or while it removed them: nothing was promoted.
  if (!isComplete) return live === undefined ? "conflict" : "discard";
  if (staged === undefined) return "conflict";
  if (staged === live) return "discard";
  if (staged === published) return "promote";
  return live === published ? "discard" : "conflict";
}

export class StagingReconciler {
  readonly #parts: ReconcilerParts;

  constructor(parts: ReconcilerParts) {
    this.#parts = parts;
  }

  /** @returns whether it changed anything; see `Recovery.reconcileStaging` */
  async reconcile(): Promise<boolean> {
    const { schemas, gates, lease, logger } = this.#parts;
    if ((await schemas.readStaged()) === undefined) return false;
    using _gate = await gates.acquire([SCHEMA_GATE]);
    const hold = await lease.acquire();
    try {
      // Under the gate and the lease no apply is running; one that died is settled with its sidecar, not without.
      if (await this.#hasPendingApply()) return false;
      const staged = await schemas.readStaged();
      if (staged === undefined) return false;
      const verdict = decideStaging(await this.#gatherEvidence(staged.state !== null));
      if (verdict === "conflict") throw new StagedSchemaConflictError();
      if (verdict === "promote") await schemas.promote();
      else await schemas.discardStaged();
      logger.warn("settled staged schema files that nobody finished", { verdict });
      return true;
    } finally {
      hold.release();
    }
  }

  async #hasPendingApply(): Promise<boolean> {
    const { sidecars } = this.#parts;
    for await (const { writerKind } of sidecars.readAll()) if (writerKind === "SchemaApply") return true;
    return false;
  }

  async #gatherEvidence(isComplete: boolean): Promise<StagingEvidence> {
    const { schemas, manifest } = this.#parts;
    manifest.forget();
    const { commit } = await manifest.readState(null);
    return {
      isComplete,
      staged: (await schemas.findPromotable())?.irHash,
      live: await this.#liveIdentity(),
      published: commit.schemaIdentity,
    };
  }

  async #liveIdentity(): Promise<string | undefined> {
    try {
      return (await this.#parts.schemas.read()).irHash;
    } catch (error) {
      if (error instanceof SchemaContractError) return undefined;
      throw error;
    }
  }
}
