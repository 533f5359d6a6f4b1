import { availableParallelism } from "node:os";
import { configDefaults, defineConfig } from "vitest/config";
import { SLOW_GLOBS, SlowFilesFirst } from "./test/slow-files-first.js";

// Tests run on the sources of every workspace package: the custom condition selects `src` over `dist`.
const conditions = ["@omnigraphdb/source", "node", "import", "default"];

const common = { setupFiles: ["test/property-seed.ts"], testTimeout: 30_000, env: { LANCEDB_LOG: "error" } };

export default defineConfig({
  resolve: { conditions },
  ssr: { resolve: { conditions } },
  test: {
    pool: "forks",
    // Tests wait for files and for processes of their own: one worker more than there are cores keeps these busy.
    maxWorkers: availableParallelism() + 1,
    sequence: { sequencer: SlowFilesFirst },
    globalSetup: ["test/temporary-files.ts"],
    projects: [
      { extends: true, test: { ...common, name: "slow", include: [...SLOW_GLOBS] } },
      {
        extends: true,
        test: {
          ...common,
          name: "quick",
          // To start a process and load all modules took as long as the tests of most files.
          isolate: false,
          include: ["packages/*/src/**/*.test.ts", "packages/*/test/**/*.test.ts", "apps/*/test/**/*.test.ts", "test/**/*.test.ts"],
          exclude: [...configDefaults.exclude, ...SLOW_GLOBS],
        },
      },
    ],
  },
});
