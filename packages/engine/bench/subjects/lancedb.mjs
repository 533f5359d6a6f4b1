// Hand-written scripts on LanceDB, without a database above it: what the substrate itself can do. It has no joins and no
// traversal, so hops are index look-ups from JavaScript (ids in, ids out), and big hops and aggregates are column scans.
import { createRequire } from "node:module";
import * as lancedb from "@lancedb/lancedb";
import { readRecords } from "../read-records.mjs";

// The CommonJS copy, which is the one LanceDB itself loads.
const arrow = createRequire(import.meta.url)("apache-arrow");

const NO_LIMIT = 100_000_000;
/** Above this many sources one scan of the edges is cheaper than an index look-up with that many values. */
const LOOKUP_SOURCES_MAX = 1_000;

export function createSubject() {
  /** Open tables by name. */
  let tables;
  let personCount = 0;
  let fusion;

  async function personId(slug) {
    const rows = await tables.person.query().where(`slug = ${quoted(slug)}`).select(["id"]).limit(1).toArray();
    return rows[0].id;
  }

  async function readEdges() {
    const edges = await tables.knows.query().select(["src", "dst"]).limit(NO_LIMIT).toArrow();
    return { src: column(edges, "src"), dst: column(edges, "dst") };
  }

  /** Distinct targets of the given sources. */
  async function hop(ids) {
    if (ids.length > LOOKUP_SOURCES_MAX) {
      const sources = new Set(ids);
      const { src, dst } = await readEdges();
      const targets = new Set();
      for (let i = 0; i < src.length; i++) if (sources.has(src[i])) targets.add(dst[i]);
      return targets;
    }
    const filter = ids.length === 1 ? `src = ${ids[0]}` : `src IN (${ids.join(",")})`;
    return new Set(column(await tables.knows.query().where(filter).select(["dst"]).limit(NO_LIMIT).toArrow(), "dst"));
  }

  return {
    async load({ data, db, embeddings }) {
      const columns = readColumns(data, embeddings);
      const connection = await lancedb.connect(db);
      const person = await connection.createTable("person", makeTable({ id: int32(columns.person.id), slug: utf8(columns.person.slug), name: utf8(columns.person.name), age: int32(columns.person.age), city: utf8(columns.person.city), bio: utf8(columns.person.bio), ...(embeddings ? { embedding: vectors(columns.embeddings) } : {}) }));
      const company = await connection.createTable("company", makeTable({ id: int32(columns.company.id), slug: utf8(columns.company.slug), name: utf8(columns.company.name), sector: utf8(columns.company.sector) }));
      const knows = await connection.createTable("knows", makeTable({ src: int32(columns.knows.src), dst: int32(columns.knows.dst), since: utf8(columns.knows.since) }));
      const worksAt = await connection.createTable("worksat", makeTable({ src: int32(columns.worksAt.src), dst: int32(columns.worksAt.dst) }));
      const indexes = [[person, "slug"], [person, "id"], [company, "slug"], [knows, "src"], [knows, "dst"], [worksAt, "src"], [worksAt, "dst"]];
      for (const [table, name] of indexes) await table.createIndex(name, { config: lancedb.Index.btree() });
      return { nodes: columns.person.id.length + columns.company.id.length, edges: columns.knows.src.length + columns.worksAt.src.length };
    },
    async openCold(db) {
      const connection = await lancedb.connect(db);
      tables = { person: await connection.openTable("person") };
    },
    async open(db) {
      const connection = await lancedb.connect(db);
      tables = { person: await connection.openTable("person"), company: await connection.openTable("company"), knows: await connection.openTable("knows"), worksAt: await connection.openTable("worksat") };
      personCount = await tables.person.countRows();
    },
    close() {},

    async person(slug) {
      const rows = await tables.person.query().where(`slug = ${quoted(slug)}`).select(["slug", "name", "age", "city", "bio"]).limit(1).toArray();
      const row = rows[0];
      return row && { slug: row.slug, name: row.name, age: row.age, city: row.city };
    },
    async neighbourNames(slug) {
      const targets = [...(await hop([await personId(slug)]))];
      if (targets.length === 0) return [];
      return [...column(await tables.person.takeOffsets(targets).select(["name"]).toArrow(), "name")];
    },
    async twoHopCount(slug) {
      const start = await personId(slug);
      const middle = [...(await hop([start]))];
      if (middle.length === 0) return 0;
      const ends = await hop(middle);
      ends.delete(start);
      if (ends.size === 0) return 0;
      const ages = await tables.person.takeOffsets([...ends].sort((a, b) => a - b)).select(["age"]).toArrow();
      return column(ages, "age").reduce((count, age) => count + (age > 50 ? 1 : 0), 0);
    },
    async threeHopCount(slug) {
      const start = await personId(slug);
      const seen = new Set([start]);
      let frontier = [start];
      for (let depth = 0; depth < 3 && frontier.length > 0; depth++) {
        const next = [];
        for (const id of await hop(frontier)) {
          if (seen.has(id)) continue;
          seen.add(id);
          next.push(id);
        }
        frontier = next;
      }
      return seen.size - 1;
    },
    async sectorAges() {
      const [persons, companies, jobs] = await Promise.all([
        tables.person.query().select(["id", "age"]).limit(NO_LIMIT).toArrow(),
        tables.company.query().select(["id", "sector"]).limit(NO_LIMIT).toArrow(),
        tables.worksAt.query().select(["src", "dst"]).limit(NO_LIMIT).toArrow(),
      ]);
      const ages = new Int32Array(personCount + 1);
      const [ids, values] = [column(persons, "id"), column(persons, "age")];
      for (let i = 0; i < ids.length; i++) ages[ids[i]] = values[i];
      const sectors = [];
      const companyIds = column(companies, "id");
      const names = companies.getChild("sector");
      for (let i = 0; i < companyIds.length; i++) sectors[companyIds[i]] = names.get(i);
      const totals = new Map();
      const [sources, targets] = [column(jobs, "src"), column(jobs, "dst")];
      for (let i = 0; i < sources.length; i++) {
        const sector = sectors[targets[i]];
        let total = totals.get(sector);
        if (total === undefined) totals.set(sector, (total = [0, 0]));
        total[0] += ages[sources[i]];
        total[1]++;
      }
      return [...totals].map(([sector, [ageSum, count]]) => [sector, ageSum / count]);
    },
    async lonelyCount() {
      const [persons, edges] = await Promise.all([tables.person.query().select(["id", "age", "city"]).limit(NO_LIMIT).toArrow(), readEdges()]);
      const count = persons.numRows;
      const [ids, values] = [column(persons, "id"), column(persons, "age")];
      const [ages, cities] = [new Int32Array(count), new Int32Array(count)];
      const names = persons.getChild("city");
      const cityIds = new Map();
      for (let i = 0; i < count; i++) {
        const city = names.get(i);
        let id = cityIds.get(city);
        if (id === undefined) cityIds.set(city, (id = cityIds.size));
        cities[ids[i]] = id;
        ages[ids[i]] = values[i];
      }
      const lonely = new Uint8Array(count).fill(1);
      for (let i = 0; i < edges.src.length; i++) if (cities[edges.src[i]] === cities[edges.dst[i]]) lonely[edges.src[i]] = 0;
      let found = 0;
      for (let i = 0; i < count; i++) if (ages[i] > 60 && lonely[i] === 1) found++;
      return found;
    },
    async upsert(persons) {
      const rows = makeTable({ id: int32(persons.map((_, i) => 1e8 + i)), slug: utf8(persons.map((p) => p.slug)), name: utf8(persons.map((p) => p.name)), age: int32(persons.map((p) => p.age)), city: utf8(persons.map((p) => p.city)), bio: utf8(persons.map((p) => p.bio)) });
      await tables.person.mergeInsert("slug").whenMatchedUpdateAll().whenNotMatchedInsertAll().execute(rows);
    },

    async indexSearch() {
      await tables.person.createIndex("embedding", { config: lancedb.Index.hnswSq({ distanceType: "cosine", numPartitions: 1, m: 16, efConstruction: 150 }) });
      await tables.person.createIndex("age", { config: lancedb.Index.btree() });
      await tables.person.createIndex("bio", { config: lancedb.Index.fts({ baseTokenizer: "whitespace", withPosition: false, stem: false, removeStopWords: false, asciiFolding: false }) });
    },
    async openSearch() {
      fusion = await lancedb.rerankers.RRFReranker.create(60);
    },
    async nearest(vector, count, olderThan) {
      const query = tables.person.query().nearestTo(vector).distanceType("cosine").select(["slug", "_distance"]).limit(count).ef(100).refineFactor(2);
      if (olderThan !== null) query.where(`age > ${olderThan}`);
      return (await query.toArray()).map(({ slug }) => slug);
    },
    async bestTexts(terms, count) {
      return (await tables.person.query().fullTextSearch(terms, { columns: ["bio"] }).select(["slug", "_score"]).limit(count).toArray()).map(({ slug }) => slug);
    },
    async hybrid(vector, terms) {
      const fused = await tables.person.query().nearestTo(vector).distanceType("cosine").ef(100).fullTextSearch(terms, { columns: ["bio"] }).rerank(fusion).select(["slug", "id"]).limit(50).toArray();
      const best = fused.slice(0, 10);
      const edges = await tables.knows.query().where(`src IN (${best.map(({ id }) => id).join(",")})`).select(["dst"]).limit(NO_LIMIT).toArrow();
      const targets = [...column(edges, "dst")];
      const distinct = [...new Set(targets)].sort((a, b) => a - b);
      const names = new Map();
      if (distinct.length > 0) {
        const found = await tables.person.takeOffsets(distinct).select(["id", "name"]).toArrow();
        const ids = column(found, "id");
        const texts = found.getChild("name");
        for (let i = 0; i < ids.length; i++) names.set(ids[i], texts.get(i));
      }
      return { slugs: best.map(({ slug }) => slug), names: targets.map((target) => names.get(target)) };
    },
  };
}

