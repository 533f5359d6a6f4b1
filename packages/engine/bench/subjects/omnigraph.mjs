// The embedded library: the workloads as compiled .gq text.
import { createReadStream, readFileSync } from "node:fs";
import { Graph, resultRows } from "@omnigraphdb/engine";

/** The peers do not sync their writes either; what syncing costs is measured by `bench/durability.mjs`. */
const SETTINGS = { durability: "process" };

const SCHEMA = readFileSync(new URL("../schema.pg", import.meta.url), "utf8");
/** Persons with embeddings, and with the indexes that searches profit from. */
const SEARCH_SCHEMA = SCHEMA.replace("  bio: String\n", "  bio: String @index\n  embedding: Vector(128)? @index\n");
const QUERIES = readFileSync(new URL("../queries.gq", import.meta.url), "utf8");
const SEARCHES = readFileSync(new URL("../searches.gq", import.meta.url), "utf8");
/** Up to here persons are upserted by one insert statement each; larger batches are loaded. */
const STATEMENTS_MAX = 1;

export function createSubject() {
  let graph;
  /** Prepared queries by name. */
  const prepared = new Map();

  async function ask(name, params, source = QUERIES) {
    let query = prepared.get(name);
    if (query === undefined) prepared.set(name, (query = graph.prepare(source, name)));
    return query.run(params === undefined ? {} : { params });
  }

  async function askOne(name, params) {
    return resultRows(await ask(name, params)).next().value;
  }

  return {
    async load({ data, db, embeddings }) {
      graph = await Graph.init(db, embeddings ? SEARCH_SCHEMA : SCHEMA, { settings: SETTINGS });
      const receipt = await graph.load(createReadStream(data, { highWaterMark: 1 << 20 }), { mode: "append" });
      await graph.close();
      const count = (types) => types.reduce((total, type) => total + type.entitiesLoaded, 0);
      return { nodes: count(receipt.nodes), edges: count(receipt.edges) };
    },
    async open(db) {
      graph = await Graph.open(db, { mode: "rw", settings: SETTINGS });
    },
    close: () => graph.close(),

    person: (slug) => askOne("person", { slug }),
    async neighbourNames(slug) {
      return Array.from(resultRows(await ask("neighbours", { slug })), (row) => row.name);
    },
    async twoHopCount(slug) {
      return (await ask("two_hops", { slug })).rowCount;
    },
    async threeHopCount(slug) {
      return Number((await askOne("three_hops", { slug })).persons);
    },
    async sectorAges() {
      return Array.from(resultRows(await ask("sector_ages")), (row) => [row.sector, row.age]);
    },
    async lonelyCount() {
      return Number((await askOne("lonely")).persons);
    },
    async upsert(persons) {
      if (persons.length <= STATEMENTS_MAX) {
        for (const person of persons) await graph.mutate(QUERIES, { name: "upsert", params: person });
        return;
      }
      const records = persons.map((data) => JSON.stringify({ type: "Person", data }));
      await graph.load(records.join("\n"), { mode: "merge" });
    },

    indexSearch: () => graph.optimize(),
    openSearch() {},
    nearest: (vector, _count, olderThan) => slugsOf(olderThan === null ? ask("nearest", { vector }, SEARCHES) : ask("nearest_older", { vector, age: olderThan }, SEARCHES)),
    bestTexts: (terms) => slugsOf(ask("best_texts", { terms }, SEARCHES)),
    async hybrid(vector, terms) {
      const slugs = await slugsOf(ask("hybrid", { vector, terms }, SEARCHES));
      const names = [];
      for (const slug of slugs) for (const row of resultRows(await ask("neighbours", { slug }))) names.push(row.name);
      return { slugs, names };
    },

    /** Makes the next start find all cache files. */
    async writeCaches(db) {
      graph = await Graph.open(db, { mode: "rw", settings: SETTINGS });
      await graph.optimize();
      await graph.close();
    },
  };
}

async function slugsOf(answer) {
  return Array.from(resultRows(await answer), ({ slug }) => slug);
}
