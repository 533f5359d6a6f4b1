import { makeTempDir, startS3Server } from "@omnigraphdb/testkit";
import fc from "fast-check";
import { expect, test } from "vitest";
import { Graph } from "../../src/graph.js";
import { parseS3Environment } from "../../src/storage/s3-settings.js";
import { type ExportRecord, exportRecords, expectSameRecords } from "./migration-fixture.js";

const SEED = 20_261_121;
const HISTORY_COUNT = 6;

/** A schema and its rows as plain data. Properties and types are objects, so their identity is that of the object. */
interface ModelProperty {
  name: string;
  readonly type: "I32" | "String" | "enum";
  values: readonly string[];
  isIndexed: boolean;
}
interface ModelType {
  name: string;
  readonly properties: ModelProperty[];
  readonly rows: Map<string, Map<ModelProperty, unknown>>;
}

/** Numbers that choose what a step does; each is taken modulo what there is to choose from. */
interface Step {
  readonly action: number;
  readonly type: number;
  readonly property: number;
  readonly value: number;
}

const histories = fc.array(
  fc.record({ action: fc.nat(99), type: fc.nat(99), property: fc.nat(99), value: fc.nat(99) }),
  { minLength: 4, maxLength: 9 },
);

class Model {
  readonly types: ModelType[] = [];
  readonly #hints = new Map<ModelType | ModelProperty, string>();
  /** What was added since the last {@link commit}: it has no accepted name that a hint could give. */
  readonly #isNew = new Set<ModelType | ModelProperty>();
  #nameCount = 0;

  constructor() {
    this.#addType();
    this.#addType();
  }

  /** One or two edits of the schema, and the source that asks for them. */
  edit(step: Step): string {
    this.#hints.clear();
    this.#editOnce(step);
    this.#editOnce({ ...step, action: step.value, type: step.property });
    return this.source();
  }

  /** The source was accepted. */
  commit(): void {
    this.#isNew.clear();
  }

  source(): string {
    return this.types
      .map((type) => {
        const properties = type.properties.map((property) => `  ${property.name}: ${typeText(property)}?${property.isIndexed ? " @index" : ""}${this.#hint(property)}`);
        return `node ${type.name}${this.#hint(type)} {\n  k: String @key\n${properties.join("\n")}\n}`;
      })
      .join("\n");
  }

  /** Rows for a load in mode merge, which replaces whole entities. */
  write({ type, value }: Step): string {
    const written = pick(this.types, type);
    const lines = [value % 5, (value + 1) % 5].map((row) => {
      const cells = new Map<ModelProperty, unknown>(written.properties.map((property, index) => [property, cellOf(property, value + index)]));
      written.rows.set(`r${row}`, cells);
      return JSON.stringify({ type: written.name, data: { k: `r${row}`, ...Object.fromEntries([...cells].map(([property, cell]) => [property.name, cell])) } });
    });
    return lines.join("\n");
  }

  records(): readonly ExportRecord[] {
    return this.types.flatMap((type) =>
      [...type.rows].map(([id, cells]) => ({
        type: type.name,
        data: { id, k: id, ...Object.fromEntries(type.properties.map((property) => [property.name, cells.get(property) ?? null])) },
      })),
    );
  }

