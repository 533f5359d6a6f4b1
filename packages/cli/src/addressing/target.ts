/** A graph whose storage is at hand. */
export interface StoreTarget {
  readonly kind: "store";
  /** What messages and documents show: as typed, or as the configuration says. */
  readonly uri: string;
  readonly isLocal: boolean;
  /** Name of the graph in the legacy file, when that is where the address came from; undefined for a plain address. */
  readonly legacyGraph: string | undefined;
}

/** A server, or one graph of it. */
export interface ServerTarget {
  readonly kind: "server";
  /** Without a `/` at its end, and without the graph. */
  readonly baseUrl: string;
  /** Undefined for a server that serves one graph at its base URL. */
  readonly graphId: string | undefined;
  /** Base URL and graph: what messages and documents show. */
  readonly uri: string;
  readonly isLocal: false;
  readonly token: string | undefined;
  /** Addressed in a form of the baseline (§5.6), where some errors are warnings. */
  readonly isLegacy: boolean;
}

/** A cluster, or one graph of it. */
export interface ClusterTarget {
  readonly kind: "cluster";
  /** A folder or a storage root, as typed or as the configuration says. */
  readonly root: string;
  readonly graphId: string | undefined;
}

/** Where a data command works. */
export type DataTarget = StoreTarget | ServerTarget;

/** §5.7: no `://`, or `file://`. */
function isLocalUri(uri: string): boolean {
  return !uri.includes("://") || uri.startsWith("file://");
}

export function storeTarget(uri: string, legacyGraph?: string): StoreTarget {
  return { kind: "store", uri, isLocal: isLocalUri(uri), legacyGraph };
}

/** `<access>` of the line that announces a write (§7.1). */
export function accessOf(target: DataTarget): string {
  if (target.kind === "server") return "served";
  return target.isLocal ? "direct, local" : "direct, remote";
}
