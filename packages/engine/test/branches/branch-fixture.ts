import type { Graph } from "../../src/graph.js";
import { resultRows } from "../../src/result/result-rows.js";
import type { ReadTarget } from "../../src/graph-api.js";

export const PEOPLE = "node Person {\n  name: String @key\n  age: I32?\n}\n\nnode City {\n  name: String @key\n}\n\nedge LivesIn: Person -> City\n";

const ADD = "query add($name: String, $age: I32?) { insert Person { name: $name, age: $age } }";
const REMOVE = "query remove($name: String) { delete Person where name = $name }";
const NAMES = "query names() { match { $p: Person } return { $p.name } order { $p.name asc } }";

export async function addPerson(graph: Graph, name: string, options: { readonly branch?: string; readonly age?: number; readonly actor?: string } = {}): Promise<string> {
  const { age, ...rest } = options;
  const { commit } = await graph.mutate(ADD, { params: age === undefined ? { name } : { name, age }, ...rest });
  return commit?.graphCommitId ?? "";
}

export async function removePerson(graph: Graph, name: string, branch?: string): Promise<void> {
  await graph.mutate(REMOVE, { params: { name }, ...(branch === undefined ? {} : { branch }) });
}

/** Names of all persons that the target shows, ascending. */
export async function persons(graph: Graph, target: ReadTarget = {}): Promise<readonly unknown[]> {
  return [...resultRows(await graph.query(NAMES, { target }))].map((row) => row["p.name"]);
}
