import type { EdgeShape, InterfaceShape, NodeShape, PropertyShape } from "./shape.js";

/**
 * The accepted schema (§13): a shape whose types, properties and tables have ids. References stay names here; the
 * document of §13.2 spells them with ids as well. It is a `SchemaShape` too, the one that its source has.
 */
export interface IdentifiedSchema {
  /** ULID minted at graph creation, never changed. */
  readonly domain: string;
  /** Next number of the one counter behind all ids; never handed out twice. */
  readonly nextId: bigint;
  readonly interfaces: readonly IdentifiedInterface[];
  readonly nodes: readonly IdentifiedNode[];
  readonly edges: readonly IdentifiedEdge[];
}

export interface IdentifiedProperty extends PropertyShape {
  readonly propertyId: bigint;
}

interface Identity {
  readonly typeId: bigint;
  readonly properties: readonly IdentifiedProperty[];
}

interface TableIdentity extends Identity {
  readonly incarnationId: bigint;
}

export type IdentifiedInterface = Omit<InterfaceShape, "properties"> & Identity;
export type IdentifiedNode = Omit<NodeShape, "properties"> & TableIdentity;
export type IdentifiedEdge = Omit<EdgeShape, "properties"> & TableIdentity;
export type IdentifiedTable = IdentifiedNode | IdentifiedEdge;
export type IdentifiedType = IdentifiedInterface | IdentifiedTable;
