import { type CommitRecord, MAIN_BRANCH } from "../manifest/manifest.js";
import { SidecarStore } from "../recovery/sidecar-store.js";
import type { RootAccess } from "./root-access.js";

/**
 * Whether some version of some branch is on a native branch, or an interrupted write may still put one there: the files of native
 * branches name the root by its absolute address (OP-15).
 */
export async function hasForks(access: RootAccess): Promise<boolean> {
  return (await isForkPinned(access)) || (await isForkPending(access));
}

async function isForkPinned({ manifest }: RootAccess): Promise<boolean> {
  const { registry, commit } = await manifest.readState(null);
  // The line of main is long, and merges never leave anything on it that is not on the native main.
  if (namesFork(commit)) return true;
  for (const [name, { incarnation }] of registry.branches) {
    if (name === MAIN_BRANCH) continue;
    const head = await manifest.findHead(incarnation);
    const records = await manifest.readLine(incarnation, head?.version ?? 0);
    if (records.some(namesFork)) return true;
  }
  return false;
}

function namesFork({ pins }: CommitRecord): boolean {
  return [...pins.values()].some(({ location }) => location.nativeBranch !== null);
}

async function isForkPending({ objects, layout, components }: RootAccess): Promise<boolean> {
  const sidecars = new SidecarStore(objects, layout, components.failpoints);
  for await (const { pins } of sidecars.readAll()) {
    if (pins.some(({ nativeBranch }) => nativeBranch !== null)) return true;
  }
  return false;
}
