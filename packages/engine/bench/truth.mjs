// Exact answers of the search workloads: cosine by brute force; BM25 with k1 = 1.2 and b = 0.75, the terms ORed; reciprocal rank fusion
// with k = 60 over the first 50 of each.
import { readFileSync, writeFileSync } from "node:fs";
import { readRecords } from "./read-records.mjs";

const DIMENSIONS = 128;
const [K1, B] = [1.2, 0.75];
const FUSED = 50;
const TOP = 10;

/** Writes `FILE.truth.json` beside the data: per question, how many entities are expected and which are accepted, ties included. */
export function writeTruth(file) {
  const questions = JSON.parse(readFileSync(`${file}.queries.json`, "utf8"));
  const persons = readPersons(file, questions.persons);
  const byVector = questions.vectors.map((vector) => vectorScores(persons, vector));
  const byText = questions.terms.map((terms) => textScores(persons, terms));
  const truth = {
    nearest: byVector.map((scores) => expected(persons, ranked(scores))),
    nearestOver60: byVector.map((scores) => expected(persons, ranked(scores.filter(([person]) => persons.ages[person] > 60)))),
    text: byText.map((scores) => expected(persons, ranked(scores))),
    hybrid: byVector.map((scores, i) => expected(persons, fuse([ranked(scores), ranked(byText[i])]))),
  };
  writeFileSync(`${file}.truth.json`, JSON.stringify(truth));
}

function readPersons(file, count) {
  const persons = { slugs: [], ages: [], vectors: new Float32Array(count * DIMENSIONS), postings: new Map(), lengths: [], meanLength: 0 };
  for (const { type, data } of readRecords(file)) {
    if (type !== "Person") continue;
    const person = persons.slugs.length;
    persons.slugs.push(data.slug);
    persons.ages.push(data.age);
    persons.vectors.set(data.embedding, person * DIMENSIONS);
    const words = data.bio.split(" ");
    persons.lengths.push(words.length);
    const counts = new Map();
    for (const word of words) counts.set(word, (counts.get(word) ?? 0) + 1);
    for (const [word, times] of counts) {
      const posting = persons.postings.get(word);
      if (posting === undefined) persons.postings.set(word, [[person, times]]);
      else posting.push([person, times]);
    }
  }
  persons.meanLength = persons.lengths.reduce((sum, length) => sum + length, 0) / persons.lengths.length;
  return persons;
}

function vectorScores({ slugs, vectors }, vector) {
  return slugs.map((_, person) => {
    let product = 0;
    for (let i = 0, at = person * DIMENSIONS; i < DIMENSIONS; i++) product += vectors[at + i] * vector[i];
    return [person, product];
  });
}

function textScores({ slugs, postings, lengths, meanLength }, terms) {
  const scores = new Map();
  for (const word of new Set(terms.split(" "))) {
    const posting = postings.get(word) ?? [];
    const weight = Math.log(1 + (slugs.length - posting.length + 0.5) / (posting.length + 0.5));
    for (const [person, times] of posting) {
      const score = (weight * times * (K1 + 1)) / (times + K1 * (1 - B + (B * lengths[person]) / meanLength));
      scores.set(person, (scores.get(person) ?? 0) + score);
    }
  }
  return [...scores];
}

function ranked(scores) {
  return [...scores].sort((a, b) => b[1] - a[1]).slice(0, 4 * FUSED);
}

function fuse(rankings) {
  const scores = new Map();
  for (const ranking of rankings) for (const [at, [person]] of ranking.slice(0, FUSED).entries()) scores.set(person, (scores.get(person) ?? 0) + 1 / (60 + at + 1));
  return ranked([...scores]);
}

/** Whoever scores like the tenth is as right as the tenth; single precision tells no more apart than this. */
function expected({ slugs }, ranking) {
  const count = Math.min(TOP, ranking.length);
  const least = count === 0 ? 0 : ranking[count - 1][1];
  const accepted = ranking.filter(([, score]) => score >= least - 1e-5 * Math.abs(least)).map(([person]) => slugs[person]);
  return { count, accepted };
}
