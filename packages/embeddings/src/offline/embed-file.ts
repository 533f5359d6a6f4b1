import { type Embedder, embedTexts, throwIfAborted } from "@omnigraphdb/common";
import { dataOf, type EmbedRecord, isMissing, parseRecord, recordText, renderWith } from "./embed-record.js";
import type { EmbedSpec, EmbedType } from "./embed-spec.js";
import { EmbedRecordError, EmbedSpecError } from "./errors.js";
import { type InputLine, inputLines } from "./input-lines.js";
import { type Checkpoint, OutputFile } from "./output-file.js";
import { checkSelection, isSelected, type Selection } from "./selection.js";

/** Which vectors are made: those that are missing, all, those of selected records; or none, and existing ones are removed (EM-31). */
export type EmbedMode = "fill_missing" | "reembed_all" | "reembed_selected" | "clean";

export interface EmbedFileRequest {
  /** Absolute paths. They may be the same. */
  readonly input: string;
  readonly output: string;
  readonly spec: EmbedSpec;
  readonly mode: EmbedMode;
  readonly selection: Selection;
}

export interface EmbedProgress {
  readonly inputBytes: number;
  readonly records: number;
}

export interface EmbedContext {
  /** Called unless the mode is `clean`. */
  readonly embedder: () => Embedder | Promise<Embedder>;
  readonly signal?: AbortSignal;
  /** Called after each portion that is safe. */
  readonly onProgress?: (progress: EmbedProgress) => void;
}

export interface EmbedSummary {
  readonly records: number;
  /** Of the configured types, and selected. */
  readonly selectedRecords: number;
  readonly embeddedRecords: number;
  /** Records whose vector was removed. */
  readonly cleanedRecords: number;
  /** Null when nothing is embedded. */
  readonly model: string | null;
  /** Records that an earlier, interrupted run had done; the other counts include them. */
  readonly resumedRecords: number;
}

/** A portion is complete with so many texts to embed, or so many bytes of lines. */
const PORTION_TEXTS_MAX = 512;
const PORTION_BYTES_MAX: number = 4 * 1024 * 1024;

/**
 * Copies a file of records, one JSON object per line, with vectors added or removed (EM-30 … EM-33). Lines that need no change are
 * copied byte for byte. Memory is bounded; the output appears when it is complete, and replaces what was there.
 *
 * A run that ends early, however it ends, is continued by the next one with the same spec, model, mode and selection: records that it had
 * done are neither embedded again nor repeated nor left out.
 *
 * @throws EmbedSpecError, EmbedRecordError, EmbedRunningError; whatever the embedder throws; CancelledError; errors of the file system
 */
export async function embedFile(request: EmbedFileRequest, context: EmbedContext): Promise<EmbedSummary> {
  const { spec, mode, selection } = request;
  checkSelection(selection, spec);
  const embedder = mode === "clean" ? undefined : await context.embedder();
  const model = embedder?.model ?? null;
  if (spec.model !== undefined && embedder !== undefined && spec.model !== embedder.model) {
    throw new EmbedSpecError(`the spec names model '${spec.model}', and the configured embedding model is '${embedder.model}'`, "Configure the model with OMNIGRAPH_EMBED_MODEL.");
  }
  const job = JSON.stringify({ provider: embedder?.provider ?? null, model, mode, selection, dimension: spec.dimension, types: [...spec.types] });
  await using output = await OutputFile.open(request.output, request.input, job);
  const portion = new Portion(request, embedder, context.signal, output.start);
  const commit = async (): Promise<void> => {
    throwIfAborted(context.signal, "embed");
    const { done, input, lines } = await portion.finish();
    await output.advance(done, input, lines);
    context.onProgress?.(done);
  };
  for await (const line of inputLines(request.input, output.start.inputBytes, output.start.lines + 1, context.signal)) {
    portion.add(line);
    if (portion.isFull) await commit();
  }
  await commit();
  await output.publish();
  const { records, selected, embedded, cleaned } = portion.done;
  return { records, selectedRecords: selected, embeddedRecords: embedded, cleanedRecords: cleaned, model, resumedRecords: output.start.records };
}

/** A record that waits for the vector of its text. */
interface Waiting {
  readonly at: number;
  readonly record: EmbedRecord;
  readonly data: Record<string, unknown>;
  readonly target: string;
  readonly text: string;
}

