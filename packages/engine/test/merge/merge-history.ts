/**
 * Random histories: a schema, and changes, compactions, branches and merges on it, done by the engine and by the model.
 */
import { deepEqual, equal } from "node:assert/strict";
import fc from "fast-check";
import { BranchInUseError } from "../../src/branches/errors.js";
import { MergeConflictsError } from "../../src/merge/errors.js";
import { makeScratchDir } from "@omnigraphdb/testkit";
import { initGraph } from "../../src/open/init-graph.js";
import type { Graph } from "../../src/graph.js";
import { SimulatedProcess } from "../../test-support/writes/simulated-process.js";
import {
  applyChange,
  type Change,
  emptyChange,
  type Entity,
  findViolations,
  type Json,
  mergeBase,
  mergeStates,
  type ModelCommit,
  type ModelConflict,
  type ModelProperty,
  type ModelType,
  sorted,
  type State,
} from "./merge-model.js";


const NODE_IDS = ["n1", "n2", "n3", "n4", "n5"];
const EDGE_IDS = ["e1", "e2", "e3", "e4"];
const BRANCHES = ["feature", "review/a", "review/b"];
const LIVE_MAX = 3;

const KINDS: readonly Omit<ModelProperty, "name">[] = [
  { declaration: "String?", values: [null, "", "a", "b'\"\\"] },
  { declaration: "I32?", values: [null, 0, 1, -1] },
  { declaration: "I64?", values: [null, 0, 5_000_000_000] },
  { declaration: "F64?", values: [null, 0, 0.5, -2.25] },
  { declaration: "F32?", values: [null, 0, 0.5] },
  { declaration: "Bool?", values: [null, true, false] },
  { declaration: "Date?", values: [null, 0, 19_782] },
  { declaration: "DateTime?", values: [null, 0, 1_704_067_200_000] },
  { declaration: "[String]?", values: [null, [], [""], ["a", "b"], ["ab"]] },
  { declaration: "[I32]?", values: [null, [], [0], [1, 2]] },
  { declaration: "Vector(2)?", values: [null, [0.5, 1], [0.5, -1]] },
  { declaration: "Blob?", values: [null, "base64:", "base64:aGVsbG8=", "base64:aGVsbG9v"] },
  { declaration: "enum(red, green)?", values: [null, "red", "green"] },
];

interface GeneratedType {
  readonly properties: readonly number[];
  readonly isUnique: boolean;
  readonly ends: readonly [number, number];
  readonly cardinality: readonly [number, number];
}

export interface History {
  readonly nodes: readonly GeneratedType[];
  readonly edges: readonly GeneratedType[];
  /** What happens, decided step by step from the state the history has reached. */
  readonly seeds: readonly number[];
}

export function generatedHistory(steps: number): fc.Arbitrary<History> {
  const type = fc.record({
    properties: fc.array(fc.nat(KINDS.length - 1), { minLength: 1, maxLength: 2 }),
    isUnique: fc.boolean(),
    ends: fc.tuple(fc.nat(2), fc.nat(2)),
    cardinality: fc.constantFrom<[number, number]>([0, Number.POSITIVE_INFINITY], [0, 1], [0, 2], [1, 2]),
  });
  return fc.record({
    nodes: fc.array(type, { minLength: 1, maxLength: 3 }),
    edges: fc.array(type, { minLength: 1, maxLength: 2 }),
    seeds: fc.array(fc.nat(2 ** 31 - 1), { minLength: steps, maxLength: steps, size: "max" }),
  });
}

