// No product: the same questions answered by plain loops over typed arrays that are read from the file at every start. What a program in
// JavaScript can do at best once everything is in memory. It stores nothing.
import { readRecords } from "../read-records.mjs";

export function createSubject() {
  let world;

  /** Ends of one to `depth` steps, each once, without the start. */
  function* within(start, depth) {
    const { offsets, targets, seen } = world;
    const mark = ++world.mark;
    seen[start] = mark;
    let frontier = [start];
    for (let step = 0; step < depth; step++) {
      const next = [];
      for (const person of frontier) {
        for (let edge = offsets[person]; edge < offsets[person + 1]; edge++) {
          const target = targets[edge];
          if (seen[target] === mark) continue;
          seen[target] = mark;
          next.push(target);
        }
      }
      yield* next;
      frontier = next;
    }
  }

  return {
    load({ data }) {
      world = build(data);
      return { nodes: world.slugs.length + world.sectors.length, edges: world.targets.length + world.jobs.length };
    },
    open(_db, { data }) {
      world = build(data);
    },
    close() {},
    person(slug) {
      const person = world.ordinals.get(slug);
      return { slug, name: world.names[person], age: world.ages[person], city: world.cityNames[world.cities[person]] };
    },
    neighbourNames(slug) {
      const { ordinals, offsets, targets, names } = world;
      const person = ordinals.get(slug);
      return Array.from(targets.subarray(offsets[person], offsets[person + 1]), (target) => names[target]);
    },
    twoHopCount(slug) {
      const { ordinals, offsets, targets, ages, seen } = world;
      const start = ordinals.get(slug);
      const mark = ++world.mark;
      seen[start] = mark;
      let count = 0;
      for (let edge = offsets[start]; edge < offsets[start + 1]; edge++) {
        const middle = targets[edge];
        for (let second = offsets[middle]; second < offsets[middle + 1]; second++) {
          const end = targets[second];
          if (seen[end] === mark) continue;
          seen[end] = mark;
          if (ages[end] > 50) count++;
        }
      }
      return count;
    },
    threeHopCount(slug) {
      let count = 0;
      for (const _ of within(world.ordinals.get(slug), 3)) count++;
      return count;
    },
    sectorAges() {
      const totals = new Map();
      for (const [person, company] of world.jobs) {
        const sector = world.sectors[company];
        let total = totals.get(sector);
        if (total === undefined) totals.set(sector, (total = [0, 0]));
        total[0] += world.ages[person];
        total[1]++;
      }
      return [...totals].map(([sector, [sum, count]]) => [sector, sum / count]);
    },
    lonelyCount() {
      const { offsets, targets, ages, cities } = world;
      let count = 0;
      for (let person = 0; person < ages.length; person++) {
        if (ages[person] <= 60) continue;
        let isLonely = true;
        for (let edge = offsets[person]; edge < offsets[person + 1] && isLonely; edge++) isLonely = cities[targets[edge]] !== cities[person];
        if (isLonely) count++;
      }
      return count;
    },
  };
}

function build(file) {
  const people = { ordinals: new Map(), slugs: [], names: [], ages: [], cities: [], cityNames: [] };
  const cityOrdinals = new Map();
  const companies = new Map();
  const [sectors, jobs, sources, ends] = [[], [], [], []];
  for (const { type, edge, from, to, data } of readRecords(file)) {
    if (type === "Person") {
      people.ordinals.set(data.slug, people.slugs.length);
      people.slugs.push(data.slug);
      people.names.push(data.name);
      people.ages.push(data.age);
      let city = cityOrdinals.get(data.city);
      if (city === undefined) cityOrdinals.set(data.city, (city = people.cityNames.push(data.city) - 1));
      people.cities.push(city);
    } else if (type === "Company") {
      companies.set(data.slug, sectors.push(data.sector) - 1);
    } else if (edge === "Knows") {
      sources.push(people.ordinals.get(from));
      ends.push(people.ordinals.get(to));
    } else {
      jobs.push([people.ordinals.get(from), companies.get(to)]);
    }
  }
  const count = people.slugs.length;
  const offsets = new Uint32Array(count + 1);
  for (const source of sources) offsets[source + 1]++;
  for (let person = 0; person < count; person++) offsets[person + 1] += offsets[person];
  const targets = new Uint32Array(ends.length);
  const next = offsets.slice(0, count);
  for (const [at, source] of sources.entries()) targets[next[source]++] = ends[at];
  return { ...people, ages: Uint8Array.from(people.ages), cities: Uint16Array.from(people.cities), sectors, jobs, offsets, targets, seen: new Uint32Array(count), mark: 0 };
}
