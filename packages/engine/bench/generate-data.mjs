// A social network as load records: Person, Company, Knows (directed, power-law degrees), WorksAt. Beside the data it writes the
// questions of the benchmark. Nodes and edges do not depend on whether embeddings are written.
//   node generate-data.mjs --size S|M|L [--emb] [--seed 42] [--out FILE]
import { closeSync, mkdirSync, openSync, writeFileSync, writeSync } from "node:fs";
import path from "node:path";
import { pathToFileURL } from "node:url";
import { parseArguments } from "./arguments.mjs";
import { drawRank, gaussian, randomInteger, seededRandom, zipfDistribution } from "./random.mjs";

export const SIZES = {
  S: { persons: 1_000, knows: 10_000, companies: 100, slugDigits: 6, companyDigits: 5 },
  M: { persons: 100_000, knows: 1_000_000, companies: 10_000, slugDigits: 6, companyDigits: 5 },
  L: { persons: 1_000_000, knows: 10_000_000, companies: 100_000, slugDigits: 7, companyDigits: 6 },
};

const SYLLABLES = "ba be bi bo bu ca ce co da de di do du fa fe fi fo ga ge go ha he hi ho ja jo ka ke ki ko la le li lo lu ma me mi mo mu na ne ni no nu pa pe pi po ra re ri ro ru sa se si so su ta te ti to tu va ve vi vo wa we za ze zo".split(" ");
/** Words end in a consonant that stemmers leave alone. */
const ENDINGS = "n r k t m l d p x z".split(" ");
const SECTORS = ["Energy", "Finance", "Health", "Retail", "Software", "Media", "Mining", "Food", "Travel", "Logistics", "Education", "Telecom", "Textiles", "Automotive", "Chemicals", "Defense", "Insurance", "Biotech", "Gaming", "Law"];
const DIMENSIONS = 128;
const CENTRES = 200;
const FIRST_DAY = Date.UTC(2005, 0, 1);
const DAYS = 7_000;
const DAY_MS = 86_400_000;

export function generateData({ size, emb = false, seed = 42, out }) {
  const shape = SIZES[size];
  const withEmbeddings = emb && size !== "L";
  const random = seededRandom(seed);
  const world = {
    shape,
    random,
    vectorRandom: seededRandom(seed ^ 0x5eed),
    questionRandom: seededRandom(seed ^ 0x9e3779b9),
    personSlug: (index) => `p${String(index + 1).padStart(shape.slugDigits, "0")}`,
    companySlug: (index) => `c${String(index + 1).padStart(shape.companyDigits, "0")}`,
    ...vocabularies(),
  };
  world.centres = Array.from({ length: CENTRES }, () => Float64Array.from({ length: DIMENSIONS }, () => gaussian(world.vectorRandom)));

  mkdirSync(path.dirname(path.resolve(out)), { recursive: true });
  const writer = lineWriter(out);
  writePersons(world, writer, withEmbeddings);
  writeCompanies(world, writer);
  writeKnows(world, writer);
  writeWorksAt(world, writer);
  writer.close();
  writeFileSync(`${out}.queries.json`, JSON.stringify(questions(world, size, seed)));
}

function vocabularies() {
  const random = seededRandom(7);
  const vocabulary = makeWords(random, 8_000, 3);
  const firstNames = makeWords(random, 300, 2);
  const lastNames = makeWords(random, 2_000, 3);
  const cities = makeWords(random, 60, 2).map(capitalised);
  return { vocabulary, firstNames, lastNames, cities, wordLaw: zipfDistribution(vocabulary.length, 0.9), cityLaw: zipfDistribution(cities.length, 0.8) };
}

function makeWords(random, count, syllables) {
  const words = new Set();
  while (words.size < count) {
    let word = "";
    for (let i = 0; i < syllables; i++) word += SYLLABLES[randomInteger(random, SYLLABLES.length)];
    words.add(word + ENDINGS[randomInteger(random, ENDINGS.length)]);
  }
  return [...words];
}

function capitalised(word) {
  return word[0].toUpperCase() + word.slice(1);
}

function pickFrom(random, list) {
  return list[randomInteger(random, list.length)];
}

function makeBio({ vocabulary, wordLaw }, random) {
  const length = 20 + randomInteger(random, 21);
  return Array.from({ length }, () => vocabulary[drawRank(wordLaw, random())]).join(" ");
}

/** A unit vector near one of the centres, five decimals. */
function makeEmbedding({ centres }, random) {
  const centre = centres[randomInteger(random, CENTRES)];
  const vector = new Array(DIMENSIONS);
  let squares = 0;
  for (let i = 0; i < DIMENSIONS; i++) {
    vector[i] = centre[i] + 0.9 * gaussian(random);
    squares += vector[i] * vector[i];
  }
  const norm = Math.sqrt(squares);
  return vector.map((x) => Math.round((x / norm) * 1e5) / 1e5);
}

function writePersons(world, writer, withEmbeddings) {
  const { random, shape } = world;
  for (let i = 0; i < shape.persons; i++) {
    const data = {
      slug: world.personSlug(i),
      name: `${capitalised(pickFrom(random, world.firstNames))} ${capitalised(pickFrom(random, world.lastNames))}`,
      age: 18 + Math.floor(72 * Math.pow(random(), 1.3)),
      city: world.cities[drawRank(world.cityLaw, random())],
      bio: makeBio(world, random),
    };
    if (withEmbeddings) data.embedding = makeEmbedding(world, world.vectorRandom);
    writer.write(JSON.stringify({ type: "Person", data }));
  }
}

