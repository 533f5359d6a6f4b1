import type { EntityType } from "@omnigraphdb/compiler";
import { assert } from "@omnigraphdb/common";
import type { ScalarColumnBuilder } from "../columnar/column-builder.js";
import type { UlidSequence } from "../columnar/ulid-sequence.js";
import { canonicalText, entityIdFromKey, quoteNames } from "../validate/canonical-text.js";
import { createValueDecoder, nullInRequired, type ValueDecoder } from "./decode-value.js";
import type { LoadContent } from "../graph-api.js";
import { recordProblem } from "./errors.js";
import { nextEntry, TOKEN_NULL, TOKEN_WORDS } from "./json-scanner.js";
import { isBlank, type VectorFiller } from "./vector-filler.js";
import { BATCH_BYTES_MAX, BATCH_ROWS_MAX } from "../staging/staging-limits.js";
import type { RecordTokens } from "./record-tokens.js";
import { suggestion } from "./suggestion.js";
import type { TypeRows } from "../staging/type-rows.js";

/** Tape entries of one record's parts; -1 where it has none. */
export interface RecordParts {
  readonly data: number;
  readonly from: number;
  readonly to: number;
}

const ABSENT = -1;
const ID_NAME = "id";
/** Where `id` stands among the names of a type. */
const ID_POSITION = -2;
/** Names that no strict record may use (W07). */
const RESERVED_NAMES: ReadonlySet<string> = new Set([
  "_tombstone",
  "_rowid",
  "_rowaddr",
  "_rowoffset",
  "_row_created_at_version",
  "_row_last_updated_at_version",
]);

const BYTES_CHECK_INTERVAL = 1024 * 1024;

/** Reads records of one type into its columns. No object is made per record. */
export class TypeIntake {
  readonly rows: TypeRows;
  readonly #generatedIds: UlidSequence;
  readonly #decoders: readonly ValueDecoder[];
  /** Loadable names and their property positions (or {@link ID_POSITION}). */
  readonly #names: readonly { readonly bytes: Uint8Array; readonly position: number }[];
  /** By member number: index into `#names` where the previous record had it. */
  readonly #guesses: number[] = [];
  /** By property position: tape entry of the value in the current record. */
  readonly #entries: Int32Array;
  readonly #keyPositions: readonly number[];
  readonly #isLenient: boolean;
  readonly #vectors: VectorFiller | undefined;
  /** Positions of required vectors that are computed where they are missing, and of their texts. */
  readonly #computed: readonly { readonly vector: number; readonly text: number }[];
  /** Record and line numbers of the rows of the open batch. */
  #recordNumbers: number[] = [];
  #lineNumbers: number[] = [];
  #uncheckedBytes = 0;

