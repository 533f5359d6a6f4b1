import { cp, rm } from "node:fs/promises";
import { join } from "node:path";
import { Failpoints } from "@omnigraphdb/common";

/**
 * What a process leaves that is killed at a crash point of the engine, at a local root: runs `work` to its end with a copy taken when
 * `failpoint` is first passed, then puts the copy in place.
 */
export async function leaveCrashImage(root: string, failpoint: string, work: (failpoints: Failpoints) => Promise<void>): Promise<void> {
  const image = `${root}.image`;
  const failpoints = new Failpoints();
  failpoints.arm(failpoint, async () => {
    failpoints.disarm(failpoint);
    await cp(root, image, { recursive: true });
  });
  await work(failpoints);
  if (failpoints.hitCount(failpoint) === 0) throw new Error(`${failpoint} was not passed`);
  await rm(root, { recursive: true });
  await cp(image, root, { recursive: true });
  await rm(image, { recursive: true });
  // Of a process that is dead, another one would take it over at once; ours lives.
  await rm(join(root, "__lease"), { recursive: true, force: true });
}
