import { sha256Digest } from "@omnigraphdb/common";
import type { ChangeOp, EntityKind } from "./change.js";

/** Which changes are wanted; each part absent or empty = all. Parts combine with AND (CH-5). */
export interface ChangeFilter {
  readonly kinds?: readonly EntityKind[];
  /** Names of types. A name that no type has selects nothing. */
  readonly types?: readonly string[];
  readonly ops?: readonly ChangeOp[];
}

const KINDS: readonly EntityKind[] = ["node", "edge"];
const OPS: readonly ChangeOp[] = ["insert", "update", "delete"];

/** A filter in one form, whatever order and repetition it was written with. */
export class ChangeScope {
  readonly #kinds: ReadonlySet<EntityKind>;
  readonly #types: ReadonlySet<string> | undefined;
  readonly #ops: ReadonlySet<ChangeOp>;

  constructor({ kinds = [], types = [], ops = [] }: ChangeFilter) {
    this.#kinds = new Set(kinds.length === 0 ? KINDS : kinds);
    this.#types = types.length === 0 ? undefined : new Set(types);
    this.#ops = new Set(ops.length === 0 ? OPS : ops);
  }

  /** @param names of the type, before and after a rename */
  hasType(kind: EntityKind, names: readonly string[]): boolean {
    const types = this.#types;
    return this.#kinds.has(kind) && (types === undefined || names.some((name) => types.has(name)));
  }

  hasOp(op: ChangeOp): boolean {
    return this.#ops.has(op);
  }

  /** Equal for filters that select the same (CH-46). */
  get digest(): string {
    const types = this.#types === undefined ? null : [...this.#types].sort();
    return sha256Digest(JSON.stringify([KINDS.filter((kind) => this.#kinds.has(kind)), types, OPS.filter((op) => this.#ops.has(op))])).slice(-32);
  }
}
