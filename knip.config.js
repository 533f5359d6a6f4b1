/** Unused files, exports and dependencies. Entry points are what users, tests and scripts start from. */
export default {
  workspaces: {
    ".": {
      entry: ["scripts/*.mjs", "scripts/demo/*.mjs", "test/**/*.test.ts"],
      project: ["scripts/**/*.{mjs,ts}", "test/**/*.ts"],
      // The demo requires its data at run time.
      ignoreDependencies: ["turbo", "world-countries"],
    },
    "packages/common": { entry: ["src/**/*.test.ts"], project: ["src/**/*.ts"] },
    "packages/testkit": { project: ["src/**/*.ts"] },
    "packages/*": {
      entry: ["src/**/*.{test,bench}.ts", "test/**/*.{test,bench}.ts", "test/**/scripts/*.ts", "test-support/workload/{reader,worker}.ts", "bench/*.mjs", "bench/subjects/*.mjs"],
      project: ["src/**/*.ts", "test/**/*.ts", "test-support/**/*.ts", "bench/**/*.{ts,mjs}"],
    },
    "apps/*": {
      entry: ["src/bin.ts", "bundle.mjs", "test/**/*.test.ts"],
      project: ["src/**/*.ts", "test/**/*.ts"],
      // Resolved at run time by code that is bundled into the executable.
      ignoreDependencies: ["@aws-sdk/client-s3", "@aws-sdk/client-secrets-manager", "@cedar-policy/cedar-wasm", "@lancedb/lancedb", "chevrotain", "re2js"],
    },
  },
  // Peers of the benchmark have packages of their own, outside the workspace.
  ignore: ["packages/engine/bench/peers/**"],
  // Tests of full disks and read-only folders use what the operating system has.
  ignoreBinaries: ["mkfifo", "mount", "umount", "unshare", "strace"],
  ignoreExportsUsedInFile: { interface: true, type: true },
};
