import { must } from "@omnigraphdb/common";
import type { BranchState, DatasetPin } from "../manifest/manifest.js";
import { plannedVersionCount } from "../storage/dataset-gateway.js";
import { areDisjoint, type WriteFootprint } from "../validate/footprint.js";
import type { CapturedView, Operation } from "./operation.js";
import { type EffectPlan, planEffects } from "./plan-effects.js";
import type { RecentCommits } from "./recent-commits.js";
import type { StagedWrite } from "./staged-write.js";
import type { WriteOptions } from "./write-coordinator.js";
import type { LeaseHold } from "./writer-lease.js";

interface Candidate {
  readonly captured: CapturedView;
  readonly staged: StagedWrite;
  readonly footprint: WriteFootprint;
  readonly options: WriteOptions;
}

export type Admission =
  /** `at` = its place among the operations. */
  | { readonly kind: "admitted"; readonly at: number }
  /** Something it depends on changed: it has to be prepared again. */
  | { readonly kind: "moved"; readonly member: Candidate }
  /** It is still valid, in the next group. */
  | { readonly kind: "later" }
  | { readonly kind: "failed"; readonly error: unknown };

interface GroupPlanParts {
  readonly recent: RecentCommits;
  readonly hold: LeaseHold;
  readonly makeOperation: (captured: CapturedView, staged: StagedWrite, plan: EffectPlan, actorId: string | null, lease: LeaseHold) => Operation;
}

/**
 * Plans the members of a group one upon the other (WR-11): each begins at the versions that the one before it will have made. Admitted is
 * who touches nothing that any commit since its own view touched, in the history or in the group.
 */
export class GroupPlan {
  readonly operations: Operation[] = [];
  readonly #current: BranchState | undefined;
  readonly #parts: GroupPlanParts;
  readonly #pins: Map<string, DatasetPin>;
  readonly #footprints: WriteFootprint[] = [];
  /** The versions after it are not known before its effects. */
  #isClosed = false;

  /** @param current head of the branch, read with all gates and the lease held; undefined when the branch is gone */
  constructor(current: BranchState | undefined, parts: GroupPlanParts) {
    this.#current = current;
    this.#parts = parts;
    this.#pins = new Map(current?.commit.pins);
  }

  /** What the group writes to, as the head shows it. */
  get touchedPins(): readonly DatasetPin[] {
    const typeKeys = new Set(this.operations.flatMap(({ plan }) => plan.datasets.map(({ pin }) => pin.typeKey)));
    return [...typeKeys].sort().map((typeKey) => must(this.#current?.commit.pins.get(typeKey), "a touched type is pinned"));
  }

  admit(member: Candidate): Admission {
    const current = this.#current;
    if (current === undefined || !this.#isStillValid(member, current)) return { kind: "moved", member };
    if (this.#isClosed) return { kind: "later" };
    const { captured, staged, footprint, options } = member;
    const base = { ...current.commit, pins: this.#pins };
    const rebased = { ...staged, datasets: staged.datasets.map((write) => rebase(write, captured.state, this.#pins)) };
    const plan = planEffects(rebased, {
      base,
      catalog: captured.schema.catalog,
      incarnation: current.head.incarnation,
      newForkName: () => {
        throw new RangeError("a write that forks goes alone");
      },
    });
    for (const { pin, plannedVersion, entityCountAfter, fragmentCountAfter, effects } of plan.datasets) {
      this.#pins.set(pin.typeKey, { ...pin, publishedVersion: plannedVersion, entityCount: entityCountAfter, fragmentCount: fragmentCountAfter });
      this.#isClosed ||= effects.some((effect) => plannedVersionCount(effect) === undefined);
    }
    this.#footprints.push(footprint);
    const at = this.operations.push(this.#parts.makeOperation({ ...captured, state: current }, rebased, plan, options.actorId, this.#parts.hold)) - 1;
    return { kind: "admitted", at };
  }

  #isStillValid({ captured, footprint }: Candidate, { head }: BranchState): boolean {
    const { head: capturedHead } = captured.state;
    if (capturedHead.incarnation !== head.incarnation) return false;
    if (!this.#parts.recent.areUnrelated(capturedHead.commitId, head.commitId, footprint)) return false;
    return this.#footprints.every((earlier) => areDisjoint(earlier, footprint));
  }
}

/** The same rows on top of what the commits in between added. */
function rebase(write: StagedWrite["datasets"][number], captured: BranchState, pins: ReadonlyMap<string, DatasetPin>): StagedWrite["datasets"][number] {
  const before = must(captured.commit.pins.get(write.typeKey), "a staged type is pinned by its view").entityCount;
  const now = must(pins.get(write.typeKey), "and by the head").entityCount;
  return { ...write, entityCountAfter: write.entityCountAfter + now - before };
}
