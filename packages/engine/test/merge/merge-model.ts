/**
 * The merge of specification engine-branches-merge §2 over plain maps: slow, obvious, and without a line of the engine.
 */
export type Json = null | boolean | number | string | readonly Json[];

export interface ModelProperty {
  readonly name: string;
  /** As the schema language writes it. */
  readonly declaration: string;
  /** Values as an export writes them and a load reads them. */
  readonly values: readonly Json[];
}

export interface ModelType {
  readonly kind: "node" | "edge";
  readonly name: string;
  readonly properties: readonly ModelProperty[];
  /** Name of the property that is `@unique`. */
  readonly unique: string | undefined;
  /** Of edges. */
  readonly source: string;
  readonly target: string;
  readonly min: number;
  readonly max: number;
}

export interface Entity {
  readonly from?: string;
  readonly to?: string;
  readonly data: Readonly<Record<string, Json>>;
}

/** Entities by id, by type name. */
export type State = ReadonlyMap<string, ReadonlyMap<string, Entity>>;

export interface ModelConflict {
  readonly entityKind: string;
  readonly typeName: string;
  readonly entityId: string | null;
  readonly kind: string;
  readonly message: string;
}

/** What a write does to one type: entities it writes, ids it removes. */
interface TypeChange {
  readonly written: Map<string, Entity>;
  readonly removed: Set<string>;
}

export type Change = ReadonlyMap<string, TypeChange>;

function same(a: Entity | undefined, b: Entity | undefined): boolean {
  return JSON.stringify(a) === JSON.stringify(b);
}

export function emptyChange(types: readonly ModelType[]): Change {
  return new Map(types.map(({ name }) => [name, { written: new Map(), removed: new Set() }]));
}

export function applyChange(state: State, change: Change): State {
  return new Map(
    [...state].map(([name, entities]) => {
      const { written, removed } = change.get(name) ?? { written: new Map<string, Entity>(), removed: new Set<string>() };
      const next = new Map(entities);
      for (const id of removed) next.delete(id);
      for (const [id, entity] of written) next.set(id, entity);
      return [name, next];
    }),
  );
}

/** §2.5. */
export function mergeStates(types: readonly ModelType[], base: State, source: State, target: State): { readonly change: Change; readonly conflicts: readonly ModelConflict[] } {
  const change = emptyChange(types);
  const conflicts: ModelConflict[] = [];
  for (const type of types) {
    const [b, s, t] = [base, source, target].map((state) => state.get(type.name) as ReadonlyMap<string, Entity>) as [ReadonlyMap<string, Entity>, ReadonlyMap<string, Entity>, ReadonlyMap<string, Entity>];
    const { written, removed } = change.get(type.name) as TypeChange;
    const conflict = (entityId: string, kind: string, message: string): number => conflicts.push({ entityKind: type.kind, typeName: type.name, entityId, kind, message });
    for (const id of new Set([...b.keys(), ...s.keys(), ...t.keys()])) {
      const [x, y, z] = [b.get(id), s.get(id), t.get(id)];
      if (same(x, y) || same(y, z)) continue;
      if (same(x, z)) {
        if (y === undefined) removed.add(id);
        else written.set(id, y);
      } else if (x === undefined) conflict(id, "divergent_insert", `divergent insert for id '${id}'`);
      else if (y === undefined || z === undefined) conflict(id, "delete_vs_update", `delete/update conflict for id '${id}'`);
      else conflict(id, "divergent_update", `divergent update for id '${id}'`);
    }
  }
  return { change, conflicts };
}

/** §2.7: what `change` breaks when it is applied to `target`. */
export function findViolations(types: readonly ModelType[], target: State, change: Change): readonly ModelConflict[] {
  const result = applyChange(target, change);
  const conflicts: ModelConflict[] = [];
  for (const type of types) {
    const { written, removed } = change.get(type.name) as TypeChange;
    const before = target.get(type.name) as ReadonlyMap<string, Entity>;
    const after = result.get(type.name) as ReadonlyMap<string, Entity>;
    const conflict = (entityId: string | null, kind: string, message: string): number => conflicts.push({ entityKind: type.kind, typeName: type.name, entityId, kind, message });
    if (type.unique !== undefined) {
      const { unique } = type;
      for (const [id, { data }] of written) {
        const value = data[unique] ?? null;
        if (value === null) continue;
        for (const [holder, other] of after) {
          if (holder === id || other.data[unique] !== value) continue;
          conflict(id, "unique_violation", `@unique violation on ${type.name}.${unique}: value '${String(value)}' held by '${holder}' and '${id}'`);
        }
      }
    }
    if (type.kind === "node") continue;
    const exists = (nodeType: string, id: string | undefined): boolean => id !== undefined && (result.get(nodeType)?.has(id) ?? false);
    for (const [id, { from, to }] of after) {
      if (!exists(type.source, from)) conflict(id, "orphan_edge", `src '${from ?? ""}' not found in ${type.source}`);
      if (!exists(type.target, to)) conflict(id, "orphan_edge", `dst '${to ?? ""}' not found in ${type.target}`);
    }
    const touched = new Set<string>();
    for (const [id, { from = "" }] of written) {
      touched.add(from);
      touched.add(before.get(id)?.from ?? from);
    }
    for (const id of removed) touched.add(before.get(id)?.from ?? "");
    for (const source of touched) {
      if (!exists(type.source, source)) continue;
      const count = [...after.values()].filter(({ from }) => from === source).length;
      // A source that is left without any edge is named by no row.
      const bound = count < type.min ? `min ${type.min}` : `max ${type.max}`;
      if (count < type.min || count > type.max) conflict(null, "cardinality_violation", `@card violation on edge ${type.name}: source '${source}' has ${count} edges (${bound})`);
    }
  }
  return conflicts;
}

export function sorted(conflicts: readonly ModelConflict[]): readonly ModelConflict[] {
  const key = ({ entityKind, typeName, entityId, kind, message }: ModelConflict): string => [entityKind, typeName, entityId ?? "", kind, message].join("\u0000");
  return [...conflicts].sort((a, b) => (key(a) < key(b) ? -1 : 1));
}

/** A commit of the model, with the state it shows. */
export interface ModelCommit {
  readonly id: string;
  readonly version: number;
  readonly parents: readonly ModelCommit[];
  readonly state: State;
}

/** MG-20, by distances to all ancestors. */
export function mergeBase(source: ModelCommit, target: ModelCommit): ModelCommit {
  const distances = [distancesFrom(source), distancesFrom(target)] as const;
  let best: { readonly commit: ModelCommit; readonly sum: number } | undefined;
  for (const [commit, distance] of distances[0]) {
    const other = distances[1].get(commit);
    if (other === undefined) continue;
    const sum = distance + other;
    const isBetter =
      best === undefined || sum < best.sum || (sum === best.sum && (commit.version > best.commit.version || (commit.version === best.commit.version && commit.id > best.commit.id)));
    if (isBetter) best = { commit, sum };
  }
  if (best === undefined) throw new Error("no common ancestor");
  return best.commit;
}

function distancesFrom(head: ModelCommit): ReadonlyMap<ModelCommit, number> {
  const distances = new Map([[head, 0]]);
  for (const [commit, distance] of distances) for (const parent of commit.parents) if (!distances.has(parent)) distances.set(parent, distance + 1);
  return distances;
}
