// better-sqlite3: one table per type, edges WITHOUT ROWID on integer ids with an index for the way back; FTS5; sqlite-vec, which compares
// all vectors. Writes are synced.
import { mkdirSync } from "node:fs";
import Database from "better-sqlite3";
import * as vectorExtension from "sqlite-vec";
import { readRecords } from "../read-records.mjs";

const PERSON = "select slug, name, age, city, bio from person where slug = ?";

export function createSubject() {
  let connection;
  const statements = {};

  function connect(db) {
    connection = new Database(`${db}/graph.sqlite`);
    for (const pragma of ["journal_mode = WAL", "synchronous = FULL", "cache_size = -262144", "mmap_size = 2000000000", "temp_store = MEMORY"]) connection.pragma(pragma);
    vectorExtension.load(connection);
  }

  return {
    load({ data, db, embeddings }) {
      mkdirSync(db, { recursive: true });
      connect(db);
      connection.pragma("synchronous = OFF");
      connection.exec(`create table person(id integer primary key, slug text not null unique, name text not null, age integer not null, city text not null, bio text not null, embedding blob);
        create table company(id integer primary key, slug text not null unique, name text not null, sector text not null);
        create table knows(src integer not null references person, dst integer not null references person, since text, primary key(src, dst)) without rowid;
        create table worksat(src integer not null references person, dst integer not null references company, primary key(src, dst)) without rowid;`);
      const counts = insertAll(connection, data, embeddings);
      connection.exec("create index knows_r on knows(dst, src); create index worksat_r on worksat(dst, src); analyze;");
      connection.pragma("synchronous = FULL");
      connection.pragma("wal_checkpoint(TRUNCATE)");
      connection.close();
      return counts;
    },
    openCold(db) {
      connect(db);
      statements.person = connection.prepare(PERSON);
    },
    open(db) {
      connect(db);
      Object.assign(statements, prepareReads(connection));
      const upsert = connection.prepare(`insert into person(slug, name, age, city, bio) values(@slug, @name, @age, @city, @bio)
        on conflict(slug) do update set name = excluded.name, age = excluded.age, city = excluded.city, bio = excluded.bio`);
      statements.upsert = connection.transaction((persons) => {
        for (const person of persons) upsert.run(person);
      });
    },
    close: () => connection.close(),

    person: (slug) => statements.person.get(slug),
    neighbourNames: (slug) => statements.neighbourNames.all(slug),
    twoHopCount: (slug) => statements.twoHops.get(slug),
    threeHopCount: (slug) => statements.threeHops.get(slug),
    sectorAges: () => statements.sectorAges.all(),
    lonelyCount: () => statements.lonely.get(),
    upsert: (persons) => statements.upsert(persons),

    indexSearch() {
      connection.pragma("synchronous = OFF");
      connection.exec(`create virtual table vec using vec0(embedding float[128] distance_metric=cosine, age integer);
        insert into vec(rowid, embedding, age) select id, embedding, age from person;
        create virtual table fts using fts5(bio, content='person', content_rowid='id', tokenize='unicode61');
        insert into fts(fts) values('rebuild');
        insert into fts(fts) values('optimize');`);
      connection.pragma("wal_checkpoint(TRUNCATE)");
    },
    openSearch() {
      Object.assign(statements, prepareSearches(connection));
    },
    nearest: (vector, count, olderThan) => (olderThan === null ? statements.nearest.all(bytesOf(vector), count) : statements.nearestOlder.all(bytesOf(vector), count, olderThan)),
    bestTexts: (terms, count) => statements.bestTexts.all(anyOf(terms), count),
    hybrid(vector, terms) {
      const rows = statements.hybrid.all(bytesOf(vector), anyOf(terms));
      return { slugs: [...new Set(rows.map(({ slug }) => slug))], names: rows.filter(({ name }) => name !== null).map(({ name }) => name) };
    },
  };
}

