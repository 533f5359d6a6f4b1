/** Names a type across both kinds: in the manifest, in datasets' pins and in every map of types. */
export type TypeKey = `node:${string}` | `edge:${string}`;

export function nodeTypeKey(name: string): `node:${string}` {
  return `node:${name}`;
}

export function edgeTypeKey(name: string): `edge:${string}` {
  return `edge:${name}`;
}

/** @returns undefined for text that is no type key; whether such a type exists is another question */
export function parseTypeKey(typeKey: string): { readonly kind: "node" | "edge"; readonly name: string } | undefined {
  if (typeKey.startsWith("node:")) return { kind: "node", name: typeKey.slice("node:".length) };
  return typeKey.startsWith("edge:") ? { kind: "edge", name: typeKey.slice("edge:".length) } : undefined;
}
