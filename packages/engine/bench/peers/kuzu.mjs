// Kuzu: node and relationship tables, COPY from CSV, prepared Cypher, its vector (HNSW) and full-text indexes.
import { createWriteStream, mkdirSync, rmSync } from "node:fs";
import { once } from "node:events";
import * as kuzu from "kuzu";
import { fuseRanks } from "../rank-fusion.mjs";
import { readRecords } from "../read-records.mjs";

const POOL_BYTES = 6 * 2 ** 30;
const THREADS = 2;
const STATEMENTS = {
  person: "MATCH (p:Person {slug: $s}) RETURN p.slug AS slug, p.name AS name, p.age AS age, p.city AS city, p.bio AS bio",
  neighbourNames: "MATCH (:Person {slug: $s})-[:Knows]->(b:Person) RETURN b.name AS n",
  // Without the hint it takes six times as long.
  twoHops: "MATCH (a:Person {slug: $s})-[e:Knows]->(b:Person)-[f:Knows]->(c:Person) WHERE c.age > 50 AND id(c) <> id(a) HINT (((a JOIN e) JOIN b) JOIN f) JOIN c RETURN count(DISTINCT id(c)) AS n",
  threeHops: "MATCH (a:Person {slug: $s})-[:Knows* SHORTEST 1..3]->(b:Person) WHERE id(b) <> id(a) RETURN count(*) AS n",
  sectorAges: "MATCH (p:Person)-[:WorksAt]->(c:Company) RETURN c.sector AS s, avg(p.age) AS a",
  lonely: "MATCH (p:Person) WHERE p.age > 60 AND NOT EXISTS { MATCH (p)-[:Knows]->(q:Person) WHERE q.city = p.city } RETURN count(*) AS n",
  upsertOne: "MERGE (p:Person {slug: $slug}) SET p.name = $name, p.age = $age, p.city = $city, p.bio = $bio",
};
const SEARCHES = {
  nearest: "CALL QUERY_VECTOR_INDEX('Person', 'vidx', $v, 10) RETURN node.slug AS s, distance ORDER BY distance",
  nearestOlder: "CALL QUERY_VECTOR_INDEX('over60', 'vidx', $v, 10) RETURN node.slug AS s, distance ORDER BY distance",
  bestTexts: "CALL QUERY_FTS_INDEX('Person', 'fidx', $t, top := 10) RETURN node.slug AS s, score ORDER BY score DESC, s",
  nearest50: "CALL QUERY_VECTOR_INDEX('Person', 'vidx', $v, 50) RETURN node.slug AS s, distance ORDER BY distance",
  bestTexts50: "CALL QUERY_FTS_INDEX('Person', 'fidx', $t, top := 50) RETURN node.slug AS s, score ORDER BY score DESC, s",
  neighbours: "MATCH (a:Person)-[:Knows]->(b:Person) WHERE a.slug IN $ids RETURN b.name AS n",
};

