import { FAILPOINT } from "../failpoints.js";
import type { WriterKind } from "./staged-write.js";

/** Crash points between the steps W11 … W14, for one kind of writer. */
interface StepFailpoints {
  /** The sidecar is stored, no dataset has moved. */
  readonly afterArm: string;
  /** Before the effects of each dataset; a fork of it exists. */
  readonly beforeEffects: string;
  readonly afterDataset: string;
  /** All effects are done, nothing says so yet. */
  readonly beforeConfirm: string;
  /** All effects are confirmed. */
  readonly beforePublish: string;
}

const GENERIC: StepFailpoints = {
  afterArm: FAILPOINT.postSidecarPreFork,
  beforeEffects: FAILPOINT.postForkPreCommit,
  afterDataset: FAILPOINT.postTableCommit,
  beforeConfirm: FAILPOINT.postEffectsPreConfirm,
  beforePublish: FAILPOINT.postFinalizePrePublisher,
};

const BY_KIND: Readonly<Record<WriterKind, StepFailpoints>> = {
  Mutation: GENERIC,
  Load: GENERIC,
  BranchMerge: {
    ...GENERIC,
    afterArm: FAILPOINT.mergePostSidecarPreFork,
    beforeConfirm: FAILPOINT.mergePostEffectsPreConfirm,
    beforePublish: FAILPOINT.mergePrePublish,
  },
  SchemaApply: { ...GENERIC, afterDataset: FAILPOINT.schemaPostTableCommit },
  EnsureIndices: { ...GENERIC, afterDataset: FAILPOINT.indicesPostTableEffect, beforePublish: FAILPOINT.indicesPrePublish },
  Optimize: { ...GENERIC, beforeEffects: FAILPOINT.optimizeBeforeCompact, beforePublish: FAILPOINT.optimizePrePublish },
  Repair: GENERIC,
};

export function stepFailpointsOf(writerKind: WriterKind): StepFailpoints {
  return BY_KIND[writerKind];
}
