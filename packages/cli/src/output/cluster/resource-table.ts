import type { Observation, ResourceStatus } from "@omnigraphdb/cluster";
import { visibleText } from "../cell-text.js";
import { counted } from "./counted.js";
import type { ClusterStyle } from "./cluster-style.js";

export interface RecordedResources {
  /** By address, ascending. */
  readonly resourceDigests: ReadonlyMap<string, string>;
  readonly resourceStatuses: ReadonlyMap<string, ResourceStatus>;
  readonly observations: ReadonlyMap<string, Observation>;
}

interface Row {
  readonly address: string;
  readonly status: string;
  readonly remark: string;
}

/**
 * A row per graph, policy and provider, and one for whatever is not simply applied, so that a cluster of thousands of queries fits
 * a screen. Begins with an empty line; empty when nothing is recorded.
 */
export function resourceTable(recorded: RecordedResources, style: ClusterStyle): readonly string[] {
  const rows = rowsOf(recorded);
  if (rows.length === 0) return [];
  const { colors } = style;
  const head: Row = { address: "RESOURCE", status: "STATUS", remark: "" };
  const addressWidth = Math.max(...[head, ...rows].map(({ address }) => address.length));
  const statusWidth = Math.max(...[head, ...rows].map(({ status }) => status.length));
  const line = ({ address, status, remark }: Row, paint: (text: string) => string): string =>
    `  ${address.padEnd(addressWidth)}  ${paint(status)}${remark === "" ? "" : `${" ".repeat(statusWidth - status.length)}  ${remark}`}`;
  return ["", colors.dim(line(head, (text) => text)), ...rows.map((row) => line(row, paintOf(row.status, colors)))];
}

function rowsOf({ resourceDigests, resourceStatuses, observations }: RecordedResources): readonly Row[] {
  const queries = new Map<string, number>();
  for (const address of resourceDigests.keys()) {
    const graphId = queryGraph(address);
    if (graphId !== undefined) queries.set(graphId, (queries.get(graphId) ?? 0) + 1);
  }
  const addresses = [...new Set([...resourceDigests.keys(), ...resourceStatuses.keys(), ...observations.keys()])].sort();
  return addresses.flatMap((address) => {
    const row = rowOf(address, resourceStatuses.get(address), observations.get(address), resourceDigests.has(address));
    const isUneventful = row.status === "applied" && row.remark === "";
    if (isUneventful && (address.startsWith("schema.") || queryGraph(address) !== undefined)) return [];
    const count = address.startsWith("graph.") && resourceDigests.has(address) ? counted(queries.get(address.slice("graph.".length)) ?? 0, "query") : "";
    return [{ ...row, address: visibleText(address), remark: visibleText([row.remark, count].filter((text) => text !== "").join("; ")) }];
  });
}

function rowOf(address: string, status: ResourceStatus | undefined, observation: Observation | undefined, isRecorded: boolean): Row {
  if (observation?.kind === "tombstone" && !isRecorded) return { address, status: "deleted", remark: `on ${observation.deleted_at}${observation.actor === null ? "" : ` by ${observation.actor}`}` };
  const remark = [...(status?.conditions ?? [])].join(", ");
  return { address, status: status?.status ?? (isRecorded ? "applied" : "unknown"), remark };
}

function queryGraph(address: string): string | undefined {
  return /^query\.([^.]+)\./.exec(address)?.[1];
}

function paintOf(status: string, colors: ClusterStyle["colors"]): (text: string) => string {
  if (status === "applied") return colors.green;
  if (status === "error") return colors.red;
  return status === "deleted" ? colors.dim : colors.yellow;
}
