import fc from "fast-check";

export interface SchemaArbitraryOptions {
  /** Most node types; at least one is generated. Default 4. */
  readonly nodeTypesMax?: number;
  /** Most edge types. Default 4. */
  readonly edgeTypesMax?: number;
  /** Most properties of one type besides its key. Default 6. */
  readonly propertiesMax?: number;
  /** Whether blobs, lists, vectors are generated. Default true. */
  readonly allTypes?: boolean;
}

/** A valid schema in parts, so that tests can build rows for it without compiling it. */
export interface GeneratedSchema {
  readonly source: string;
  readonly nodeNames: readonly string[];
  readonly edgeNames: readonly string[];
}

const KEY_TYPES = ["String", "I32", "I64", "U32", "U64", "F64", "Bool", "Date", "DateTime", "enum(red, green, blue)"] as const;
const SCALARS = ["String", "Bool", "I32", "I64", "U32", "U64", "F32", "F64", "Date", "DateTime"] as const;

function propertyType(allTypes: boolean): fc.Arbitrary<string> {
  const scalar = fc.constantFrom(...SCALARS);
  const enumType = fc
    .uniqueArray(fc.stringMatching(/^[A-Za-z0-9_-]{1,6}$/), { minLength: 1, maxLength: 4 })
    .map((values) => `enum(${values.join(", ")})`);
  const narrow = [scalar, enumType];
  const wide = [
    scalar.map((name) => `[${name}]`),
    fc.integer({ min: 1, max: 8 }).map((dimension) => `Vector(${dimension})`),
    fc.constant("Blob"),
  ];
  const core = fc.oneof(...narrow, ...(allTypes ? wide : []));
  return fc.tuple(core, fc.boolean()).map(([type, isNullable]) => (isNullable ? `${type}?` : type));
}

const RESERVED: ReadonlySet<string> = new Set(["id", "src", "dst", "from", "to", "_tombstone", "_rowid", "_rowaddr", "_rowoffset"]);

const propertyName = fc.stringMatching(/^[a-z_][A-Za-z0-9_]{0,7}$/).filter((name) => !name.startsWith("__") && !RESERVED.has(name));

function propertyNames(max: number): fc.Arbitrary<string[]> {
  return fc.uniqueArray(propertyName, { maxLength: max });
}

interface Member {
  readonly name: string;
  readonly type: string;
  readonly isIndexed: boolean;
}

function members(max: number, allTypes: boolean): fc.Arbitrary<Member[]> {
  return propertyNames(max).chain((names) =>
    fc.tuple(...names.map((name) => fc.record({ name: fc.constant(name), type: propertyType(allTypes), isIndexed: fc.boolean() }))),
  );
}

function memberText({ name, type, isIndexed }: Member): string {
  const index = isIndexed && !type.startsWith("[") && !type.startsWith("Blob") ? " @index" : "";
  return `    ${name}: ${type}${index}\n`;
}

function nodeText(name: string, keyTypes: readonly string[], rest: readonly Member[], unique: boolean): string {
  // A generated member may be called like a key member; the key wins.
  const keys = keyTypes.map((type, index) => `    k_${index}: ${type}\n`);
  const names = keyTypes.map((_, index) => `k_${index}`);
  const body = rest.filter((member) => !names.includes(member.name));
  const uniqueMember = body.find((member) => SCALARS.some((scalar) => member.type.replace("?", "") === scalar));
  const key = keys.length === 0 ? "" : `    @key(${names.join(", ")})\n`;
  const uniqueText = unique && uniqueMember !== undefined ? `    @unique(${uniqueMember.name})\n` : "";
  return `node ${name} {\n${keys.join("")}${body.map(memberText).join("")}${key}${uniqueText}}\n`;
}

/**
 * Valid schemas with keyless, simply and compositely keyed nodes of every key type, properties of every type, and
 * edges with and without properties, cardinality and uniqueness.
 */
export function schemaArbitrary(options: SchemaArbitraryOptions = {}): fc.Arbitrary<GeneratedSchema> {
  const { nodeTypesMax = 4, edgeTypesMax = 4, propertiesMax = 6, allTypes = true } = options;
  const node = fc.record({
    keyTypes: fc.array(fc.constantFrom(...KEY_TYPES), { maxLength: 2 }),
    members: members(propertiesMax, allTypes),
    unique: fc.boolean(),
  });
  const edge = fc.record({
    source: fc.nat(),
    target: fc.nat(),
    card: fc.constantFrom("", " @card(0..1)", " @card(0..3)", " @card(1..)"),
    members: members(Math.min(3, propertiesMax), allTypes),
    unique: fc.constantFrom("", "    @unique(src, dst)\n", "    @index(src)\n"),
  });
  return fc
    .record({ nodes: fc.array(node, { minLength: 1, maxLength: nodeTypesMax }), edges: fc.array(edge, { maxLength: edgeTypesMax }) })
    .map(({ nodes, edges }) => {
      const nodeNames = nodes.map((_, index) => `N${index}`);
      const edgeNames = edges.map((_, index) => `E${index}`);
      const endpoint = (position: number): string => `N${position % nodes.length}`;
      const texts = [
        ...nodes.map((item, index) => nodeText(`N${index}`, item.keyTypes, item.members, item.unique)),
        ...edges.map((item, index) => {
          const head = `edge E${index}: ${endpoint(item.source)} -> ${endpoint(item.target)}${item.card}`;
          return `${head} {\n${item.members.map(memberText).join("")}${item.unique}}\n`;
        }),
      ];
      return { source: texts.join("\n"), nodeNames, edgeNames };
    });
}