export function createSubject() {
  let database;
  let connection;
  const statements = {};

  function connect(db) {
    database = new kuzu.Database(`${db}/graph.kuzu`, POOL_BYTES, true, false);
    connection = new kuzu.Connection(database, THREADS);
  }

  async function prepare(sources) {
    for (const [name, text] of Object.entries(sources)) {
      statements[name] = await connection.prepare(text);
      if (!statements[name].isSuccess()) throw new Error(`${name}: ${statements[name].getErrorMessage()}`);
    }
  }

  async function ask(name, parameters) {
    const result = await connection.execute(statements[name], parameters);
    const rows = await result.getAll();
    result.close();
    return rows;
  }

  /** Results that are left open crash the process at its end. */
  async function run(text) {
    const results = await connection.query(text);
    for (const result of [results].flat()) result.close();
  }

  async function close() {
    await connection.close();
    await database.close();
  }

  const slugsOf = (rows) => rows.map(({ s }) => s);

  return {
    async load({ data, db, embeddings }) {
      mkdirSync(db, { recursive: true });
      const folder = `${db}/import`;
      const counts = await writeTables(data, folder, embeddings);
      connect(db);
      const script = [
        `CREATE NODE TABLE Person(slug STRING PRIMARY KEY, name STRING, age INT64, city STRING, bio STRING${embeddings ? ", embedding FLOAT[128]" : ""})`,
        "CREATE NODE TABLE Company(slug STRING PRIMARY KEY, name STRING, sector STRING)",
        "CREATE REL TABLE Knows(FROM Person TO Person, since DATE)",
        "CREATE REL TABLE WorksAt(FROM Person TO Company)",
        ...["Person", "Company", "Knows", "WorksAt"].map((table) => `COPY ${table} FROM '${folder}/${table}.csv'`),
        "CHECKPOINT",
      ];
      for (const statement of script) await run(statement);
      await close();
      rmSync(folder, { recursive: true });
      return counts;
    },
    async openCold(db) {
      connect(db);
      await prepare({ person: STATEMENTS.person });
    },
    async open(db) {
      connect(db);
      await prepare(STATEMENTS);
    },
    close,

    person: async (slug) => (await ask("person", { s: slug }))[0],
    neighbourNames: async (slug) => (await ask("neighbourNames", { s: slug })).map(({ n }) => n),
    twoHopCount: async (slug) => Number((await ask("twoHops", { s: slug }))[0].n),
    threeHopCount: async (slug) => Number((await ask("threeHops", { s: slug }))[0].n),
    sectorAges: async () => (await ask("sectorAges", {})).map(({ s, a }) => [s, a]),
    lonelyCount: async () => Number((await ask("lonely", {}))[0].n),
    async upsert(persons) {
      const upsertOne = ({ slug, name, age, city, bio }) => ask("upsertOne", { slug, name, age, city, bio });
      if (persons.length === 1) return upsertOne(persons[0]);
      await run("BEGIN TRANSACTION");
      for (const person of persons) await upsertOne(person);
      return run("COMMIT");
    },

    async indexSearch() {
      await run("CALL CREATE_VECTOR_INDEX('Person', 'vidx', 'embedding', metric := 'cosine')");
      await run("CALL CREATE_FTS_INDEX('Person', 'fidx', ['bio'], stemmer := 'none')");
      await run("CHECKPOINT");
    },
    async openSearch() {
      await run("CALL PROJECT_GRAPH_CYPHER('over60', 'MATCH (p:Person) WHERE p.age > 60 RETURN p')");
      await prepare(SEARCHES);
    },
    nearest: async (vector, _count, olderThan) => slugsOf(await ask(olderThan === null ? "nearest" : "nearestOlder", { v: vector })),
    bestTexts: async (terms) => slugsOf(await ask("bestTexts", { t: terms })),
    async hybrid(vector, terms) {
      const slugs = fuseRanks([slugsOf(await ask("nearest50", { v: vector })), slugsOf(await ask("bestTexts50", { t: terms }))], 10);
      return { slugs, names: (await ask("neighbours", { ids: slugs })).map(({ n }) => n) };
    },
  };
}

/** One CSV file per table, which is what its bulk loader reads. */
async function writeTables(data, folder, embeddings) {
  mkdirSync(folder, { recursive: true });
  const files = Object.fromEntries(["Person", "Company", "Knows", "WorksAt"].map((table) => [table, createWriteStream(`${folder}/${table}.csv`, { highWaterMark: 1 << 20 })]));
  let nodes = 0;
  let edges = 0;
  for (const { type, edge, from, to, data: values } of readRecords(data)) {
    if (type === undefined) edges++;
    else nodes++;
    const line = type === "Person" ? personLine(values, embeddings) : type === "Company" ? `${values.slug},${quoted(values.name)},${quoted(values.sector)}` : edge === "Knows" ? `${from},${to},${values.since}` : `${from},${to}`;
    const file = files[type ?? edge];
    if (!file.write(`${line}\n`)) await once(file, "drain");
  }
  for (const file of Object.values(files)) await once(file.end(), "finish");
  return { nodes, edges };
}

function personLine({ slug, name, age, city, bio, embedding }, embeddings) {
  return `${slug},${quoted(name)},${age},${quoted(city)},${quoted(bio)}${embeddings ? `,"[${embedding.join(",")}]"` : ""}`;
}

function quoted(text) {
  return `"${text.replaceAll('"', '""')}"`;
}
