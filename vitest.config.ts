import { defineConfig } from "vitest/config";
import { SlowFilesFirst } from "./test/slow-files-first.js";

// Tests run on the sources of every workspace package: the custom condition selects `src` over `dist`.
const conditions = ["@omnigraphdb/source", "node", "import", "default"];

export default defineConfig({
  resolve: { conditions },
  ssr: { resolve: { conditions } },
  test: {
    include: [
      "packages/*/src/**/*.test.ts",
      "packages/*/test/**/*.test.ts",
      "apps/*/test/**/*.test.ts",
      "test/**/*.test.ts",
    ],
    setupFiles: ["test/property-seed.ts"],
    pool: "forks",
    maxWorkers: 2,
    sequence: { sequencer: SlowFilesFirst },
    testTimeout: 30_000,
    env: { LANCEDB_LOG: "error" },
  },
});
