// Turns the `world-countries` package (the mledoze/countries data set, ODbL 1.0) into load records, one per line:
//   node scripts/demo/convert.mjs FILE
// The order is fixed: nodes before edges, types in schema order, entities by code.
import { mkdirSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import path from "node:path";
import { pathToFileURL } from "node:url";

const EARTH_WITHOUT_COUNTRIES = new Set(["ATA"]);

export function convertCountries(countries) {
  const known = new Set(countries.map((country) => country.cca3));
  const sorted = [...countries].sort((a, b) => (a.cca3 < b.cca3 ? -1 : 1)).filter((country) => !EARTH_WITHOUT_COUNTRIES.has(country.cca3));
  const nodes = { Country: new Map(), Region: new Map(), Subregion: new Map(), Language: new Map(), Currency: new Map() };
  const edges = { Borders: [], Speaks: [], PaysWith: [], LiesIn: [], PartOf: new Map() };

  for (const country of sorted) {
    const code = country.cca3;
    nodes.Country.set(code, countryRecord(country));
    for (const target of country.borders) if (known.has(target) && !EARTH_WITHOUT_COUNTRIES.has(target)) edges.Borders.push([code, target]);
    for (const [language, name] of Object.entries(country.languages)) {
      nodes.Language.set(language, { code: language, name });
      edges.Speaks.push([code, language]);
    }
    for (const [currency, { name, symbol }] of Object.entries(country.currencies)) {
      nodes.Currency.set(currency, { code: currency, name, symbol: symbol || null });
      edges.PaysWith.push([code, currency]);
    }
    if (country.subregion === "") continue;
    const [region, subregion] = [slug(country.region), slug(country.subregion)];
    nodes.Region.set(region, { code: region, name: country.region });
    nodes.Subregion.set(subregion, { code: subregion, name: country.subregion });
    edges.LiesIn.push([code, subregion]);
    edges.PartOf.set(subregion, [subregion, region]);
  }

  const lines = [];
  for (const [type, entities] of Object.entries(nodes)) {
    for (const key of [...entities.keys()].sort()) lines.push(JSON.stringify({ type, data: entities.get(key) }));
  }
  for (const [edge, pairs] of Object.entries(edges)) {
    for (const [from, to] of pairs.values()) lines.push(JSON.stringify({ edge, from, to, data: {} }));
  }
  return lines;
}

function countryRecord(country) {
  const [latitude, longitude] = country.latlng;
  return {
    code: country.cca3,
    name: country.name.common,
    official_name: country.name.official,
    capital: country.capital[0] ?? null,
    // The source writes -1 where no area is known.
    area_km2: country.area >= 0 ? country.area : null,
    latitude,
    longitude,
    place: pointOnSphere(latitude, longitude),
    landlocked: country.landlocked,
    independent: country.independent,
    un_member: country.unMember,
    status: country.status,
    domains: country.tld,
  };
}

/** Distances between such points order like distances on the ground. Six digits are some metres. */
function pointOnSphere(latitude, longitude) {
  const [phi, lambda] = [latitude, longitude].map((degrees) => (degrees * Math.PI) / 180);
  return [Math.cos(phi) * Math.cos(lambda), Math.cos(phi) * Math.sin(lambda), Math.sin(phi)].map((x) => Math.round(x * 1e6) / 1e6);
}

function slug(text) {
  return text.toLowerCase().replaceAll(/[^a-z]+/g, "-");
}

/** Writes the records of the installed package to `file`; gives their number. */
export function writeCountries(file) {
  const lines = convertCountries(createRequire(import.meta.url)("world-countries"));
  mkdirSync(path.dirname(path.resolve(file)), { recursive: true });
  writeFileSync(file, `${lines.join("\n")}\n`);
  return lines.length;
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? "").href) {
  const [file] = process.argv.slice(2);
  if (file === undefined) {
    process.stderr.write("usage: node scripts/demo/convert.mjs FILE\n");
    process.exit(2);
  }
  console.log(`${writeCountries(file)} records in ${file}`);
}
