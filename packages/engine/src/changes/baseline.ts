import { type ExportContext, exportTypes } from "../export/export-jsonl.js";
import type { BranchState } from "../manifest/manifest.js";
import type { Snapshot } from "../manifest/snapshot.js";
import { type ChangeFilter, ChangeScope } from "./change-filter.js";
import type { ChangeContext } from "./change-context.js";
import { cursorBehind } from "./change-feed.js";

export interface BaselineOptions extends ChangeFilter {
  /** Default: the bound branch. */
  readonly branch?: string;
  readonly signal?: AbortSignal;
}

/** Where the feed goes on behind a baseline. Comes last, and only when every record was delivered (CH-61). */
export interface BaselineHandshake {
  readonly snapshotCommitId: string;
  readonly resumeCursor: string;
}

/** Records as an export writes them, whole lines; then exactly one handshake. */
export type BaselineChunk = { readonly kind: "records"; readonly bytes: Uint8Array } | { readonly kind: "baseline"; readonly handshake: BaselineHandshake };

/** CH-60 … CH-63: `kinds` and `types` choose records, `ops` is for the feed only. @param snapshot of the very head that `state` is */
export async function* readBaseline(state: BranchState, snapshot: Snapshot, options: BaselineOptions, context: ChangeContext & ExportContext): AsyncGenerator<BaselineChunk> {
  const resumeCursor = await cursorBehind(state, options, context);
  const scope = new ChangeScope(options);
  const types = [...snapshot.catalog.edgeTypes, ...snapshot.catalog.nodeTypes].filter(({ kind, name }) => scope.hasType(kind, [name]));
  for await (const bytes of exportTypes(types, snapshot, options.signal, context)) yield { kind: "records", bytes };
  yield { kind: "baseline", handshake: { snapshotCommitId: snapshot.graphCommitId, resumeCursor } };
}
