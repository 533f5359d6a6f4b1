// Lets every request of an apply on S3-compatible storage fail, and every change of a file of an apply on a local disk:
// `node scripts/soak-cluster-faults.mjs [stride]`, where a stride of 5 takes one in five. The short form of the same tests runs with every
// `npm test`.
import { spawnSync } from "node:child_process";

const [stride = "1"] = process.argv.slice(2);
const tests = ["packages/cluster/test/crash/apply-s3-faults.test.ts", "packages/cli/test/process/cluster-disk.test.ts"];
const result = spawnSync("npx", ["vitest", "run", "--reporter=verbose", ...tests], { stdio: "inherit", env: { ...process.env, OMNIGRAPH_CLUSTER_FAULT_STRIDE: stride } });
process.exitCode = result.status ?? 1;
