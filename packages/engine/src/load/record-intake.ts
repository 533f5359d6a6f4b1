import { type Catalog, type EntityType, resolveEdgeType } from "@omnigraphdb/compiler";
import { recordProblem } from "./errors.js";
import { nextEntry, TOKEN_NULL, TOKEN_OBJECT, TOKEN_WORDS } from "./json-scanner.js";
import type { RecordReader } from "./record-reader.js";
import { RecordTokens } from "./record-tokens.js";
import type { LoadContent } from "../graph-api.js";
import { suggestion } from "./suggestion.js";
import type { TypeIntake } from "./type-intake.js";

const ABSENT = -1;

const MEMBER_TYPE: Uint8Array = new TextEncoder().encode("type");
const MEMBER_EDGE: Uint8Array = new TextEncoder().encode("edge");
const MEMBER_FROM: Uint8Array = new TextEncoder().encode("from");
const MEMBER_TO: Uint8Array = new TextEncoder().encode("to");
const MEMBER_DATA: Uint8Array = new TextEncoder().encode("data");

interface Remembered {
  readonly word: Uint8Array;
  readonly intake: TypeIntake;
}

/** Hands each record to the intake of its type (LD-11 … LD-14). */
export class RecordIntake {
  readonly #reader: RecordReader;
  readonly #catalog: Catalog;
  readonly #intakeOf: (type: EntityType) => TypeIntake;
  readonly #tokens: RecordTokens;
  readonly #isLenient: boolean;
  /** Type of the previous node record and of the previous edge record, by the word used. */
  #lastNode: Remembered | undefined;
  #lastEdge: Remembered | undefined;
  readonly #parts = { data: ABSENT, from: ABSENT, to: ABSENT };

  constructor(reader: RecordReader, catalog: Catalog, intakeOf: (type: EntityType) => TypeIntake, content: LoadContent = "strict") {
    this.#reader = reader;
    this.#catalog = catalog;
    this.#intakeOf = intakeOf;
    this.#isLenient = content === "lenient";
    this.#tokens = new RecordTokens(reader.scanner);
  }

  /** Takes all complete records the reader has. Throws at the first that is wrong (LD-19). */
  drain(): void {
    const reader = this.#reader;
    const { scanner } = reader;
    while (reader.next()) {
      const problem = this.#accept(scanner.position);
      if (problem !== undefined) throw recordProblem(problem, reader.position);
    }
  }

  #accept(end: number): string | undefined {
    const tokens = this.#tokens;
    const { tape } = tokens;
    if (tape[0] !== TOKEN_OBJECT) return "expected 'type' or 'edge' field: the value is not an object; put each entity into an object of its own";
    const parts = this.#parts;
    parts.data = parts.from = parts.to = ABSENT;
    let typeEntry = ABSENT;
    let edgeEntry = ABSENT;
    let unknown = ABSENT;
    const tapeEnd = tape[2] as number;
    for (let name = TOKEN_WORDS; name < tapeEnd; ) {
      const value = name + TOKEN_WORDS;
      tokens.readText(name);
      if (tokens.textEquals(MEMBER_TYPE)) typeEntry = value;
      else if (tokens.textEquals(MEMBER_EDGE)) edgeEntry = value;
      else if (tokens.textEquals(MEMBER_DATA)) parts.data = value;
      else if (tokens.textEquals(MEMBER_FROM)) parts.from = value;
      else if (tokens.textEquals(MEMBER_TO)) parts.to = value;
      else unknown = name;
      name = nextEntry(tape, value);
    }
    if (typeEntry === ABSENT && edgeEntry === ABSENT) return "expected 'type' or 'edge' field";
    if (unknown !== ABSENT && !this.#isLenient) return unknownField(this.#textOf(unknown));
    if (parts.data !== ABSENT && tape[parts.data] !== TOKEN_OBJECT) return "'data' must be an object";
    const intake = typeEntry === ABSENT ? this.#edgeIntake(edgeEntry) : this.#nodeIntake(typeEntry, edgeEntry);
    if (typeof intake === "string") return intake;
    const start = tape[TOKEN_WORDS + 1] as number;
    return intake.accept(tokens, parts, this.#reader.recordNumber, this.#reader.recordLine, end - start);
  }

  #nodeIntake(typeEntry: number, edgeEntry: number): TypeIntake | string {
    const tokens = this.#tokens;
    const { from, to } = this.#parts;
    if (edgeEntry !== ABSENT && !this.#isLenient) return "unknown record field 'edge' of a node: a record has either 'type' or 'edge'";
    if ((from !== ABSENT || to !== ABSENT) && !this.#isLenient) return `unknown record field '${from === ABSENT ? "to" : "from"}' of a node`;
    if (!tokens.readText(typeEntry)) return "expected 'type' or 'edge' field: 'type' must be a string";
    if (this.#lastNode !== undefined && tokens.textEquals(this.#lastNode.word)) return this.#lastNode.intake;
    const word = tokens.text();
    const type = this.#catalog.nodeTypeByName.get(word);
    if (type === undefined) return `unknown node type '${word}'${suggestion(word, this.#catalog.nodeTypeByName.keys())}`;
    this.#lastNode = { word: new TextEncoder().encode(word), intake: this.#intakeOf(type) };
    return this.#lastNode.intake;
  }

  #edgeIntake(edgeEntry: number): TypeIntake | string {
    const tokens = this.#tokens;
    const { tape } = tokens;
    if (!tokens.readText(edgeEntry)) return "expected 'type' or 'edge' field: 'edge' must be a string";
    let last = this.#lastEdge;
    if (last === undefined || !tokens.textEquals(last.word)) {
      const word = tokens.text();
      const type = resolveEdgeType(this.#catalog, word);
      if (type === undefined) return `unknown edge type '${word}'${suggestion(word, this.#catalog.edgeTypeByName.keys())}`;
      last = { word: new TextEncoder().encode(word), intake: this.#intakeOf(type) };
      this.#lastEdge = last;
    }
    const { from, to } = this.#parts;
    if (from === ABSENT || tape[from] === TOKEN_NULL) return "edge missing 'from'";
    if (to === ABSENT || tape[to] === TOKEN_NULL) return "edge missing 'to'";
    return last.intake;
  }

  #textOf(entry: number): string {
    this.#tokens.readText(entry);
    return this.#tokens.text();
  }
}

function unknownField(name: string): string {
  return `unknown record field '${name}'${suggestion(name, ["type", "edge", "from", "to", "data"])}; properties stand inside "data"`;
}
