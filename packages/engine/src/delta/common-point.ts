import type { DatasetPin } from "../manifest/manifest.js";
import type { ForkState } from "../storage/dataset-gateway.js";

/**
 * The last native version that two states of a dataset have in common: `version` of the lineage `nativeBranch`. Both states
 * were made from it, by writes with greater version numbers.
 */
export interface CommonPoint {
  readonly nativeBranch: string | null;
  readonly version: number;
}

/** Lists the native branches of a dataset. */
export type ListForks = (directory: string) => Promise<readonly ForkState[]>;

/** Answers which point two pins have in common, asking for the forks of each dataset at most once. */
export class CommonPoints {
  readonly #listForks: ListForks;
  readonly #forks = new Map<string, Promise<readonly ForkState[]>>();

  constructor(listForks: ListForks) {
    this.#listForks = listForks;
  }

  /**
   * @returns undefined when rows cannot be compared by `__rev`: no common lineage is known, or one of the states has adopted
   *   versions of foreign hands after the point
   */
  async find(left: DatasetPin, right: DatasetPin): Promise<CommonPoint | undefined> {
    const { directory } = left.location;
    if (directory !== right.location.directory) return undefined;
    const point = await this.#deepest(left, right);
    return point === undefined || point.version < Math.max(left.revisionFloor, right.revisionFloor) ? undefined : point;
  }

  async #deepest(left: DatasetPin, right: DatasetPin): Promise<CommonPoint | undefined> {
    if (left.location.nativeBranch === right.location.nativeBranch) {
      return { nativeBranch: left.location.nativeBranch, version: Math.min(left.publishedVersion, right.publishedVersion) };
    }
    const [leftPath, rightPath] = await Promise.all([this.#path(left), this.#path(right)]);
    for (const step of leftPath) {
      const other = rightPath.find(({ nativeBranch }) => nativeBranch === step.nativeBranch);
      if (other !== undefined) return { nativeBranch: step.nativeBranch, version: Math.min(step.version, other.version) };
    }
    return undefined;
  }

  /** The lineages a state passes through and the last version in each, from its own down to the native main. */
  async #path({ location, publishedVersion }: DatasetPin): Promise<readonly CommonPoint[]> {
    const path: CommonPoint[] = [{ nativeBranch: location.nativeBranch, version: publishedVersion }];
    const forks = await this.#forksOf(location.directory);
    for (let name = location.nativeBranch; name !== null; ) {
      const fork = forks.find((candidate) => candidate.nativeBranch === name && candidate.isComplete);
      if (fork === undefined) break;
      path.push({ nativeBranch: fork.parent, version: fork.parentVersion });
      name = fork.parent;
    }
    return path;
  }

  #forksOf(directory: string): Promise<readonly ForkState[]> {
    let forks = this.#forks.get(directory);
    if (forks === undefined) {
      forks = this.#listForks(directory);
      this.#forks.set(directory, forks);
    }
    return forks;
  }
}