  #hint(named: ModelType | ModelProperty): string {
    const old = this.#hints.get(named);
    return old === undefined ? "" : ` @rename_from("${old}")`;
  }

  #editOnce({ action, type: typeChoice, property: propertyChoice, value }: Step): void {
    const type = pick(this.types, typeChoice);
    const property = type.properties.length === 0 ? undefined : pick(type.properties, propertyChoice);
    switch (action % 8) {
      case 0:
        return this.#addType();
      case 1:
        if (this.types.length > 1 && !this.#hints.has(type)) this.types.splice(this.types.indexOf(type), 1);
        return;
      case 2:
        return this.#rename(type, "T");
      case 3:
      case 4:
        type.properties.push(this.#newProperty(value));
        return;
      case 5:
        // Rule U15: an indexed property cannot be dropped.
        if (property !== undefined && !property.isIndexed && !this.#hints.has(property)) type.properties.splice(type.properties.indexOf(property), 1);
        return;
      case 6:
        if (property !== undefined) this.#rename(property, "p");
        return;
      default:
        if (property?.type === "enum") property.values = [...property.values, `v${property.values.length}`];
        else if (property !== undefined) property.isIndexed = true;
    }
  }

  #rename(named: ModelType | ModelProperty, prefix: string): void {
    if (this.#hints.has(named) || this.#isNew.has(named)) return;
    this.#hints.set(named, named.name);
    named.name = this.#freshName(prefix);
  }

  #addType(): void {
    const type: ModelType = { name: this.#freshName("T"), properties: [this.#newProperty(this.#nameCount)], rows: new Map() };
    this.types.push(type);
    this.#isNew.add(type);
  }

  #newProperty(choice: number): ModelProperty {
    const property: ModelProperty = { name: this.#freshName("p"), type: pick(["I32", "String", "enum"] as const, choice), values: ["v0", "v1"], isIndexed: false };
    this.#isNew.add(property);
    return property;
  }

  #freshName(prefix: string): string {
    return `${prefix}${this.#nameCount++}`;
  }
}

function pick<T>(items: readonly T[], choice: number): T {
  return items[choice % items.length] as T;
}

function typeText({ type, values }: ModelProperty): string {
  return type === "enum" ? `enum(${values.join(", ")})` : type;
}

function cellOf({ type, values }: ModelProperty, value: number): unknown {
  if (value % 4 === 0) return null;
  return type === "I32" ? value : type === "String" ? `text ${value}` : pick(values, value);
}

async function checkHistory(steps: readonly Step[], graph: Graph, model: Model): Promise<void> {
  const seen: { readonly snapshotId: string; readonly records: readonly ExportRecord[] }[] = [];
  for (const step of steps) {
    await graph.load(model.write(step), { mode: "merge" });
    const source = model.edit(step);
    const before = await graph.headCommitId();
    const { applied } = await graph.applySchema(source, { actor: "act-migrate" });
    model.commit();
    expect((await graph.headCommitId()) !== before).toBe(applied);
    const records = await exportRecords(graph);
    expectSameRecords(records, model.records());
    seen.push({ snapshotId: await graph.headCommitId(), records });
  }
  for (const { snapshotId, records } of seen) expect(await exportRecords(graph, { snapshot: snapshotId })).toEqual(records);
}

test(`SA-5 SN-10 random migrations between random writes keep exactly the data the model keeps, at every version (seed ${SEED})`, { timeout: 120_000 }, () =>
  fc.assert(
    fc.asyncProperty(histories, async (steps) => {
      await using directory = await makeTempDir();
      const root = `${directory.path}/graph`;
      const model = new Model();
      await using graph = await Graph.init(root, model.source(), { settings: { durability: "process" } });
      model.commit();
      await checkHistory(steps, graph, model);
      await graph.close();
      await using reopened = await Graph.open(root, { mode: "ro" });
      expectSameRecords(await exportRecords(reopened), model.records());
    }),
    { seed: SEED, numRuns: HISTORY_COUNT, endOnFailure: true },
  ),
);

test("ST-8 the same on the S3-compatible server, where a rename is a copy and a delete", { timeout: 60_000 }, async () => {
  await using server = await startS3Server();
  const settings = { s3: parseS3Environment(server.environment) };
  const [steps = []] = fc.sample(histories, { seed: SEED, numRuns: 1 });
  const model = new Model();
  await using graph = await Graph.init("s3://bucket/graph", model.source(), { settings });
  model.commit();
  await checkHistory(steps.slice(0, 4), graph, model);
  await using reader = await Graph.open("s3://bucket/graph", { mode: "ro", settings });
  expectSameRecords(await exportRecords(reader), model.records());
});
