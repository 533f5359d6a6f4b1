import { FAILPOINT } from "../../src/failpoints.js";
import { describeCrashes } from "../../test-support/writes/crash-matrix.js";
import {
  appendCompanies,
  appendPersons,
  appendPersonsInBatches,
  appendWorksAt,
  deletePersons,
  type DirectWrite,
  overwritePersons,
  stage,
  updatePersons,
} from "../../test-support/writes/direct-write.js";
import { seedGraph } from "../../test-support/writes/seeded-graph.js";

interface Writer {
  readonly kind: "Mutation" | "Load";
  readonly writes: readonly DirectWrite[];
}

const WRITERS: Readonly<Record<string, Writer>> = {
  "mutation insert": { kind: "Mutation", writes: [appendPersons({ name: "cleo", age: 7 })] },
  "mutation update": { kind: "Mutation", writes: [updatePersons({ name: "ann", age: 99 })] },
  "mutation delete": { kind: "Mutation", writes: [deletePersons("bob")] },
  "load append of two types": { kind: "Load", writes: [appendPersons({ name: "cleo", age: 7 }), appendCompanies("acme")] },
  "load merge of three types": {
    kind: "Load",
    writes: [
      updatePersons({ name: "ann", age: 50 }),
      appendCompanies("acme"),
      appendWorksAt({ id: "e2", person: "ann", company: "acme" }),
    ],
  },
  "load overwrite of two types": { kind: "Load", writes: [overwritePersons({ name: "dora", age: 1 }), appendCompanies("acme")] },
  "load of several batches": {
    kind: "Load",
    writes: [appendPersonsInBatches({ name: "cleo", age: 7 }, { name: "dora", age: 8 }), appendCompanies("acme")],
  },
};

const WRITE_FAILPOINTS = [
  FAILPOINT.leaseAcquire,
  FAILPOINT.sidecarList,
  FAILPOINT.postStagePreEffectGate,
  FAILPOINT.sidecarWrite,
  FAILPOINT.postSidecarPreFork,
  FAILPOINT.postForkPreCommit,
  FAILPOINT.postTableCommit,
  FAILPOINT.sidecarConfirm,
  FAILPOINT.postFinalizePrePublisher,
  FAILPOINT.publishBeforeCommit,
  FAILPOINT.publishAfterCommit,
  FAILPOINT.sidecarDelete,
];

const RECOVERY_FAILPOINTS = [
  FAILPOINT.leaseTakeoverPreRecovery,
  FAILPOINT.postListPreGates,
  FAILPOINT.beforeRollForwardPublish,
  FAILPOINT.rollBackPreRestore,
  FAILPOINT.rollBackPostRestore,
  FAILPOINT.recordAudit,
];

for (const [name, { kind, writes }] of Object.entries(WRITERS)) {
  describeCrashes(name, {
    prepare: seedGraph,
    steps: [(process) => process.writer.write({ branch: null, actorId: "act-a" }, stage(kind, ...writes))],
    passes: WRITE_FAILPOINTS,
    // A single dataset whose effect is there is always finished, never undone.
    recoveryPasses: writes.length === 1 ? [] : RECOVERY_FAILPOINTS,
  });
}