function insertAll(connection, data, embeddings) {
  const person = connection.prepare("insert into person values(?, ?, ?, ?, ?, ?, ?)");
  const company = connection.prepare("insert into company values(?, ?, ?, ?)");
  const knows = connection.prepare("insert into knows values(?, ?, ?)");
  const worksAt = connection.prepare("insert into worksat values(?, ?)");
  const ids = new Map();
  let nodes = 0;
  let edges = 0;
  connection.exec("begin");
  for (const { type, edge, from, to, data: values } of readRecords(data)) {
    if (type !== undefined) ids.set(values.slug, ++nodes);
    else edges++;
    if (type === "Person") person.run(nodes, values.slug, values.name, values.age, values.city, values.bio, embeddings ? bytesOf(values.embedding) : null);
    else if (type === "Company") company.run(nodes, values.slug, values.name, values.sector);
    else if (edge === "Knows") knows.run(ids.get(from), ids.get(to), values.since);
    else worksAt.run(ids.get(from), ids.get(to));
  }
  connection.exec("commit");
  return { nodes, edges };
}

function prepareReads(connection) {
  const scalar = (sql) => connection.prepare(sql).pluck();
  return {
    person: connection.prepare(PERSON),
    neighbourNames: scalar("select p.name from person a join knows k on k.src = a.id join person p on p.id = k.dst where a.slug = ?"),
    twoHops: scalar(`with s as (select id from person where slug = ?), t as (select distinct k2.dst d from s join knows k1 on k1.src = s.id join knows k2 on k2.src = k1.dst)
      select count(*) from t join person p on p.id = t.d where p.age > 50 and t.d <> (select id from s)`),
    // Nested distinct steps are faster than one recursive expression; the cross join keeps it from scanning the edges.
    threeHops: scalar(`with s as (select id from person where slug = ?), a as materialized (select dst d from s join knows on src = s.id),
      b as materialized (select distinct k.dst d from a cross join knows k on k.src = a.d), c as (select k.dst d from b cross join knows k on k.src = b.d)
      select count(*) from (select d from a union select d from b union select d from c) where d <> (select id from s)`),
    sectorAges: connection.prepare("select c.sector, avg(p.age) from worksat w join person p on p.id = w.src join company c on c.id = w.dst group by 1").raw(),
    lonely: scalar("select count(*) from person p where p.age > 60 and not exists (select 1 from knows k join person q on q.id = k.dst where k.src = p.id and q.city = p.city)"),
  };
}

function prepareSearches(connection) {
  const scalar = (sql) => connection.prepare(sql).pluck();
  return {
    nearest: scalar("select p.slug from (select rowid id, distance from vec where embedding match ? and k = ?) x join person p on p.id = x.id order by x.distance"),
    nearestOlder: scalar("select p.slug from (select rowid id, distance from vec where embedding match ? and k = ? and age > ?) x join person p on p.id = x.id order by x.distance"),
    bestTexts: scalar("select p.slug from (select rowid id, rank from fts where fts match ? order by rank limit ?) x join person p on p.id = x.id order by x.rank"),
    hybrid: connection.prepare(`with v as materialized (select rowid id, row_number() over (order by distance) r from vec where embedding match ? and k = 50),
      t as materialized (select rowid id, row_number() over (order by rank) r from (select rowid, rank from fts where fts match ? order by rank limit 50)),
      f as materialized (select id, sum(s) s from (select id, 1.0 / (60 + r) s from v union all select id, 1.0 / (60 + r) from t) group by id order by s desc, id limit 10)
      select a.slug slug, p.name name from f join person a on a.id = f.id left join knows k on k.src = f.id left join person p on p.id = k.dst order by f.s desc, f.id`),
  };
}

function bytesOf(vector) {
  return Buffer.from(Float32Array.from(vector).buffer);
}

function anyOf(terms) {
  return terms.split(" ").join(" OR ");
}