function readColumns(file, withEmbeddings) {
  const ordinals = new Map();
  const person = { id: [], slug: [], name: [], age: [], city: [], bio: [] };
  const company = { id: [], slug: [], name: [], sector: [] };
  const knows = { src: [], dst: [], since: [] };
  const worksAt = { src: [], dst: [] };
  const embeddings = [];
  for (const record of readRecords(file)) {
    if (record.type !== undefined) {
      const target = record.type === "Person" ? person : company;
      ordinals.set(record.data.slug, target.id.length);
      target.id.push(target.id.length);
      const { embedding, ...scalars } = record.data;
      for (const [name, value] of Object.entries(scalars)) target[name].push(value);
      if (withEmbeddings && embedding !== undefined) embeddings.push(Float32Array.from(embedding));
      continue;
    }
    const target = record.edge === "Knows" ? knows : worksAt;
    target.src.push(ordinals.get(record.from));
    target.dst.push(ordinals.get(record.to));
    if (record.edge === "Knows") knows.since.push(record.data.since);
  }
  return { person, company, knows, worksAt, embeddings };
}

function quoted(text) {
  return `'${text.replaceAll("'", "''")}'`;
}

function column(table, name) {
  return table.getChild(name).toArray();
}

function int32(values) {
  return arrow.makeData({ type: new arrow.Int32(), length: values.length, nullCount: 0, data: Int32Array.from(values) });
}

