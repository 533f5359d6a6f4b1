// DuckDB: typed tables, primary keys and indexes on edges, SQL joins. Its extensions for text and vector indexes are a separate download:
// vectors are compared one by one, and there is no BM25.
import { mkdirSync } from "node:fs";
import { DuckDBInstance, listValue } from "@duckdb/node-api";

const EMBEDDING = "float[128]";
const UPSERT = "on conflict(slug) do update set name = excluded.name, age = excluded.age, city = excluded.city, bio = excluded.bio";
const STATEMENTS = {
  person: "select slug, name, age, city, bio from person where slug = $1",
  id: "select id from person where slug = $1",
  neighbourNames: "select p.name from knows k join person p on p.id = k.dst where k.src = $1",
  twoHops: "select count(distinct p.id) from knows k1 join knows k2 on k2.src = k1.dst join person p on p.id = k2.dst where k1.src = $1 and p.age > 50 and p.id <> $1",
  threeHops: `with a as materialized (select dst d from knows where src = $1), b as materialized (select distinct k.dst d from a join knows k on k.src = a.d),
    c as (select k.dst d from b join knows k on k.src = b.d) select count(*) from (select d from a union select d from b union select d from c) where d <> $1`,
  sectorAges: "select c.sector, avg(p.age) from worksat w join person p on p.id = w.src join company c on c.id = w.dst group by 1",
  lonely: "select count(*) from person p where p.age > 60 and not exists (select 1 from knows k join person q on q.id = k.dst where k.src = p.id and q.city = p.city)",
  upsert: `insert into person(id, slug, name, age, city, bio) select nextval('pid'), r.slug, r.name, r.age, r.city, r.bio
    from (select unnest(from_json($1::json, '[{"slug":"VARCHAR","name":"VARCHAR","age":"INTEGER","city":"VARCHAR","bio":"VARCHAR"}]')) r) ${UPSERT}`,
  upsertOne: `insert into person(id, slug, name, age, city, bio) values(nextval('pid'), $1, $2, $3, $4, $5) ${UPSERT}`,
};
const SEARCHES = {
  nearest: `select slug from person order by array_cosine_distance(embedding, $1::${EMBEDDING}) limit 10`,
  nearestOlder: `select slug from person where age > $2 order by array_cosine_distance(embedding, $1::${EMBEDDING}) limit 10`,
};

export function createSubject() {
  let instance;
  let connection;
  const statements = {};

  async function connect(db) {
    instance = await DuckDBInstance.create(`${db}/graph.duckdb`, { threads: "2", memory_limit: "8GB" });
    connection = await instance.connect();
  }

  async function prepare(sources) {
    for (const [name, sql] of Object.entries(sources)) statements[name] = await connection.prepare(sql);
  }

  const rowsOf = async (statement) => (await statement.runAndReadAll()).getRows();

  async function byId(name, slug) {
    statements.id.bindVarchar(1, slug);
    const [[id]] = await rowsOf(statements.id);
    statements[name].bindInteger(1, id);
    return rowsOf(statements[name]);
  }

  function close() {
    connection.closeSync();
    instance.closeSync();
  }

  return {
    async load({ data, db, embeddings }) {
      mkdirSync(db, { recursive: true });
      await connect(db);
      await connection.run(loadScript(data, embeddings));
      const count = async (table) => Number((await connection.runAndReadAll(`select count(*) from ${table}`)).getRows()[0][0]);
      const counts = { nodes: (await count("person")) + (await count("company")), edges: (await count("knows")) + (await count("worksat")) };
      close();
      return counts;
    },
    async openCold(db) {
      await connect(db);
      await prepare({ person: STATEMENTS.person });
    },
    async open(db) {
      await connect(db);
      await prepare(STATEMENTS);
    },
    close,

    async person(slug) {
      statements.person.bindVarchar(1, slug);
      const [row] = await rowsOf(statements.person);
      return row && { slug: row[0], name: row[1], age: row[2], city: row[3] };
    },
    neighbourNames: async (slug) => (await byId("neighbourNames", slug)).map(([name]) => name),
    twoHopCount: async (slug) => Number((await byId("twoHops", slug))[0][0]),
    threeHopCount: async (slug) => Number((await byId("threeHops", slug))[0][0]),
    sectorAges: () => rowsOf(statements.sectorAges),
    lonelyCount: async () => Number((await rowsOf(statements.lonely))[0][0]),
    async upsert(persons) {
      if (persons.length > 1) {
        statements.upsert.bindVarchar(1, JSON.stringify(persons));
        await statements.upsert.run();
        return;
      }
      const [{ slug, name, age, city, bio }] = persons;
      statements.upsertOne.bindInteger(3, age);
      for (const [at, text] of [[1, slug], [2, name], [4, city], [5, bio]]) statements.upsertOne.bindVarchar(at, text);
      await statements.upsertOne.run();
    },

    openSearch: () => prepare(SEARCHES),
    async nearest(vector, _count, olderThan) {
      const statement = olderThan === null ? statements.nearest : statements.nearestOlder;
      statement.bindList(1, listValue(vector));
      if (olderThan !== null) statement.bindInteger(2, olderThan);
      return (await rowsOf(statement)).map(([slug]) => slug);
    },
  };
}

function loadScript(data, embeddings) {
  return `create sequence pid start 100000000;
    create table person(id integer, slug varchar primary key, name varchar not null, age integer not null, city varchar not null, bio varchar not null${embeddings ? `, embedding ${EMBEDDING}` : ""});
    create table company(id integer, slug varchar primary key, name varchar not null, sector varchar not null);
    create table knows(src integer, dst integer, since date);
    create table worksat(src integer, dst integer);
    create temp table raw as select * from read_json('${data}', format = 'newline_delimited', columns = {type: 'VARCHAR', edge: 'VARCHAR', "from": 'VARCHAR', "to": 'VARCHAR',
      data: 'STRUCT(slug VARCHAR, name VARCHAR, age INTEGER, city VARCHAR, bio VARCHAR, sector VARCHAR, since DATE${embeddings ? ", embedding FLOAT[]" : ""})'});
    insert into person select row_number() over (), data.slug, data.name, data.age, data.city, data.bio${embeddings ? `, data.embedding::${EMBEDDING}` : ""} from raw where type = 'Person';
    insert into company select row_number() over (), data.slug, data.name, data.sector from raw where type = 'Company';
    insert into knows select a.id, b.id, data.since from raw r join person a on a.slug = r."from" join person b on b.slug = r."to" where edge = 'Knows' order by 1;
    insert into worksat select a.id, b.id from raw r join person a on a.slug = r."from" join company b on b.slug = r."to" where edge = 'WorksAt' order by 1;
    create index knows_s on knows(src); create index knows_d on knows(dst); create index worksat_s on worksat(src); create index worksat_d on worksat(dst);
    drop table raw; analyze; checkpoint;`;
}
