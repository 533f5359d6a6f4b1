import { Failpoints, randomIds, systemClock } from "@omnigraphdb/common";
import type { S3Settings } from "@omnigraphdb/engine";
import type { ClusterEnvironment, ClusterSession } from "../src/run/cluster-environment.js";
import { openClusterStore } from "../src/storage/cluster-store.js";

/** Quick, and otherwise as in production. */
export function testEnvironment(given: Partial<ClusterEnvironment> = {}): ClusterEnvironment {
  return { clock: systemClock, ids: randomIds, processId: 4711, failpoints: new Failpoints(), durability: "process", ...given };
}

/** A store as if under the cluster's lock, which nobody looks at below `withClusterLock`. */
export async function testSession(root: string, given: { readonly s3?: S3Settings; readonly environment?: Partial<ClusterEnvironment> } = {}): Promise<ClusterSession> {
  const s3 = given.s3 === undefined ? {} : { s3: given.s3 };
  const environment = testEnvironment({ ...s3, ...given.environment });
  return { store: await openClusterStore(root, { durability: "process", ...s3 }), lockId: undefined, environment };
}
