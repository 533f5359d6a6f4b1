/** Graph that the contract suite runs on. Every provider creates it from these texts, as actor-less commits. */
export const CONTRACT_SCHEMA = `node Person {
    name: String @key
    age: I32?
    big: I64?
    height: F64?
    tags: [String]?
    born: Date?
    seen: DateTime?
    isActive: Bool?
    mood: enum(calm, wild)?
    photo: Blob?
}
node City {
    name: String @key
    code: String? @unique
}
edge Knows: Person -> Person {
    since: I32?
    letter: Blob?
}
edge LivesIn: Person -> City
`;

const base64 = (text: string): string => `base64:${Buffer.from(text).toString("base64")}`;

const RECORDS: readonly object[] = [
  { type: "Person", data: { name: "ada", age: 36, height: 1.5, tags: ["x", "ünïcode 🐢"], born: "1815-12-10", seen: "2024-05-06T07:08:09.010Z", isActive: true, mood: "calm", photo: base64("0123456789") } },
  { type: "Person", data: { name: "bo", age: 20, height: 2, tags: [], isActive: false, photo: base64("") } },
  { type: "Person", data: { name: "cy/é \"q\"", mood: "wild" } },
  { type: "City", data: { name: "berlin", code: "b" } },
  { edge: "Knows", from: "ada", to: "bo", data: { id: "k1", since: 1843, letter: base64("dear bo") } },
  { edge: "LivesIn", from: "ada", to: "berlin", data: { id: "l1" } },
];

/** Written by hand, because no double holds it. */
const BIG_RECORD = '{"type":"Person","data":{"name":"dee","age":-7,"big":9223372036854775807,"height":-0.0}}';

export const CONTRACT_RECORDS: string = `${[...RECORDS.map((record) => JSON.stringify(record)), BIG_RECORD].join("\n")}\n`;

/** Stored queries of the graph, where the provider has a registry. */
export const CONTRACT_QUERIES: Readonly<Record<string, string>> = {
  person: `query person($name: String) @description("One person") { match { $p: Person $p.name = $name } return { $p.name as name, $p.age as age } }`,
  rename_city: `query rename_city($name: String, $code: String?) @instruction("Sets the code") { update City set { code: $code } where name = $name }`,
};
