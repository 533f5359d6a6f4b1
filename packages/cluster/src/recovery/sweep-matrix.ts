/** What becomes of one recovery sidecar: the decision matrix of cluster.md §10.5. Pure. */
import { must } from "@omnigraphdb/common";
import type { LiveGraph } from "../graphs/live-graph.js";
import type { RecoverySidecar } from "./recovery-sidecar.js";

export interface SweepEvidence {
  readonly kind: RecoverySidecar["kind"];
  readonly root: LiveGraph["state"];
  /** Of the schema the graph carries; undefined unless it opens. */
  readonly liveDigest: string | undefined;
  /** Of the schema that the ledger records. */
  readonly ledgerDigest: string | undefined;
  /** Of the schema that the interrupted operation wanted. */
  readonly wantedDigest: string;
  /** Whether the ledger has `graph.<id>`. */
  readonly isGraphRecorded: boolean;
}

/**
 * - `retire`: there is nothing to make up for
 * - `record`: the operation landed; the ledger learns of it
 * - `entomb`: the deletion landed; the ledger learns of it
 * - `proposeAgain`: the deletion did not end; the next plan has it again
 * - `leaveDrifted`: the graph carries what nobody expected
 * - `leaveIncomplete`: there is something that is no graph
 * - `wait`: nothing can be told now
 *
 * The first four retire the sidecar, the others keep it.
 */
export type SweepEnd = "retire" | "record" | "entomb" | "proposeAgain" | "leaveDrifted" | "leaveIncomplete" | "wait";

export interface MatrixRow {
  /** Of the table in cluster.md §10.5. */
  readonly row: number;
  readonly kind: SweepEvidence["kind"];
  readonly roots: readonly SweepEvidence["root"][];
  /** Of several rows that match, the first counts. */
  readonly holds: (evidence: SweepEvidence) => boolean;
  readonly end: SweepEnd;
}

const always = (): boolean => true;
const isLiveRecorded = ({ liveDigest, ledgerDigest }: SweepEvidence): boolean => liveDigest === ledgerDigest;
const isLiveWanted = ({ liveDigest, wantedDigest }: SweepEvidence): boolean => liveDigest === wantedDigest;
const isGraphRecorded = (evidence: SweepEvidence): boolean => evidence.isGraphRecorded;

/** A root that nobody can look at is taken for one that is there (C4). */
export const SWEEP_MATRIX: readonly MatrixRow[] = [
  { row: 1, kind: "graph_create", roots: ["absent"], holds: always, end: "retire" },
  { row: 2, kind: "graph_create", roots: ["opens"], holds: isLiveRecorded, end: "retire" },
  { row: 3, kind: "graph_create", roots: ["opens"], holds: isLiveWanted, end: "record" },
  { row: 4, kind: "graph_create", roots: ["opens"], holds: always, end: "leaveDrifted" },
  { row: 5, kind: "graph_create", roots: ["unverifiable"], holds: always, end: "leaveIncomplete" },

  { row: 6, kind: "schema_apply", roots: ["unverifiable", "absent"], holds: always, end: "wait" },
  { row: 7, kind: "schema_apply", roots: ["opens"], holds: isLiveRecorded, end: "retire" },
  { row: 8, kind: "schema_apply", roots: ["opens"], holds: isLiveWanted, end: "record" },
  { row: 9, kind: "schema_apply", roots: ["opens"], holds: always, end: "leaveDrifted" },

  { row: 10, kind: "graph_delete", roots: ["opens", "unverifiable"], holds: always, end: "proposeAgain" },
  { row: 12, kind: "graph_delete", roots: ["absent"], holds: isGraphRecorded, end: "entomb" },
  { row: 11, kind: "graph_delete", roots: ["absent"], holds: always, end: "retire" },
];

export function chooseRow(evidence: SweepEvidence): MatrixRow {
  const found = SWEEP_MATRIX.find(({ kind, roots, holds }) => kind === evidence.kind && roots.includes(evidence.root) && holds(evidence));
  return must(found, "the matrix covers every kind and every state of a root");
}
