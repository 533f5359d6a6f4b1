/** Evidence about one interrupted operation: the branch's head and history, every dataset it names, the schema files. */
import type { ManifestStore } from "../manifest/manifest-store.js";
import type { BranchState, CommitRecord, DatasetPin } from "../manifest/manifest.js";
import type { SchemaStore } from "../schema/schema-store.js";
import type { DatasetAdministration, DatasetLocation } from "../storage/dataset-gateway.js";
import { classifyPin, decide, isLooseKind, type OperationStanding, type PinClass, type SchemaStanding, type Verdict } from "./classify.js";
import type { Sidecar, SidecarPin, SidecarRegistration } from "./sidecar.js";

interface ExaminerParts {
  readonly manifest: ManifestStore;
  readonly administration: DatasetAdministration;
  readonly schemas: SchemaStore;
}

export interface ExaminedPin {
  readonly pin: SidecarPin;
  /** What the branch shows of the dataset, on whatever lineage and under whatever name; undefined when it was dropped. */
  readonly shown: DatasetPin | undefined;
  /** The same, if it is on the lineage that the operation writes. Only this can be restored, and needs to be. */
  readonly published: DatasetPin | undefined;
  /** Undefined when the lineage does not exist. */
  readonly headVersion: number | undefined;
  readonly pinClass: PinClass;
}

export interface ExaminedRegistration {
  readonly registration: SidecarRegistration;
  readonly pinClass: PinClass;
}

export interface Examination {
  readonly state: BranchState;
  readonly pins: readonly ExaminedPin[];
  readonly registrations: readonly ExaminedRegistration[];
  /** The commit that published or undid the operation, if any. */
  readonly settledBy: CommitRecord | undefined;
  readonly schema: SchemaStanding;
  readonly verdict: Verdict;
}

/** @param state of the sidecar's branch, read for this examination */
export async function examine(parts: ExaminerParts, sidecar: Sidecar, state: BranchState): Promise<Examination> {
  const intended = sidecar.intendedCommit;
  const pins = await Promise.all(sidecar.pins.map((pin) => examinePin(parts.administration, sidecar, pin, state)));
  const registrations = await Promise.all(sidecar.registrations.map((item) => examineRegistration(parts.administration, sidecar, item)));
  const settledBy = await parts.manifest.findCommitOfOperation(state, sidecar.operationId, intended?.graphManifestVersion ?? 1);
  const isSameBase = intended?.parentCommitId === state.head.commitId && intended.graphManifestVersion === state.head.version + 1;
  const schema = await examineSchema(parts.schemas, sidecar, state);
  const verdict = decide({
    standing: standingOf(settledBy, sidecar.operationId),
    classes: [...pins, ...registrations].map((item) => item.pinClass),
    isLoose: isLooseKind(sidecar.writerKind),
    isAnyPinAhead: pins.some((item) => (item.published?.publishedVersion ?? 0) > item.pin.expectedVersion),
    base: intended === null ? "unknown" : isSameBase ? "unchanged" : "moved",
    schema,
  });
  return { state, pins, registrations, settledBy, schema, verdict };
}

async function examinePin(administration: DatasetAdministration, sidecar: Sidecar, pin: SidecarPin, state: BranchState): Promise<ExaminedPin> {
  const shown = [...state.commit.pins.values()].find((item) => item.typeId === pin.typeId && item.incarnationId === pin.incarnationId);
  const published = shown?.location.nativeBranch === pin.nativeBranch ? shown : undefined;
  const headVersion = await administration.findHead(locationOf(pin));
  const isCreated = pin.forkedFrom !== null && published === undefined;
  const pinClass = classifyPin({
    headVersion,
    publishedVersion: published?.publishedVersion ?? (isCreated && isForkWanted(sidecar, pin, shown) ? pin.expectedVersion : 0),
    expectedVersion: pin.expectedVersion,
    plannedVersion: pin.plannedVersion,
    confirmedVersion: pin.confirmedVersion,
    requiresConfirmation: sidecar.requiresConfirmation,
    isLoose: isLooseKind(sidecar.writerKind),
    isCreated,
  });
  return { pin, shown, published, headVersion, pinClass };
}

/**
 * A loose operation may be finished on a head that moved, but not over a version that somebody published meanwhile. All
 * others are finished on the head they were prepared on, which need not show what they fork from (merge §2.4).
 */
function isForkWanted(sidecar: Sidecar, { forkedFrom }: SidecarPin, shown: DatasetPin | undefined): boolean {
  if (!isLooseKind(sidecar.writerKind)) return true;
  return shown?.location.nativeBranch === forkedFrom?.nativeBranch && shown?.publishedVersion === forkedFrom?.version;
}

async function examineRegistration(administration: DatasetAdministration, sidecar: Sidecar, registration: SidecarRegistration): Promise<ExaminedRegistration> {
  const headVersion = await administration.findHead(registrationLocation(registration));
  const pinClass = classifyPin({
    headVersion,
    publishedVersion: 0,
    expectedVersion: 0,
    plannedVersion: 1,
    confirmedVersion: registration.version,
    requiresConfirmation: sidecar.requiresConfirmation,
    isLoose: false,
    isCreated: true,
  });
  return { registration, pinClass };
}

async function examineSchema(schemas: SchemaStore, { writerKind, intendedCommit }: Sidecar, state: BranchState): Promise<SchemaStanding> {
  if (writerKind !== "SchemaApply") return "none";
  const target = intendedCommit?.schemaIdentity;
  const promotable = await schemas.findPromotable();
  if (promotable !== undefined && promotable.irHash === target) return "promotable";
  // Somebody else published the same schema: then the contract files are not this operation's.
  if (state.commit.schemaIdentity === target) return "missing";
  return (await schemas.read()).irHash === target ? "promoted" : "missing";
}

function standingOf(settledBy: CommitRecord | undefined, operationId: string): OperationStanding {
  if (settledBy === undefined) return "unpublished";
  return settledBy.txId === operationId ? "published" : "rolledBack";
}

export function locationOf({ directory, nativeBranch }: SidecarPin): DatasetLocation {
  return { directory, nativeBranch };
}

export function registrationLocation({ directory }: SidecarRegistration): DatasetLocation {
  return { directory, nativeBranch: null };
}
