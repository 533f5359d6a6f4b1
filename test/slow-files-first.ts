import { BaseSequencer, type TestSpecification } from "vitest/node";

/**
 * Files that take more than half a minute, the longest first. In a fresh clone nothing is known of earlier runs, and the files would be
 * taken by their size: these are short, so they would come last, one after the other on one of two workers.
 */
const SLOW_FILES = [/merge\.property/, /crash\/kill/, /doc-examples/, /(?:crash|fault)-matrix/, /-crash(?:es)?\./, /test\/writers\//, /test\/(?:process|parity|contract)\//, /\.property\./];

export class SlowFilesFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const rankOf = ({ moduleId }: TestSpecification): number => {
      const rank = SLOW_FILES.findIndex((pattern) => pattern.test(moduleId));
      return rank === -1 ? SLOW_FILES.length : rank;
    };
    return (await super.sort(files)).sort((left, right) => rankOf(left) - rankOf(right));
  }
}