function typesOf({ nodes, edges }: History): readonly ModelType[] {
  const propertiesOf = ({ properties, isUnique }: GeneratedType): ModelProperty[] => [
    ...properties.map((kind, index) => ({ name: `p${index}`, ...(KINDS[kind] as Omit<ModelProperty, "name">) })),
    ...(isUnique ? [{ name: "u", declaration: "String? @unique", values: [null, null, "u1", "u2", "u3"] }] : []),
  ];
  const nodeTypes = nodes.map((type, index): ModelType => ({ kind: "node", name: `Node${index}`, properties: propertiesOf(type), unique: type.isUnique ? "u" : undefined, source: "", target: "", min: 0, max: 0 }));
  const edgeTypes = edges.map((type, index): ModelType => {
    const [source, target] = type.ends.map((end) => `Node${end % nodes.length}`) as [string, string];
    const [min, max] = type.cardinality;
    // Its own id as a property: deletes name an edge by it.
    const tag = { name: "tag", declaration: "String", values: [] };
    return { kind: "edge", name: `Edge${index}`, properties: [tag, ...propertiesOf({ ...type, isUnique: false })], unique: undefined, source, target, min, max };
  });
  return [...edgeTypes, ...nodeTypes];
}

function schemaText(types: readonly ModelType[]): string {
  return [...types]
    .reverse()
    .map((type) => {
      const properties = type.properties.map(({ name, declaration }) => `  ${name}: ${declaration}\n`).join("");
      if (type.kind === "node") return `node ${type.name} {\n  key: String @key\n${properties}}\n`;
      const card = type.min === 0 && type.max === Number.POSITIVE_INFINITY ? "" : ` @card(${type.min}..${type.max})`;
      return `edge ${type.name}: ${type.source} -> ${type.target}${card} {\n${properties}}\n`;
    })
    .join("");
}

/** Deterministic choices (mulberry32). */
class Choices {
  #state: number;

  constructor(seed: number) {
    this.#state = seed >>> 0;
  }

  below(limit: number): number {
    this.#state = (this.#state + 0x6d2b_79f5) >>> 0;
    let t = this.#state;
    t = Math.imul(t ^ (t >>> 15), t | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) % limit;
  }

  of<T>(items: readonly T[]): T {
    return items[this.below(items.length)] as T;
  }
}

interface ModelBranch {
  readonly name: string;
  readonly head: ModelCommit;
}

/** Runs a history on the engine and in the model, with one and a half merges per seed. @returns how many were compared */
export async function runHistory(history: History): Promise<number> {
  const types = typesOf(history);
  await using dir = await makeScratchDir();
  await initGraph(dir.path, schemaText(types));
  await using process = await SimulatedProcess.start(dir.path, { lease: { isEnabled: false }, durability: "process" });
  const run = new HistoryRun(types, process, await process.handle());
  await run.start();
  for (const seed of history.seeds) await run.step(new Choices(seed));
  return run.mergeCount;
}

class HistoryRun {
  mergeCount = 0;
  readonly #types: readonly ModelType[];
  readonly #process: SimulatedProcess;
  readonly #graph: Graph;
  readonly #branches = new Map<string, ModelBranch>();

  constructor(types: readonly ModelType[], process: SimulatedProcess, graph: Graph) {
    this.#types = types;
    this.#process = process;
    this.#graph = graph;
  }