/** Lines on their way from the input to the next checkpoint. */
class Portion {
  /** Everything up to the last {@link finish}. */
  done: Checkpoint;
  readonly #request: EmbedFileRequest;
  readonly #embedder: Embedder | undefined;
  readonly #signal: AbortSignal | undefined;
  #counts: { records: number; selected: number; embedded: number; cleaned: number };
  #input: Uint8Array[] = [];
  #inputBytes = 0;
  #lines: (string | Uint8Array)[] = [];
  #waiting: Waiting[] = [];

  constructor(request: EmbedFileRequest, embedder: Embedder | undefined, signal: AbortSignal | undefined, start: Checkpoint) {
    this.#request = request;
    this.#embedder = embedder;
    this.#signal = signal;
    this.done = start;
    const { records, selected, embedded, cleaned } = start;
    this.#counts = { records, selected, embedded, cleaned };
  }

  get isFull(): boolean {
    return this.#waiting.length >= PORTION_TEXTS_MAX || this.#inputBytes >= PORTION_BYTES_MAX;
  }

  /** @throws EmbedRecordError */
  add(line: InputLine): void {
    this.#input.push(line.whole);
    this.#inputBytes += line.whole.length;
    const text = textOf(line);
    if (text.trim() === "") return;
    this.#counts.records++;
    this.#lines.push(line.bytes);
    const record = parseRecord(text, line.number);
    const type = record.type === undefined ? undefined : this.#request.spec.types.get(record.type);
    if (type !== undefined) this.#judge(record, type, line.number);
  }

  /** Embeds what waits. */
  async finish(): Promise<{ readonly done: Checkpoint; readonly input: readonly Uint8Array[]; readonly lines: readonly Uint8Array[] }> {
    await this.#embed();
    const lines = this.#lines.map((line) => Buffer.concat([typeof line === "string" ? Buffer.from(line) : line, NEWLINE]));
    const input = this.#input;
    this.done = {
      inputBytes: this.done.inputBytes + this.#inputBytes,
      lines: this.done.lines + input.length,
      outputBytes: this.done.outputBytes + lines.reduce((sum, line) => sum + line.length, 0),
      ...this.#counts,
    };
    this.#input = [];
    this.#inputBytes = 0;
    this.#lines = [];
    return { done: this.done, input, lines };
  }

  #judge(record: EmbedRecord, { target, ...rest }: EmbedType, line: number): void {
    const { mode, selection } = this.#request;
    const name = record.type as string;
    const data = dataOf(record, line);
    if (!isSelected(selection, name, data)) return;
    this.#counts.selected++;
    const hasMember = Object.hasOwn(data, target);
    if (mode === "fill_missing" && !isMissing(data[target])) return;
    const text = mode === "clean" ? undefined : recordText(name, data, { target, ...rest });
    const at = this.#lines.length - 1;
    if (text !== undefined) this.#waiting.push({ at, record, data, target, text });
    // A vector of a text that is gone says nothing.
    else if (hasMember && mode !== "fill_missing") {
      this.#lines[at] = renderWith(record, data, target, undefined);
      this.#counts.cleaned++;
    }
  }

  async #embed(): Promise<void> {
    const waiting = this.#waiting;
    this.#waiting = [];
    if (waiting.length === 0 || this.#embedder === undefined) return;
    const signal = this.#signal === undefined ? {} : { signal: this.#signal };
    const texts = [...new Set(waiting.map(({ text }) => text))];
    const vectors = await embedTexts(this.#embedder, texts, { role: "document", dimension: this.#request.spec.dimension, ...signal });
    const vectorOf = new Map(texts.map((text, i) => [text, vectors[i]]));
    for (const { at, record, data, target, text } of waiting) this.#lines[at] = renderWith(record, data, target, vectorOf.get(text));
    this.#counts.embedded += waiting.length;
  }
}

const NEWLINE: Uint8Array = Uint8Array.of(0x0a);

function textOf({ bytes, number }: InputLine): string {
  try {
    // A byte order mark before the first record is not part of it.
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: number > 1 }).decode(bytes);
  } catch {
    throw new EmbedRecordError(number, "not valid UTF-8");
  }
}
