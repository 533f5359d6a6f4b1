import type { BaseType, Catalog, EntityType, PropertyType } from "@omnigraphdb/compiler";
import fc from "fast-check";

/** JSON text: numbers keep every digit, which values of the host language would lose. */
export type JsonText = string;

const scalarText = (base: BaseType, enumValues: readonly string[] | undefined): fc.Arbitrary<JsonText> => {
  if (enumValues !== undefined) return fc.constantFrom(...enumValues).map((value) => JSON.stringify(value));
  switch (base.kind) {
    case "String":
      return fc.string({ unit: "binary", maxLength: 40 }).map((value) => JSON.stringify(value));
    case "Bool":
      return fc.boolean().map(String);
    case "I32":
      return fc.integer().map(String);
    case "U32":
      return fc.nat(0xffff_ffff).map(String);
    case "I64":
      return fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }).map(String);
    case "U64":
      return fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }).map(String);
    case "F32":
      return fc.float({ noNaN: true, noDefaultInfinity: true }).map(numberText);
    case "F64":
      return fc.double({ noNaN: true, noDefaultInfinity: true }).map(numberText);
    case "Date":
      return fc.oneof(fc.integer().map(String), fc.constantFrom('"2024-02-29"', '"1969-12-31"'));
    case "DateTime":
      return fc.oneof(fc.maxSafeInteger().map(String), fc.constantFrom('"2024-02-29T23:59:59.999Z"', '"1960-01-01T00:00:00+02:00"'));
    case "Blob":
      return fc.uint8Array({ maxLength: 30 }).map((bytes) => `"base64:${Buffer.from(bytes).toString("base64")}"`);
    case "Vector":
      return fc
        .array(fc.float({ noNaN: true, noDefaultInfinity: true }).map(numberText), { minLength: base.dimension, maxLength: base.dimension })
        .map((items) => `[${items.join(",")}]`);
  }
};

function numberText(value: number): JsonText {
  return Object.is(value, -0) ? "-0" : String(value);
}

function valueText(type: PropertyType): fc.Arbitrary<JsonText> {
  const one = scalarText(type.base, type.enumValues);
  const value = type.isList ? fc.array(one, { maxLength: 4 }).map((items) => `[${items.join(",")}]`) : one;
  return type.isNullable ? fc.option(value, { nil: "null", freq: 3 }) : value;
}

function dataText(type: EntityType, id: string | undefined): fc.Arbitrary<JsonText> {
  const members = type.properties.map((property) => valueText(property.type).map((text) => `${JSON.stringify(property.name)}:${text}`));
  const idMember = id === undefined ? [] : [`"id":${JSON.stringify(id)}`];
  return fc.tuple(...members).map((parts) => `{${[...idMember, ...parts].join(",")}}`);
}

/** Load records for the node types of a catalog, as JSON lines. Keyed records may repeat a key: load them one by one. */
export function nodeRecords(catalog: Catalog, perType: number): fc.Arbitrary<readonly JsonText[]> {
  const records = catalog.nodeTypes.flatMap((type) =>
    Array.from({ length: perType }, (_, i) => {
      const id = type.key.length === 0 ? `${type.name}-${i}` : undefined;
      return dataText(type, id).map((data) => `{"type":${JSON.stringify(type.name)},"data":${data}}`);
    }),
  );
  return fc.tuple(...records);
}

/** Edge records between the given entity ids by node type name. Types whose ends have no entity get none. */
export function edgeRecords(catalog: Catalog, idsByType: ReadonlyMap<string, readonly string[]>, perType: number): fc.Arbitrary<readonly JsonText[]> {
  const records = catalog.edgeTypes.flatMap((type) => {
    const sources = idsByType.get(type.source) ?? [];
    const targets = idsByType.get(type.target) ?? [];
    if (sources.length === 0 || targets.length === 0) return [];
    return Array.from({ length: perType }, (_, i) =>
      fc.tuple(fc.constantFrom(...sources), fc.constantFrom(...targets), dataText(type, `${type.name}-${i}`)).map(
        ([from, to, data]) => `{"edge":${JSON.stringify(type.name)},"from":${JSON.stringify(from)},"to":${JSON.stringify(to)},"data":${data}}`,
      ),
    );
  });
  return fc.tuple(...records);
}
