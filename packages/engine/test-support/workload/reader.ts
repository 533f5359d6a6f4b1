/**
 * One reading process: prints `ready`, then reads every new version of every branch until it is killed, each as one snapshot.
 * Prints `seen <branch> <version>`, and ends with an error at the first half-visible commit.
 */
import { Graph } from "../../src/graph.js";
import { parseS3Environment } from "../../src/storage/s3-settings.js";
import { findTornNames, readBranch } from "./branch-content.js";

async function main([root = "", ...branches]: readonly string[]): Promise<never> {
  const settings = root.startsWith("s3://") ? { s3: parseS3Environment(process.env) } : {};
  const graph = await Graph.open(root, { mode: "ro", settings });
  process.stdout.write("ready\n");
  const versions = new Map<string, number>();
  for (;;) {
    for (const branch of branches) {
      const snapshot = await graph.snapshot({ branch });
      const version = snapshot.graphManifestVersion;
      const known = versions.get(branch) ?? 0;
      if (version < known) throw new Error(`${branch} went back from ${known} to ${version}`);
      if (version === known) continue;
      versions.set(branch, version);
      const torn = findTornNames(await readBranch(graph, { snapshot }));
      if (torn.length > 0) throw new Error(`${branch} version ${version} shows parts of ${torn.join(", ")}`);
      process.stdout.write(`seen ${branch} ${version}\n`);
    }
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

main(process.argv.slice(2)).catch((error: unknown) => {
  process.stderr.write(`${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`);
  process.exit(1);
});