function utf8(values) {
  const data = Buffer.from(values.join(""), "utf8");
  const valueOffsets = new Int32Array(values.length + 1);
  for (let i = 0; i < values.length; i++) valueOffsets[i + 1] = valueOffsets[i] + Buffer.byteLength(values[i]);
  return arrow.makeData({ type: new arrow.Utf8(), length: values.length, nullCount: 0, valueOffsets, data });
}

function vectors(rows) {
  const dimensions = rows[0].length;
  const values = new Float32Array(rows.length * dimensions);
  for (const [row, vector] of rows.entries()) values.set(vector, row * dimensions);
  const child = arrow.makeData({ type: new arrow.Float32(), length: values.length, nullCount: 0, data: values });
  return arrow.makeData({ type: new arrow.FixedSizeList(dimensions, new arrow.Field("item", new arrow.Float32(), true)), length: rows.length, nullCount: 0, child });
}

function makeTable(columns) {
  const fields = Object.entries(columns).map(([name, data]) => new arrow.Field(name, data.type, false));
  const children = Object.values(columns);
  const data = arrow.makeData({ type: new arrow.Struct(fields), length: children[0].length, nullCount: 0, children });
  const schema = new arrow.Schema(fields);
  return new arrow.Table(schema, new arrow.RecordBatch(schema, data));
}
