/**
 * What holds between a commit and the one published after it. Pure; the publisher checks all of them before every
 * merge, so no write path can forget one.
 *
 * 1. versions are consecutive, and the parent is the previous head (G-5)
 * 2. coordinates are non-zero and unique; a type key names one of them (MAN-6)
 * 3. the published version of a coordinate on one native branch never decreases, whatever the type is called
 * 4. a coordinate moves to the native main lineage or to a fork that the branch owns, and on `main` to no fork at all:
 *    nobody writes to what another branch shows (BR-4, BR-5)
 * 5. a change of a pin is a change: equal entries are never registered again (MAN-7)
 * 6. a tombstone names a coordinate that was visible, one above its last version, and hides it (MAN-5)
 * 7. a coordinate disappears by its tombstone only: no other type can take its name (MAN-5, MAN-6)
 * 8. no commit or operation id appears twice in a row
 */
import { forkOwner } from "./fork-name.js";
import { isSamePin } from "./manifest-codec.js";
import type { CommitRecord, DatasetPin } from "./manifest.js";

interface CommitTransition {
  readonly current: CommitRecord;
  readonly next: CommitRecord;
  /** Type keys the publish sets. */
  readonly updatedTypeKeys: readonly string[];
}

type Invariant = (transition: CommitTransition) => string | undefined;

const INVARIANTS: readonly Invariant[] = [
  versionsAreConsecutive,
  coordinatesAreUnique,
  publishedVersionsNeverDecrease,
  forksBelongToTheBranch,
  updatesChangeSomething,
  tombstonesHideWhatWasVisible,
  nothingVanishes,
  idsAreFresh,
];

/** The first violated invariant in words, or undefined. */
export function findViolation(transition: CommitTransition): string | undefined {
  for (const invariant of INVARIANTS) {
    const violation = invariant(transition);
    if (violation !== undefined) return violation;
  }
  return undefined;
}

function versionsAreConsecutive({ current, next }: CommitTransition): string | undefined {
  const expected = current.commit.graphManifestVersion + 1;
  if (next.commit.graphManifestVersion !== expected) return `graph version ${next.commit.graphManifestVersion} does not follow ${expected - 1}`;
  if (next.commit.parentCommitId !== current.commit.graphCommitId) return "the parent is not the previous head";
  return undefined;
}

function coordinatesAreUnique({ next }: CommitTransition): string | undefined {
  const seen = new Set<string>();
  for (const [typeKey, pin] of next.pins) {
    if (pin.typeKey !== typeKey) return `pin of '${pin.typeKey}' is filed under '${typeKey}'`;
    if (pin.typeId === 0n || pin.incarnationId === 0n) return `'${typeKey}' has a zero identity`;
    const coordinate = coordinateOf(pin);
    if (seen.has(coordinate)) return `coordinate ${coordinate} is pinned twice`;
    seen.add(coordinate);
  }
  return undefined;
}

function publishedVersionsNeverDecrease({ current, next }: CommitTransition): string | undefined {
  const shown = byCoordinate(current);
  for (const [typeKey, pin] of next.pins) {
    const before = shown.get(coordinateOf(pin));
    if (before === undefined || before.location.nativeBranch !== pin.location.nativeBranch) continue;
    if (pin.publishedVersion < before.publishedVersion) {
      return `'${typeKey}' would go back from version ${before.publishedVersion} to ${pin.publishedVersion}`;
    }
  }
  return undefined;
}

function forksBelongToTheBranch({ current, next }: CommitTransition): string | undefined {
  const shown = byCoordinate(current);
  for (const [typeKey, pin] of next.pins) {
    const { nativeBranch } = pin.location;
    if (nativeBranch === null || shown.get(coordinateOf(pin))?.location.nativeBranch === nativeBranch) continue;
    if (forkOwner(nativeBranch) !== next.incarnation) return `'${typeKey}' would move to native branch '${nativeBranch}' of somebody else`;
  }
  return undefined;
}

function updatesChangeSomething({ current, next, updatedTypeKeys }: CommitTransition): string | undefined {
  for (const typeKey of updatedTypeKeys) {
    const pin = next.pins.get(typeKey);
    if (pin !== undefined && isSamePin(pin, current.pins.get(typeKey))) return `the entry of '${typeKey}' is unchanged`;
  }
  return undefined;
}

function tombstonesHideWhatWasVisible({ current, next }: CommitTransition): string | undefined {
  for (const tombstone of next.tombstones) {
    const before = [...current.pins.values()].find((pin) => coordinateOf(pin) === coordinateOf(tombstone));
    if (before === undefined) return `tombstone of '${tombstone.typeKey}' names a coordinate that is not visible`;
    if (tombstone.version !== before.publishedVersion + 1) return `tombstone of '${tombstone.typeKey}' has version ${tombstone.version}`;
    const after = next.pins.get(tombstone.typeKey);
    if (after !== undefined && coordinateOf(after) === coordinateOf(before)) return `tombstoned '${tombstone.typeKey}' is still visible`;
  }
  return undefined;
}

function nothingVanishes({ current, next }: CommitTransition): string | undefined {
  const shown = byCoordinate(next);
  const hidden = new Set(next.tombstones.map(coordinateOf));
  for (const [typeKey, pin] of current.pins) {
    const coordinate = coordinateOf(pin);
    if (!shown.has(coordinate) && !hidden.has(coordinate)) return `'${typeKey}' would vanish without a tombstone`;
  }
  return undefined;
}

function idsAreFresh({ current, next }: CommitTransition): string | undefined {
  if (next.txId === "" || next.txId === current.txId) return "the operation id is not fresh";
  if (next.commit.graphCommitId === current.commit.graphCommitId) return "the commit id is not fresh";
  return undefined;
}

function byCoordinate({ pins }: CommitRecord): ReadonlyMap<string, DatasetPin> {
  return new Map([...pins.values()].map((pin) => [coordinateOf(pin), pin]));
}

function coordinateOf(pin: Pick<DatasetPin, "typeId" | "incarnationId">): string {
  return `${pin.typeId}/${pin.incarnationId}`;
}
