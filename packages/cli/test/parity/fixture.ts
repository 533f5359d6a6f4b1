export const SCHEMA = `node Author {
    handle: String @key
    name: String
    born: Date?
    rating: F64?
    followers: I64?
    photo: Blob?
}
node Book {
    isbn: String @key
    title: String
    copies: U32
    genre: enum(essay, novel, poetry)
    tags: [String]?
    released: DateTime?
}
edge Wrote: Author -> Book {
    role: String?
    contract: Blob?
}
`;

const base64 = (text: string): string => `base64:${Buffer.from(text).toString("base64")}`;

const RECORDS: readonly string[] = [
  `{"type":"Author","data":{"handle":"ada","name":"Ada","born":"1980-05-01","rating":4.5,"followers":9223372036854775807,"photo":"${base64("0123456789")}"}}`,
  `{"type":"Author","data":{"handle":"bo","name":"Bo \\u001b[31m ünï","born":"1975-01-15","rating":3,"photo":"${base64("")}"}}`,
  '{"type":"Author","data":{"handle":"cy","name":"Cy","rating":-0.0}}',
  '{"type":"Book","data":{"isbn":"b1","title":"Deep Water","copies":3,"genre":"novel","tags":["sea","classic"],"released":"2001-03-04T00:00:00Z"}}',
  '{"type":"Book","data":{"isbn":"b2","title":"Night, \\"Garden\\"","copies":1,"genre":"poetry","tags":[]}}',
  `{"edge":"Wrote","from":"ada","to":"b1","data":{"id":"w1","role":"author","contract":"${base64("signed")}"}}`,
  '{"edge":"Wrote","from":"bo","to":"b2","data":{"id":"w2"}}',
];

export const DATA: string = `${RECORDS.join("\n")}\n`;

export const QUERIES = {
  authors: "query authors() { match { $a: Author } return { $a.handle, $a.rating, $a.followers, $a.born } order { $a.handle asc } }",
  named: "query named($name: String) { match { $a: Author $a.name = $name } return { $a.handle as handle, $a.followers as followers } }",
  books: "query books() { match { $b: Book } return { $b.isbn, $b.title, $b.copies, $b.genre, $b.tags, $b.released } order { $b.isbn asc } }",
  nobody: 'query nobody() { match { $a: Author $a.handle = "nobody" } return { $a.name } }',
  wrote: "query wrote() { match { $a: Author $a wrote $b } return { $a.handle, $b.title, count($b) as n } order { $a.handle asc } }",
  add: "query add($handle: String, $name: String) { insert Author { handle: $handle, name: $name } }",
  rate: "query rate($handle: String, $rating: F64) { update Author set { rating: $rating } where handle = $handle }",
} as const;

/** Records of a load that is large enough to travel in many pieces (15.4). */
export function manyAuthors(count: number, rating: number): string {
  return Array.from({ length: count }, (_, index) => `{"type":"Author","data":{"handle":"a${index}","name":"Author ${index}","rating":${rating}}}\n`).join("");
}