  async start(): Promise<void> {
    const state: State = new Map(this.#types.map(({ name }) => [name, new Map()]));
    this.#branches.set("main", { name: "main", head: { id: await this.#graph.headCommitId(), version: 1, parents: [], state } });
    for (let i = 0; i < 4; i++) await this.#change(new Choices(i), "main");
    await this.#branch("main", "feature");
  }

  /** One or two changes, then one or two merges; now and then a compaction, a new branch or a deletion. */
  async step(choices: Choices): Promise<void> {
    const names = [...this.#branches.keys()];
    const dice = choices.below(40);
    const free = BRANCHES.find((name) => !this.#branches.has(name));
    if (dice < 2) await this.#compact(choices.of(names));
    if (dice >= 2 && dice < 6 && free !== undefined && names.length < LIVE_MAX) await this.#branch(choices.of(names), free);
    if (dice === 6 && names.length > 2) await this.#delete(choices.of(names.filter((name) => name !== "main")));
    for (let count = choices.below(2); count >= 0; count--) await this.#change(choices, choices.of([...this.#branches.keys()]));
    for (let count = choices.below(2); count >= 0; count--) {
      const live = [...this.#branches.keys()];
      const source = choices.of(live);
      await this.#merge(source, choices.of(live.filter((name) => name !== source)));
    }
  }

  async #change(choices: Choices, branch: string): Promise<void> {
    const { head } = this.#branches.get(branch) as ModelBranch;
    const dice = choices.below(20);
    if (dice < 12) return this.#load(choices, branch, head.state);
    if (dice < 19) return this.#remove(choices, branch, head.state);
    return this.#rewrite(choices, branch, head.state);
  }

  async #load(choices: Choices, branch: string, state: State): Promise<void> {
    const change = this.#randomRecords(choices, state);
    const records = recordsOf(this.#types, new Map([...change].map(([name, { written }]) => [name, written])));
    if (records.length === 0 || findViolations(this.#types, state, change).length > 0) return;
    await this.#graph.load(records.join("\n"), { mode: "merge", branch });
    await this.#commit(branch, applyChange(state, change));
  }

  #randomRecords(choices: Choices, state: State): Change {
    const change = emptyChange(this.#types);
    for (let count = choices.below(4); count >= 0; count--) {
      const type = choices.of(this.#types);
      const id = choices.of(type.kind === "node" ? NODE_IDS : EDGE_IDS);
      const entity = this.#randomEntity(choices, type, id, applyChange(state, change));
      if (entity !== undefined) change.get(type.name)?.written.set(id, entity);
    }
    return change;
  }

  #randomEntity(choices: Choices, type: ModelType, id: string, state: State): Entity | undefined {
    const values = Object.fromEntries(type.properties.map(({ name, values: pool }): [string, Json] => [name, name === "tag" ? id : choices.of(pool)]));
    const data = Object.fromEntries(Object.entries(type.kind === "node" ? { key: id, ...values } : values).sort(([a], [b]) => (a < b ? -1 : 1)));
    if (type.kind === "node") return { data };
    const [sources, targets] = [type.source, type.target].map((name) => [...(state.get(name) as ReadonlyMap<string, Entity>).keys()]) as [string[], string[]];
    if (sources.length === 0 || targets.length === 0) return undefined;
    return { from: choices.of(sources), to: choices.of(targets), data };
  }

  /** Deletes an entity, a node with its edges. */
  async #remove(choices: Choices, branch: string, state: State): Promise<void> {
    const type = choices.of(this.#types);
    const ids = [...(state.get(type.name) as ReadonlyMap<string, Entity>).keys()];
    if (ids.length === 0) return;
    const id = choices.of(ids);
    const change = emptyChange(this.#types);
    change.get(type.name)?.removed.add(id);
    for (const edge of type.kind === "node" ? this.#types : []) {
      for (const [edgeId, { from, to }] of state.get(edge.name) as ReadonlyMap<string, Entity>) {
        if (edge.kind === "edge" && ((edge.source === type.name && from === id) || (edge.target === type.name && to === id))) change.get(edge.name)?.removed.add(edgeId);
      }
    }
    if (findViolations(this.#types, state, change).length > 0) return;
    await this.#graph.mutate(`query remove() { delete ${type.name} where ${type.kind === "node" ? "key" : "tag"} = "${id}" }`, { branch });
    await this.#commit(branch, applyChange(state, change));
  }

  /** Writes every row anew: all of them become candidates, few of them changes. */
  async #rewrite(choices: Choices, branch: string, state: State): Promise<void> {
    const change = this.#randomRecords(choices, state);
    const after = applyChange(state, change);
    for (const [name, { removed, written }] of change) {
      for (const [id, entity] of after.get(name) ?? []) written.set(id, entity);
      for (const id of state.get(name)?.keys() ?? []) if (!written.has(id)) removed.add(id);
    }
    const isComplete = [...state].every(([name, entities]) => entities.size === 0 || (after.get(name)?.size ?? 0) > 0);
    const records = recordsOf(this.#types, after);
    if (!isComplete || records.length === 0 || findViolations(this.#types, state, change).length > 0) return;
    await this.#graph.load(records.join("\n"), { mode: "overwrite", branch });
    await this.#commit(branch, after);
  }

  async #commit(branch: string, state: State, mergedParent?: ModelCommit): Promise<void> {
    const { head } = this.#branches.get(branch) as ModelBranch;
    const id = await this.#graph.headCommitId(branch);
    const parents = mergedParent === undefined ? [head] : [head, mergedParent];
    this.#branches.set(branch, { name: branch, head: { id, version: head.version + 1, parents, state } });
  }

  async #branch(source: string, name: string): Promise<void> {
    await this.#graph.branchCreateFrom(source, name);
    this.#branches.set(name, { name, head: (this.#branches.get(source) as ModelBranch).head });
  }

  async #delete(name: string): Promise<void> {
    try {
      await this.#graph.branchDelete(name);
    } catch (error) {
      if (error instanceof BranchInUseError) return;
      throw error;
    }
    this.#branches.delete(name);
  }

  async #compact(branch: string): Promise<void> {
    const { commit } = await this.#process.writer.write({ branch: branch === "main" ? null : branch, actorId: null, operation: "optimize" }, (view) =>
      Promise.resolve({
        staged: {
          writerKind: "Optimize" as const,
          datasets: [...view.state.commit.pins.values()]
            .sort((a, b) => (a.typeKey < b.typeKey ? -1 : 1))
            .map(({ typeKey, entityCount }) => ({ typeKey, strictness: "strict" as const, effects: [{ kind: "compact" as const }], entityCountAfter: entityCount })),
        },
        result: undefined,
      }),
    );
    if (commit !== null) await this.#commit(branch, (this.#branches.get(branch) as ModelBranch).head.state);
  }

  async #merge(source: string, target: string): Promise<void> {
    const [from, into] = [this.#branches.get(source) as ModelBranch, this.#branches.get(target) as ModelBranch];
    const base = mergeBase(from.head, into.head);
    const outcome = base === from.head ? "already_up_to_date" : base === into.head ? "fast_forward" : "merged";
    const { change, conflicts } = mergeStates(this.#types, base.state, from.head.state, into.head.state);
    const expected = conflicts.length > 0 ? conflicts : findViolations(this.#types, into.head.state, change);
    const refused = outcome === "already_up_to_date" ? [] : sorted(expected);
    let actual: readonly ModelConflict[] = [];
    try {
      const receipt = await this.#graph.branchMerge(source, target);
      equal(receipt.outcome, outcome, `outcome of ${source} into ${target}`);
    } catch (error) {
      if (!(error instanceof MergeConflictsError)) throw error;
      actual = error.conflicts;
    }
    this.mergeCount++;
    deepEqual(actual, refused);
    if (outcome === "already_up_to_date") return;
    if (refused.length === 0) await this.#commit(target, applyChange(into.head.state, change), from.head);
    await this.#compare(target);
  }

  async #compare(branch: string): Promise<void> {
    const decoder = new TextDecoder();
    let text = "";
    for await (const chunk of this.#graph.exportJsonl({ target: { branch } })) text += decoder.decode(chunk, { stream: true });
    const { state } = (this.#branches.get(branch) as ModelBranch).head;
    deepEqual(text.split("\n").filter((line) => line !== "").map(canonical).sort(), recordsOf(this.#types, state).map(canonical).sort());
  }
}

function recordsOf(types: readonly ModelType[], entities: ReadonlyMap<string, ReadonlyMap<string, Entity>>): readonly string[] {
  return types.flatMap((type) =>
    [...(entities.get(type.name) ?? [])].map(([id, { from, to, data }]) =>
      JSON.stringify(type.kind === "node" ? { type: type.name, data: { ...data } } : { edge: type.name, from, to, data: { id, ...data } }),
    ),
  );
}

/** The id of a node is its key; an export writes it as well. */
function canonical(line: string): string {
  const record = JSON.parse(line) as { type?: string; data: Record<string, unknown> };
  if (record.type !== undefined) delete record.data["id"];
  const data = Object.fromEntries(Object.entries(record.data).sort(([a], [b]) => (a < b ? -1 : 1)));
  return JSON.stringify({ ...record, data });
}
