import { createHash } from "node:crypto";
import { throwIfAborted } from "@omnigraphdb/common";
import type { EntityType } from "@omnigraphdb/compiler";
import { heavyColumns, wholeRowChunkOf } from "../delta/row-comparison.js";
import { TypeStates } from "../delta/type-states.js";
import { CHANGED_IDS_KEPT, CHANGED_IDS_PER_PASS } from "../limits.js";
import type { DatasetAdministration, DatasetGateway } from "../storage/dataset-gateway.js";
import { compareCodePoints } from "../value/compare-code-points.js";
import type { ChangeScope } from "./change-filter.js";
import { type ChangedId, findChangedIds, type IdWindow } from "./changed-ids.js";
import type { ChangedType, GraphState } from "./changed-type.js";
import type { EntityChange } from "./change.js";
import { type ImageParts, readImages } from "./entity-images.js";
import { ChangeCursorRejectedError } from "./errors.js";

/** Rows read at a time, unless they are large. */
const CHUNK_ROWS = 1_024;

/** Where a reading of changes goes on: behind this entity. */
export interface ChangePosition {
  readonly typeId: string;
  /** The id, or with `digest` the beginning of one that is too long for a token (CH-46). */
  readonly entityId: string;
  /** Of the whole id, see {@link entityIdDigest}. */
  readonly digest?: string;
}

export interface ReadChangesOptions {
  readonly before: GraphState;
  readonly after: GraphState;
  /** In the order they are read. */
  readonly types: readonly ChangedType[];
  readonly scope: ChangeScope;
  readonly parts: ImageParts;
  readonly from?: ChangePosition | undefined;
  readonly signal: AbortSignal | undefined;
}

export interface LocatedChange {
  readonly change: EntityChange;
  readonly type: ChangedType;
}

export function entityIdDigest(id: string): string {
  return createHash("sha256").update(id, "utf8").digest("hex");
}

/**
 * Reads what differs between two states, entity by entity. Both are immutable, so the ids found are kept: the pages of one answer
 * look for them once.
 */
export class EntityChanges {
  readonly #datasets: DatasetGateway;
  readonly #administration: DatasetAdministration;
  readonly #idsPerPass: number;
  /** Least recently used first. */
  readonly #windows = new Map<string, IdWindow>();

  constructor(datasets: DatasetGateway, administration: DatasetAdministration, idsPerPass: number = CHANGED_IDS_PER_PASS) {
    this.#datasets = datasets;
    this.#administration = administration;
    this.#idsPerPass = idsPerPass;
  }

  /**
   * Changes type by type, ascending by id in each (CH-6, CH-24). Reads images a chunk ahead of what is consumed.
   *
   * @throws HistoricalVersionReclaimedError; ChangeCursorRejectedError when `from` is no place in these changes
   */
  async *read(options: ReadChangesOptions): AsyncGenerator<LocatedChange> {
    const { types, from } = options;
    const first = from === undefined ? 0 : types.findIndex(({ id }) => id === from.typeId);
    if (first < 0) throw new ChangeCursorRejectedError("it names a type that did not change");
    for (const [index, type] of types.slice(first).entries()) {
      yield* this.#readType(type, options, index === 0 ? from : undefined);
    }
  }

  async *#readType(type: ChangedType, options: ReadChangesOptions, from: ChangePosition | undefined): AsyncGenerator<LocatedChange> {
    const { scope, signal } = options;
    let afterId = from?.entityId;
    let wanted = from?.digest === undefined ? undefined : from;
    for (;;) {
      const window = await this.#windowAfter(type, options, afterId);
      let entries = entriesAfter(window, afterId);
      afterId = entries.at(-1)?.id;
      if (wanted !== undefined) {
        const rest = behind(entries, wanted);
        const mayComeLater = !window.isLast && afterId?.startsWith(wanted.entityId) === true;
        if (rest === undefined && mayComeLater) continue;
        if (rest === undefined) throw new ChangeCursorRejectedError("the entity it stands at is not among the changes");
        entries = rest;
        wanted = undefined;
      }
      entries = entries.filter(({ op }) => scope.hasOp(op));
      for (let start = 0, step = chunkRows(type); start < entries.length; start += step) {
        throwIfAborted(signal, "reading changes");
        for (const change of await this.#readChunk(type, entries.slice(start, start + step), options)) yield { change, type };
      }
      if (window.isLast) return;
    }
  }

