/** Keys of the manifest rows (`spec/engine-storage.md` §5.2). */
export const GRAPH_KEY = "graph";
export const BRANCHES_KEY = "branches";

export function headKey(incarnation: string): string {
  return `head/${incarnation}`;
}

export function commitKey(incarnation: string, version: number): string {
  return `${commitKeyPrefix(incarnation)}${version}`;
}

export function commitKeyPrefix(incarnation: string): string {
  return `commit/${incarnation}/`;
}