  /** @param vectors computes missing vectors of the type; absent when the load embeds nothing */
  constructor(rows: TypeRows, generatedIds: UlidSequence, content: LoadContent, vectors?: VectorFiller) {
    const { type } = rows;
    this.rows = rows;
    this.#generatedIds = generatedIds;
    this.#isLenient = content === "lenient";
    this.#vectors = vectors;
    this.#computed = vectors === undefined ? [] : requiredTargets(type);
    this.#decoders = type.properties.map((property, i) => {
      const decoded = this.#isComputed(i) ? { ...property, type: { ...property.type, isNullable: true } } : property;
      return createValueDecoder(decoded, rows.properties[i] as ScalarColumnBuilder, content);
    });
    this.#entries = new Int32Array(type.properties.length);
    const encoder = new TextEncoder();
    this.#names = [
      { bytes: encoder.encode(ID_NAME), position: ID_POSITION },
      ...type.properties
        .map((property, position) => ({ name: property.name, bytes: encoder.encode(property.name), position }))
        .filter(({ name }) => !RESERVED_NAMES.has(name)),
    ];
    this.#keyPositions = type.kind === "node" ? type.key.map((property) => type.properties.indexOf(property)) : [];
    assert(!this.#keyPositions.includes(-1), "key properties are properties of the type");
  }

  /** Appends one record. @returns what is wrong with it; the load then ends */
  accept(tokens: RecordTokens, parts: RecordParts, recordNumber: number, lineNumber: number, byteCount: number): string | undefined {
    this.#entries.fill(ABSENT);
    const idEntry = this.#readMembers(tokens, parts.data);
    if (typeof idEntry === "string") return idEntry;
    const problem = this.#fillMissing() ?? this.#refuseUncomputable(tokens) ?? this.#appendId(tokens, idEntry) ?? this.#appendEnds(tokens, parts);
    if (problem !== undefined) return problem;
    this.#recordNumbers.push(recordNumber);
    this.#lineNumbers.push(lineNumber);
    this.#uncheckedBytes += byteCount;
    if (this.rows.openRows >= BATCH_ROWS_MAX || this.#isFullByBytes()) this.flush();
    return undefined;
  }

  flush(): void {
    const records = this.#recordNumbers;
    const lines = this.#lineNumbers;
    this.#recordNumbers = [];
    this.#lineNumbers = [];
    this.#uncheckedBytes = 0;
    const batch = this.rows.flush((row, problem) => recordProblem(problem, { record: records[row] as number, line: lines[row] as number }).message);
    if (batch !== undefined) this.#vectors?.take(this.rows.type, batch);
  }

  #isFullByBytes(): boolean {
    if (this.#uncheckedBytes < BYTES_CHECK_INTERVAL) return false;
    this.#uncheckedBytes = 0;
    return this.rows.openBytes >= BATCH_BYTES_MAX;
  }

  /** Decodes the members of `data`; the entry of `id`, {@link ABSENT}, or a problem. */
  #readMembers(tokens: RecordTokens, data: number): number | string {
    if (data === ABSENT) return ABSENT;
    const { tape } = tokens;
    const end = tape[data + 2] as number;
    let idEntry = ABSENT;
    let member = 0;
    for (let name = data + TOKEN_WORDS; name < end; member++) {
      const value = name + TOKEN_WORDS;
      tokens.readText(name);
      const position = this.#positionOf(tokens, member);
      if (position === ID_POSITION) idEntry = value;
      else if (position === ABSENT) {
        if (!this.#isLenient) return this.#refuseName(tokens.text());
      } else {
        const problem = (this.#decoders[position] as ValueDecoder)(tokens, value);
        if (problem !== undefined) return problem;
        this.#entries[position] = value;
      }
      name = nextEntry(tape, value);
    }
    return idEntry;
  }

  /** Records of one type mostly have the same members in the same order, so the previous record is asked first. */
  #positionOf(tokens: RecordTokens, member: number): number {
    const names = this.#names;
    const guess = this.#guesses[member];
    if (guess !== undefined) {
      const name = names[guess] as { readonly bytes: Uint8Array; readonly position: number };
      if (tokens.textEquals(name.bytes)) return name.position;
    }
    for (let i = 0; i < names.length; i++) {
      const name = names[i] as { readonly bytes: Uint8Array; readonly position: number };
      if (!tokens.textEquals(name.bytes)) continue;
      this.#guesses[member] = i;
      return name.position;
    }
    return ABSENT;
  }

  #refuseName(name: string): string {
    if (RESERVED_NAMES.has(name) || name.startsWith("__")) return `input field '${name}' is reserved`;
    if (this.rows.type.kind === "edge" && (name === "src" || name === "dst")) {
      return `input field '${name}' is reserved: give the ends of an edge as 'from' and 'to' next to 'data'`;
    }
    const { type } = this.rows;
    return `unknown input field '${name}' of ${type.name}${suggestion(name, type.propertyByName.keys())}`;
  }

  #fillMissing(): string | undefined {
    const { type, properties } = this.rows;
    for (let position = 0; position < this.#entries.length; position++) {
      if (this.#entries[position] !== ABSENT) continue;
      const property = type.properties[position] as EntityType["properties"][number];
      if (this.#keyPositions.includes(position)) return `node ${type.name} missing @key property '${property.name}'`;
      if (!property.type.isNullable && !this.#isComputed(position)) return nullInRequired(property);
      (properties[position] as ScalarColumnBuilder).appendNull();
    }
    return undefined;
  }

  #isComputed(position: number): boolean {
    return this.#computed.some(({ vector }) => vector === position);
  }

  /** A required vector needs a text to be computed from (EM-10). */
  #refuseUncomputable(tokens: RecordTokens): string | undefined {
    for (const { vector, text } of this.#computed) {
      if (!this.#isNullEntry(tokens, vector)) continue;
      if (!this.#isNullEntry(tokens, text) && tokens.readText(this.#entries[text] as number) && !isBlank(tokens.text())) continue;
      return nullInRequired(this.rows.type.properties[vector] as EntityType["properties"][number]);
    }
    return undefined;
  }

  #isNullEntry(tokens: RecordTokens, position: number): boolean {
    const entry = this.#entries[position] as number;
    return entry === ABSENT || tokens.tape[entry] === TOKEN_NULL;
  }

  #appendId(tokens: RecordTokens, idEntry: number): string | undefined {
    const { rows } = this;
    if (idEntry !== ABSENT && !tokens.readText(idEntry)) {
      if (!this.#isLenient || rows.type.kind === "node") return "id must be a string";
      this.#generatedIds.appendTo(rows.id);
      return undefined;
    }
    if (this.#keyPositions.length > 0) return this.#appendKeyedId(tokens, idEntry);
    if (idEntry === ABSENT) {
      this.#generatedIds.appendTo(rows.id);
      return undefined;
    }
    rows.id.appendBytes(tokens.textBytes, tokens.textStart, tokens.textEnd);
    rows.markNamed();
    return undefined;
  }

  #appendKeyedId(tokens: RecordTokens, idEntry: number): string | undefined {
    const { rows } = this;
    const only = this.#keyPositions.length === 1 ? (this.#keyPositions[0] as number) : ABSENT;
    if (only !== ABSENT && tokens.readText(this.#entries[only] as number) && this.#isText(only)) {
      rows.id.appendBytes(tokens.textBytes, tokens.textStart, tokens.textEnd);
    } else {
      const texts = this.#keyTexts();
      if (texts === undefined) return `@key property of ${rows.type.name} has a non-finite value`;
      rows.id.appendCell(entityIdFromKey(texts));
    }
    rows.markNamed();
    if (idEntry === ABSENT) return undefined;
    tokens.readText(idEntry);
    if (rows.id.lastEquals(tokens.textBytes, tokens.textStart, tokens.textEnd)) return undefined;
    const names = quoteNames(this.#keyPositions.map((position) => rows.type.properties[position] as EntityType["properties"][number]));
    return `id '${tokens.text()}' of node ${rows.type.name} does not match its @key property ${names}: expected '${String(rows.id.lastCell())}'`;
  }

  #isText(position: number): boolean {
    return this.rows.type.properties[position]?.type.base.kind === "String";
  }

  #keyTexts(): readonly string[] | undefined {
    const texts: string[] = [];
    for (const position of this.#keyPositions) {
      const property = this.rows.type.properties[position] as EntityType["properties"][number];
      const text = canonicalText((this.rows.properties[position] as ScalarColumnBuilder).lastCell(), property.type);
      if (text === undefined) return undefined;
      texts.push(text);
    }
    return texts;
  }

  #appendEnds(tokens: RecordTokens, parts: RecordParts): string | undefined {
    if (this.rows.type.kind === "node") return undefined;
    if (!tokens.readText(parts.from)) return "edge 'from' must be a string";
    this.rows.source.appendBytes(tokens.textBytes, tokens.textStart, tokens.textEnd);
    if (!tokens.readText(parts.to)) return "edge 'to' must be a string";
    this.rows.target.appendBytes(tokens.textBytes, tokens.textStart, tokens.textEnd);
    return undefined;
  }
}

function requiredTargets(type: EntityType): readonly { readonly vector: number; readonly text: number }[] {
  return type.properties.flatMap(({ embed, type: { isNullable } }, vector) => {
    if (embed === null || isNullable) return [];
    return [{ vector, text: type.properties.findIndex(({ name }) => name === embed.sourceProperty) }];
  });
}
