import { DEFAULT_TEXT_ANALYSIS } from "../types/text-analysis.js";
import type { Catalog, EdgeType, NodeType, Property } from "./catalog.js";
import type { IdentifiedEdge, IdentifiedNode, IdentifiedSchema, IdentifiedTable } from "./identified-schema.js";
import { edgeTypeKey, nodeTypeKey } from "./type-key.js";

/** Accepted schema → catalog, indexed by name. */
export function buildCatalog(schema: IdentifiedSchema, hashes: { readonly shapeHash: string; readonly irHash: string }): Catalog {
  const nodeTypes = schema.nodes.map(buildNodeType);
  const edgeTypes = schema.edges.map(buildEdgeType);
  return Object.freeze({
    ...hashes,
    nodeTypes,
    edgeTypes,
    nodeTypeByName: new Map(nodeTypes.map((type) => [type.name, type])),
    edgeTypeByName: new Map(edgeTypes.map((type) => [type.name, type])),
    edgeTypeByFoldedName: new Map(edgeTypes.map((type) => [type.name.toLowerCase(), type])),
    interfaceNames: schema.interfaces.map((type) => type.name),
  });
}

function buildProperties(table: IdentifiedTable): Pick<NodeType, "properties" | "propertyByName"> {
  const texts = new Map(table.constraints.flatMap((item) => (item.kind === "index" && item.text !== undefined ? [[item.fields[0], item.text]] : [])));
  const properties = table.properties.map(
    ({ name, propertyId, type, annotations, embed }): Property => {
      const textAnalysis = texts.get(name) ?? DEFAULT_TEXT_ANALYSIS;
      return { name, propertyId, type, annotations, embed, textAnalysis };
    },
  );
  return { properties, propertyByName: new Map(properties.map((property) => [property.name, property])) };
}

function buildNodeType(node: IdentifiedNode): NodeType {
  const { name, typeId, incarnationId, annotations, constraints } = node;
  const { properties, propertyByName } = buildProperties(node);
  const keyFields = new Set(constraints.flatMap((constraint) => (constraint.kind === "key" ? constraint.fields : [])));
  const key = properties.filter((property) => keyFields.has(property.name)).sort((a, b) => (a.propertyId < b.propertyId ? -1 : 1));
  return {
    kind: "node",
    typeKey: nodeTypeKey(name),
    name,
    typeId,
    incarnationId,
    annotations,
    properties,
    propertyByName,
    constraints,
    interfaces: node.implements,
    key,
  };
}

function buildEdgeType(edge: IdentifiedEdge): EdgeType {
  const { name, typeId, incarnationId, annotations, constraints, source, target, cardinality } = edge;
  return {
    kind: "edge",
    typeKey: edgeTypeKey(name),
    name,
    typeId,
    incarnationId,
    annotations,
    ...buildProperties(edge),
    constraints,
    source,
    target,
    cardinality,
  };
}
