// A configuration as a large team would have it: many graphs, each with a schema, files of queries and a policy. No two texts are the same.
import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";

const QUERIES_PER_FILE = 5;

/** Writes `cluster.yaml` and everything it references below `directory`. Graphs are called `team-1`, `team-2`, … */
export function writeConfiguration(directory, { graphs, queries }) {
  const write = (path, text) => {
    mkdirSync(dirname(join(directory, path)), { recursive: true });
    writeFileSync(join(directory, path), text);
  };
  const ids = Array.from({ length: graphs }, (_, index) => index + 1);
  ids.forEach((id, index) => {
    write(`team-${id}/schema.pg`, schemaText(id));
    const count = Math.floor(queries / graphs) + (index < queries % graphs ? 1 : 0);
    for (let first = 0; first < count; first += QUERIES_PER_FILE) {
      const texts = Array.from({ length: Math.min(QUERIES_PER_FILE, count - first) }, (_, at) => queryText(id, first + at));
      write(`team-${id}/queries/part-${first / QUERIES_PER_FILE}.gq`, texts.join("\n"));
    }
    write(`policies/team-${id}.yaml`, policyText(id));
  });
  write("cluster.yaml", clusterText(ids));
}

/** A property more: what a migration adds. */
export function evolvedSchemaText(id) {
  return schemaText(id).replace("since: Date?", "since: Date?\n  left: Date?");
}

export function schemaText(id) {
  return `// Graph of team ${id}.
interface Titled {
  title: String @index
}

node Person @description("Somebody of team ${id}") {
  handle: String @key
  name: String @index
  since: Date?
}

node Team { slug: String @key  name: String }

node System @description("Something that team ${id} runs") implements Titled {
  slug: String @key
  tier: enum(critical, standard, experimental)
}

node Decision @description("A choice that was made, with its reasons") implements Titled {
  slug: String @key
  reasons: String @index
  made: Date
  status: enum(proposed, accepted, superseded)
}

edge MemberOf: Person -> Team @card(0..1)
edge Owns: Team -> System { @unique(src, dst) }
edge DependsOn: System -> System { @unique(src, dst) }
edge Concerns: Decision -> System
edge MadeBy: Decision -> Person
edge Supersedes: Decision -> Decision
`;
}

export function queryText(id, number) {
  const shapes = [
    `query context_${number}($system: String) @description("People behind a system of team ${id}")
{
  match {
    $s: System { slug: $system }
    $team owns $s
    $who memberOf $team
  }
  return { $s.title as system, $s.tier as tier, $team.name as team, $who.name as person }
  order { person }
}
`,
    `query needs_${number}($system: String)
{
  match {
    $s: System { slug: $system }
    $other dependsOn{1,3} $s
  }
  return { $other.title as system, $other.tier as tier }
  order { system }
  limit ${id + number}
}
`,
    `query in_force_${number}($system: String)
{
  match {
    $s: System { slug: $system }
    $d concerns $s
    $d.status = "accepted"
    not { $newer supersedes $d }
  }
  return { $d.title as decision, $d.made as made, $d.reasons as reasons }
  order { made desc }
  limit ${id + number}
}
`,
    `query record_${number}($slug: String, $title: String, $reasons: String, $made: Date, $system: String, $by: String) @description("Of team ${id}")
{
  insert Decision { slug: $slug, title: $title, reasons: $reasons, made: $made, status: "accepted" }
  insert Concerns { from: $slug, to: $system }
  insert MadeBy { from: $slug, to: $by }
}
`,
  ];
  return shapes[number % shapes.length];
}

function policyText(id) {
  return `version: 1
groups:
  team-${id}: [act-lead-${id}, act-agent-${id}]
protected_branches: [main]
rules:
  - id: read-${id}
    allow: { actors: { group: team-${id} }, actions: [read, export], branch_scope: any }
  - id: work-${id}
    allow: { actors: { group: team-${id} }, actions: [change], branch_scope: unprotected }
  - id: ask-${id}
    allow: { actors: { group: team-${id} }, actions: [invoke_query] }
`;
}

function clusterText(ids) {
  const graphs = ids.map((id) => `  team-${id}:\n    schema: team-${id}/schema.pg\n    queries: team-${id}/queries/`);
  const policies = ids.map((id) => `  team-${id}:\n    file: policies/team-${id}.yaml\n    applies_to: [team-${id}]`);
  return `version: 1\nmetadata:\n  name: many-teams\nstorage: ./state\n\ngraphs:\n${graphs.join("\n")}\n\npolicies:\n${policies.join("\n")}\n`;
}
