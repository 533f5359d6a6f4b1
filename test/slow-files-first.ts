import { BaseSequencer, type TestSpecification } from "vitest/node";

/**
 * Parts of the paths of files that take more than half a minute or are hard on a process, the longest first. Each has a process to
 * itself. In a fresh clone nothing is known of earlier runs, and the files would be taken by their size: these are short, so they would
 * come last, one after the other on one of the workers.
 */
const SLOW_FILES: readonly string[] = ["test/writers/writers", "merge.property", "crash/kill", "test/doc-examples", "-crashes", "merge-crash", "crash-matrix", "fault-matrix", "test/writers/", "test/process/"];

/** The same as globs. */
export const SLOW_GLOBS: readonly string[] = SLOW_FILES.map((part) => `**/*${part}*.test.ts`);

export class SlowFilesFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const rankOf = ({ moduleId }: TestSpecification): number => {
      const rank = SLOW_FILES.findIndex((part) => moduleId.includes(part));
      return rank === -1 ? SLOW_FILES.length : rank;
    };
    return (await super.sort(files)).sort((left, right) => rankOf(left) - rankOf(right));
  }
}
