import type { Diagnostic } from "../diagnostics/diagnostic.js";
import type {
  IdentifiedEdge,
  IdentifiedInterface,
  IdentifiedNode,
  IdentifiedProperty,
  IdentifiedSchema,
  IdentifiedTable,
} from "./identified-schema.js";
import { type IdentityMatch, type TypeKind } from "./match-identity.js";
import type { PropertyShape, SchemaShape } from "./shape.js";

/** Never handed out (R08): the counter must be able to stand behind the last id. */
const ID_MAX = 2n ** 64n - 1n;

interface Numbered {
  readonly typeId: bigint;
  readonly entity: string;
  readonly properties: readonly PropertyShape[];
}

/**
 * Gives every type, property and table its id (§13.3): the predecessor's, or the next number of the counter.
 *
 * New ids go to new types first (interfaces, nodes, edges, each by name), then to new properties by owner id and
 * name, then to new tables by type id, so that equal changes give equal ids.
 */
export function assignIdentity(
  shape: SchemaShape,
  match: IdentityMatch,
  origin: { readonly domain: string; readonly nextId: bigint },
): IdentifiedSchema | { readonly diagnostic: Diagnostic } {
  let nextId = origin.nextId;
  const take = (): bigint => nextId++;

  const number = (kind: TypeKind, types: readonly { readonly name: string; readonly properties: readonly PropertyShape[] }[]): Numbered[] =>
    types.map(({ name, properties }) => {
      const entity = `${kind}:${name}`;
      return { entity, properties, typeId: match.types.get(entity)?.typeId ?? take() };
    });
  const numbered = [...number("interface", shape.interfaces), ...number("node", shape.nodes), ...number("edge", shape.edges)];
  const byTypeId = numbered.toSorted((a, b) => (a.typeId < b.typeId ? -1 : 1));

  const propertiesOf = new Map<string, readonly IdentifiedProperty[]>();
  for (const { entity, properties } of byTypeId) {
    const identified = properties.map((property) => ({
      ...property,
      propertyId: match.properties.get(`${entity}.${property.name}`)?.propertyId ?? take(),
    }));
    propertiesOf.set(entity, identified);
  }

  const incarnationOf = new Map<string, bigint>();
  for (const { entity } of byTypeId) {
    if (entity.startsWith("interface:")) continue;
    const predecessor = match.types.get(entity) as IdentifiedTable | undefined;
    incarnationOf.set(entity, predecessor?.incarnationId ?? take());
  }
  if (nextId > ID_MAX) {
    return {
      diagnostic: {
        rule: "R08",
        severity: "error",
        message: "the identity allocator is exhausted",
        hint: "export the graph and import it into a new one",
      },
    };
  }

  const typeIdOf = new Map(numbered.map(({ entity, typeId }) => [entity, typeId]));
  const identityOf = (entity: string): { typeId: bigint; incarnationId: bigint; properties: readonly IdentifiedProperty[] } => ({
    typeId: typeIdOf.get(entity) ?? 0n,
    incarnationId: incarnationOf.get(entity) ?? 0n,
    properties: propertiesOf.get(entity) ?? [],
  });
  return {
    domain: origin.domain,
    nextId,
    interfaces: shape.interfaces.map(({ name }): IdentifiedInterface => {
      const { typeId, properties } = identityOf(`interface:${name}`);
      return { name, typeId, properties };
    }),
    nodes: shape.nodes.map((node): IdentifiedNode => ({ ...node, ...identityOf(`node:${node.name}`) })),
    edges: shape.edges.map((edge): IdentifiedEdge => ({ ...edge, ...identityOf(`edge:${edge.name}`) })),
  };
}