  async #readChunk(changed: ChangedType, entries: readonly ChangedId[], { parts, signal }: ReadChangesOptions): Promise<readonly EntityChange[]> {
    const states = new TypeStates(this.#datasets, this.#administration);
    const { before, after } = changed;
    const idsWith = (isThere: (entry: ChangedId) => boolean): readonly string[] => entries.filter(isThere).map(({ id }) => id);
    const older = before === undefined ? undefined : await readImages(before.type, (await states.open(before.pin)).dataset, idsWith(({ op }) => op !== "insert"), parts, signal);
    const newer = after === undefined ? undefined : await readImages(after.type, (await states.open(after.pin)).dataset, idsWith(({ op }) => op !== "delete"), parts, signal);
    const type = { id: changed.id, name: changed.name };
    return entries.map(({ id, op }): EntityChange => {
      const [olderImage, newerImage] = [older?.get(id), newer?.get(id)];
      return { kind: changed.kind, type, id, op, ...(olderImage === undefined ? {} : { before: olderImage }), ...(newerImage === undefined ? {} : { after: newerImage }) };
    });
  }

  async #windowAfter(type: ChangedType, { before, after, signal }: ReadChangesOptions, afterId: string | undefined): Promise<IdWindow> {
    const key = `${before.record.commit.graphCommitId}/${after.record.commit.graphCommitId}/${type.id}`;
    const known = this.#windows.get(key);
    this.#windows.delete(key);
    const isUsable = known !== undefined && continues(known, afterId);
    const window = isUsable ? known : await findChangedIds(type, new TypeStates(this.#datasets, this.#administration), afterId, signal, this.#idsPerPass);
    this.#windows.set(key, window);
    let total = 0;
    for (const { entries } of this.#windows.values()) total += entries.length;
    for (const [oldKey, { entries }] of this.#windows) {
      if (oldKey === key || total <= CHANGED_IDS_KEPT) break;
      this.#windows.delete(oldKey);
      total -= entries.length;
    }
    return window;
  }
}

/** Whether the window has what follows `afterId`, or says that nothing does. */
function continues({ afterId: start, entries, isLast }: IdWindow, afterId: string | undefined): boolean {
  if (afterId === undefined) return start === undefined;
  if (start !== undefined && compareCodePoints(start, afterId) > 0) return false;
  return isLast || compareCodePoints(entries.at(-1)?.id ?? "", afterId) > 0;
}

function entriesAfter({ entries }: IdWindow, afterId: string | undefined): readonly ChangedId[] {
  if (afterId === undefined) return entries;
  let low = 0;
  let high = entries.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (compareCodePoints((entries[middle] as ChangedId).id, afterId) <= 0) low = middle + 1;
    else high = middle;
  }
  return entries.slice(low);
}

/** What follows the id that has this beginning and digest; undefined when it is not among them. */
function behind(entries: readonly ChangedId[], { entityId, digest }: ChangePosition): readonly ChangedId[] | undefined {
  const found = entries.findIndex(({ id }) => id.startsWith(entityId) && entityIdDigest(id) === digest);
  return found < 0 ? undefined : entries.slice(found + 1);
}

function chunkRows({ before, after }: ChangedType): number {
  const types = [before?.type, after?.type].filter((type): type is EntityType => type !== undefined);
  return types.some((type) => heavyColumns(type).length > 0) ? Math.min(CHUNK_ROWS, ...types.map(wholeRowChunkOf)) : CHUNK_ROWS;
}