function writeCompanies(world, writer) {
  const { random, vocabulary } = world;
  for (let i = 0; i < world.shape.companies; i++) {
    const data = { slug: world.companySlug(i), name: `${capitalised(pickFrom(random, vocabulary))} ${capitalised(pickFrom(random, vocabulary))}`, sector: pickFrom(random, SECTORS) };
    writer.write(JSON.stringify({ type: "Company", data }));
  }
}

/** Popularity follows a power law over a random order of the persons, so that it does not follow the slugs. */
function writeKnows(world, writer) {
  const { random, shape, personSlug } = world;
  const popularity = shuffledIndexes(random, shape.persons);
  const degrees = outDegrees(world, popularity);
  for (let source = 0; source < shape.persons; source++) {
    const seen = new Set([source]);
    let left = degrees[source];
    while (left > 0) {
      const target = popularity[Math.floor(shape.persons * Math.pow(random(), 2.2))];
      if (seen.has(target)) continue;
      seen.add(target);
      left--;
      const since = new Date(FIRST_DAY + randomInteger(random, DAYS) * DAY_MS).toISOString().slice(0, 10);
      writer.write(`{"edge":"Knows","from":"${personSlug(source)}","to":"${personSlug(target)}","data":{"since":"${since}"}}`);
    }
  }
}

function shuffledIndexes(random, count) {
  const order = new Int32Array(count);
  for (let i = 0; i < count; i++) order[i] = i;
  for (let i = count - 1; i > 0; i--) {
    const j = randomInteger(random, i + 1);
    [order[i], order[j]] = [order[j], order[i]];
  }
  return order;
}

/** Pareto degrees scaled to exactly `knows` edges; the popular also know many, with log-normal noise on the rank. */
function outDegrees({ random, shape: { persons, knows } }, popularity) {
  const cap = Math.min(persons / 5, 3_000);
  const weights = new Float64Array(persons);
  let total = 0;
  for (let i = 0; i < persons; i++) total += weights[i] = Math.min(Math.pow(1 - random(), -1 / 1.6), cap / 4);
  weights.sort().reverse();
  const noisyRank = new Float64Array(persons);
  for (let i = 0; i < persons; i++) noisyRank[i] = (i + 1) * Math.exp(1.2 * gaussian(random));
  const order = Uint32Array.from({ length: persons }, (_, i) => i).sort((a, b) => noisyRank[a] - noisyRank[b]);
  const degrees = new Int32Array(persons);
  let left = knows;
  for (let rank = 0; rank < persons; rank++) left -= degrees[popularity[order[rank]]] = Math.min(Math.floor((weights[rank] * knows) / total), cap);
  while (left > 0) {
    const person = randomInteger(random, persons);
    if (degrees[person] >= cap) continue;
    degrees[person]++;
    left--;
  }
  return degrees;
}

function writeWorksAt({ random, shape, personSlug, companySlug }, writer) {
  const law = zipfDistribution(shape.companies, 0.6);
  for (let i = 0; i < shape.persons; i++) {
    writer.write(`{"edge":"WorksAt","from":"${personSlug(i)}","to":"${companySlug(drawRank(law, random()))}","data":{}}`);
  }
}

/** Starts, keys and writes of the workloads. The draws for text and vector search keep the later ones in place. */
function questions(world, size, seed) {
  const { shape, questionRandom: random, vocabulary, cities, personSlug } = world;
  const { persons } = shape;
  const many = (count, make) => Array.from({ length: count }, make);
  const key = () => personSlug(randomInteger(random, persons));
  const person = (prefix, slugOf) => (_, i) => ({ slug: slugOf(i), name: `${prefix} ${i}`, age: 20 + (i % 60), city: cities[i % cities.length], bio: makeBio(world, random) });
  return {
    size,
    seed,
    persons,
    companies: shape.companies,
    knows: shape.knows,
    worksAt: persons,
    w2: many(Math.min(10_000, persons * 10), key),
    w3: many(1_000, key),
    w4: many(100, key),
    w5: many(20, key),
    terms: many(100, () => [vocabulary[20 + randomInteger(random, 400)], vocabulary[50 + randomInteger(random, 1_500)]].join(" ")),
    vectors: many(100, () => makeEmbedding(world, random)),
    w8: many(200, person("Upsert", (i) => (i % 2 ? key() : `x${String(i).padStart(6, "0")}`))),
    w8batch: many(1_000, person("Batch", (i) => (i % 2 ? personSlug(Math.floor((i * persons) / 1_000)) : `y${String(i).padStart(6, "0")}`))),
  };
}

function lineWriter(file) {
  const descriptor = openSync(file, "w");
  let lines = [];
  const flush = () => {
    if (lines.length > 0) writeSync(descriptor, `${lines.join("\n")}\n`);
    lines = [];
  };
  return {
    write(line) {
      lines.push(line);
      if (lines.length === 5_000) flush();
    },
    close() {
      flush();
      closeSync(descriptor);
    },
  };
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? "").href) {
  const { size = "S", emb = false, seed = "42", out } = parseArguments(process.argv.slice(2));
  generateData({ size, emb, seed: Number(seed), out: out ?? `bench-data/${size}${emb ? "-emb" : ""}.jsonl` });
}
