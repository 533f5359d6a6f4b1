import { describe, expect, test } from "vitest";
import { pruneLimitOf, type RetentionFloor, type RetentionPolicy } from "./retention.js";

/** Version n was created at n × 10. */
const VERSIONS = [1, 2, 3, 4, 5, 6].map((version) => ({ version, createdAtMs: version * 10 }));
const NO_FLOOR: RetentionFloor = { neededVersions: [], readingSinceMs: undefined };

function remaining(policy: Partial<RetentionPolicy>, floor: Partial<RetentionFloor> = {}, versions = VERSIONS): readonly number[] {
  const limit = pruneLimitOf(versions, { keepVersions: undefined, keepSinceMs: undefined, ...policy }, { ...NO_FLOOR, ...floor });
  return versions.filter(({ createdAtMs }) => limit === undefined || createdAtMs >= limit).map(({ version }) => version);
}

describe("versions that stay", () => {
  test.each([
    ["MT-62 keep 0 keeps the newest", { keepVersions: 0 }, {}, [6]],
    ["MT-62 keep 1", { keepVersions: 1 }, {}, [6]],
    ["MT-62 keep 3", { keepVersions: 3 }, {}, [4, 5, 6]],
    ["MT-62 keep more than there are", { keepVersions: 9 }, {}, [1, 2, 3, 4, 5, 6]],
    ["MT-62 older than 0: only the newest", { keepSinceMs: 100 }, {}, [6]],
    ["MT-60 by age: what was the newest then, and all after it", { keepSinceMs: 35 }, {}, [3, 4, 5, 6]],
    ["MT-60 by age, to the millisecond", { keepSinceMs: 40 }, {}, [4, 5, 6]],
    ["MT-60 by age, from before there was anything", { keepSinceMs: 5 }, {}, [1, 2, 3, 4, 5, 6]],
    ["MT-61 both limits must allow it: keep wins", { keepVersions: 4, keepSinceMs: 55 }, {}, [3, 4, 5, 6]],
    ["MT-61 both limits must allow it: age wins", { keepVersions: 1, keepSinceMs: 25 }, {}, [2, 3, 4, 5, 6]],
    ["MT-63 what the head shows", { keepVersions: 1 }, { neededVersions: [5] }, [5, 6]],
    ["MT-65 the oldest version that a branch shows", { keepVersions: 1 }, { neededVersions: [6, 3, 5] }, [3, 4, 5, 6]],
    ["MT-65 a needed version that is gone protects those after it", { keepVersions: 1 }, { neededVersions: [0] }, [1, 2, 3, 4, 5, 6]],
    ["a read that began between two versions", { keepVersions: 1 }, { readingSinceMs: 45 }, [4, 5, 6]],
    ["a read that began before everything", { keepVersions: 1 }, { readingSinceMs: 5 }, [1, 2, 3, 4, 5, 6]],
  ] as const)("%s", (_title, policy, floor, expected) => {
    expect(remaining(policy, floor)).toEqual(expected);
  });

  test("MT-80 versions of one millisecond stay together", () => {
    const versions = [1, 2, 3, 4].map((version) => ({ version, createdAtMs: version < 2 ? 10 : 20 }));
    expect(remaining({ keepVersions: 1 }, {}, versions)).toEqual([2, 3, 4]);
  });

  test("MT-73 nothing to remove is no call at all", () => {
    expect(pruneLimitOf([], { keepVersions: 1, keepSinceMs: undefined }, NO_FLOOR)).toBeUndefined();
    expect(pruneLimitOf([{ version: 7, createdAtMs: 1 }], { keepVersions: 1, keepSinceMs: undefined }, NO_FLOOR)).toBeUndefined();
  });
});
