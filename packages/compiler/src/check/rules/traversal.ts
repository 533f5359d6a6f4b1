import type { BoundVariable } from "../../binder/bound-query.js";
import type { Scope } from "../../binder/scope.js";
import { ANONYMOUS } from "../../binder/variable-names.js";
import { type Catalog, type EdgeType, type NodeType, resolveEdgeType } from "../../catalog/catalog.js";
import { didYouMean } from "../../diagnostics/did-you-mean.js";
import type { Direction } from "../../plan/query-plan.js";
import type { Hops, Name, Traversal } from "../../query/query-ast.js";
import { typeError } from "../type-error.js";

/** T4: the edge word must name an edge type, exactly or ignoring case (TY-12). */
export function checkEdgeWord({ edge, source }: Traversal, catalog: Catalog, scope: Scope): EdgeType {
  const found = resolveEdgeType(catalog, edge.text);
  if (found !== undefined) return found;
  const looksLikeFilter = (edge.text === "contains" || edge.text === "starts_with") && scope.context.parameters.has(source.text);
  const hint = looksLikeFilter
    ? `'$${source.text} ${edge.text} $…' is read as a traversal; put a property or a literal on one side`
    : didYouMean(edge.text, [...catalog.edgeTypeByName.keys()].map((name) => name.charAt(0).toLowerCase() + name.slice(1)));
  throw typeError("T4", edge.span, `unknown edge '${edge.text}'`, { hint });
}

/** T15: `1 ≤ m ≤ n`, both written (CK-15). */
export function checkHopBounds(hops: Hops | undefined): { readonly minHops: number; readonly maxHops: number } {
  if (hops === undefined) return { minHops: 1, maxHops: 1 };
  const { minimum, maximum, span } = hops;
  if (maximum === undefined) throw typeError("T15", span, `hop bounds {${minimum},} need a maximum`, { hint: `write {${minimum},n} with a number for n` });
  if (minimum < 1) throw typeError("T15", span, `hop bounds {${minimum},${maximum}} must start at 1 or more`);
  if (maximum < minimum) throw typeError("T15", span, `hop bounds {${minimum},${maximum}} end before they start`);
  return { minHops: minimum, maxHops: maximum };
}

/** T22: without a direction both ends must be of one type. */
export function checkUndirected(traversal: Traversal, edge: EdgeType): void {
  if (traversal.isUndirected && edge.source !== edge.target) {
    throw typeError("T22", traversal.edge.span, `edge '${edge.name}' leads from ${edge.source} to ${edge.target} and cannot be traversed in both directions`, {
      hint: `write '${traversal.edge.text}' without < >`,
    });
  }
}

/** T23: an edge variable stands on one hop and has a name of its own. */
export function checkEdgeVariable(traversal: Traversal, maxHops: number, scope: Scope): void {
  const { edgeVariable, hops, source, destination } = traversal;
  if (edgeVariable === undefined) return;
  const name = edgeVariable.text;
  if (hops !== undefined && maxHops > 1) {
    throw typeError("T23", edgeVariable.span, `edge variable '$${name}' needs a single hop`, { hint: "remove the hop bounds or the edge variable" });
  }
  if (name === ANONYMOUS) return;
  const bound = scope.find(name);
  if (bound === undefined && name !== source.text && name !== destination.text) return;
  throw typeError("T23", edgeVariable.span, `edge variable '$${name}' has the name of another variable`, {
    ...(bound === undefined ? {} : { related: [{ span: bound.span, message: "first bound here" }] }),
  });
}

/** T23: an edge variable is no endpoint. */
export function checkEndpointIsNode(endpoint: Name, scope: Scope): BoundVariable | undefined {
  const bound = endpoint.text === ANONYMOUS ? undefined : scope.find(endpoint.text);
  if (bound?.kind === "edge") {
    throw typeError("T23", endpoint.span, `'$${endpoint.text}' is an edge variable and cannot be the end of a traversal`, {
      related: [{ span: bound.span, message: "first bound here" }],
    });
  }
  return bound;
}

/** T5, CK-13: direction from the written source to the written destination, inferred from the end that is bound. */
export function checkDirection(traversal: Traversal, edge: EdgeType, source: BoundVariable | undefined, destination: BoundVariable | undefined): Direction {
  if (traversal.isUndirected) return "both";
  if (edge.source === edge.target) return "out";
  const isForward = source !== undefined || destination === undefined;
  const bound = isForward ? source : destination;
  if (bound === undefined) return "out";
  const [near, far] = isForward ? [edge.source, edge.target] : [edge.target, edge.source];
  if (bound.type.name === near) return "out";
  if (bound.type.name === far) return "in";
  throw misfit(isForward ? traversal.source : traversal.destination, bound, edge);
}

/** T5: a bound endpoint has the type that the edge has at this end. */
export function checkEndpointType(name: Name, bound: BoundVariable, expected: NodeType, edge: EdgeType): void {
  if (bound.type !== expected) throw misfit(name, bound, edge);
}

function misfit(name: Name, bound: BoundVariable, edge: EdgeType): Error {
  return typeError("T5", name.span, `'$${name.text}' has type ${bound.type.name}; edge '${edge.name}' leads from ${edge.source} to ${edge.target}`, {
    related: [{ span: bound.span, message: "first bound here" }],
  });
}
