import { createHash, type Hash } from "node:crypto";
import { createReadStream } from "node:fs";
import { type FileHandle, mkdir, open, readFile, rename, rm, stat } from "node:fs/promises";
import { hostname } from "node:os";
import { dirname } from "node:path";
import { kill, pid } from "node:process";
import { EmbedRunningError } from "./errors.js";

/** What a run has done up to some record. */
export interface Checkpoint {
  readonly inputBytes: number;
  /** Lines of the input, blank ones included. */
  readonly lines: number;
  readonly outputBytes: number;
  readonly records: number;
  readonly selected: number;
  readonly embedded: number;
  readonly cleaned: number;
}

const NOTHING_DONE: Checkpoint = { inputBytes: 0, lines: 0, outputBytes: 0, records: 0, selected: 0, embedded: 0, cleaned: 0 };

interface JournalEntry extends Checkpoint {
  /** Of the first `inputBytes` of the input. */
  readonly inputSha256: string;
}

/**
 * The output of one run, as `<output>.tmp` until it is complete, beside a journal `<output>.tmp.progress` that says how far it is
 * right: its first line names the job, each further one who works on it or a checkpoint. A run that was killed is continued by the
 * next one with the same job, if the input still begins with what was read; otherwise that one starts anew. Nothing is written to the
 * output before a checkpoint says so, so no record is there twice and none is missing.
 */
export class OutputFile implements AsyncDisposable {
  /** Where this run goes on. */
  readonly start: Checkpoint;
  readonly #output: string;
  readonly #file: FileHandle;
  readonly #journal: FileHandle;
  readonly #inputHash: Hash;

  private constructor(output: string, file: FileHandle, journal: FileHandle, start: Checkpoint, inputHash: Hash) {
    this.#output = output;
    this.#file = file;
    this.#journal = journal;
    this.start = start;
    this.#inputHash = inputHash;
  }

  /**
   * @param job everything that the output depends on besides the input
   * @throws EmbedRunningError
   */
  static async open(output: string, input: string, job: string): Promise<OutputFile> {
    await mkdir(dirname(output), { recursive: true });
    const found = await findUnfinished(output, input, job);
    const file = await open(temporaryOf(output), found === undefined ? "w" : "r+");
    const journal = await open(journalOf(output), found === undefined ? "w" : "a");
    await journal.truncate(found?.journalBytes ?? 0);
    const start = found?.checkpoint ?? NOTHING_DONE;
    const opened = new OutputFile(output, file, journal, start, found?.inputHash ?? createHash("sha256"));
    await file.truncate(start.outputBytes);
    if (found === undefined) await opened.#note({ job: digestOf(job) });
    await opened.#note({ host: hostname(), pid });
    return opened;
  }

  /** Makes what `checkpoint` counts survive everything: `input` is what was read for it since the last one, `output` what came of it. */
  async advance(checkpoint: Checkpoint, input: readonly Uint8Array[], output: readonly Uint8Array[]): Promise<void> {
    const bytes = Buffer.concat(output);
    let position = checkpoint.outputBytes - bytes.length;
    for (let written = 0; written < bytes.length; ) {
      const { bytesWritten } = await this.#file.write(bytes, written, bytes.length - written, position);
      written += bytesWritten;
      position += bytesWritten;
    }
    await this.#file.datasync();
    for (const piece of input) this.#inputHash.update(piece);
    await this.#note({ ...checkpoint, inputSha256: this.#inputHash.copy().digest("hex") });
  }

  /** Gives the complete file its name. */
  async publish(): Promise<void> {
    await this.#file.sync();
    await this[Symbol.asyncDispose]();
    await rename(temporaryOf(this.#output), this.#output);
    const folder = await open(dirname(this.#output), "r");
    await folder.sync().finally(() => folder.close());
    await rm(journalOf(this.#output), { force: true });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#file.close();
    await this.#journal.close();
  }

  async #note(entry: object): Promise<void> {
    await this.#journal.appendFile(`${JSON.stringify(entry)}\n`);
    await this.#journal.datasync();
  }
}

function temporaryOf(output: string): string {
  return `${output}.tmp`;
}

function journalOf(output: string): string {
  return `${output}.tmp.progress`;
}

function digestOf(text: string): string {
  return createHash("sha256").update(text).digest("hex");
}

interface Unfinished {
  readonly checkpoint: Checkpoint;
  /** Of the input up to the checkpoint. */
  readonly inputHash: Hash;
  /** Of the journal, as far as it is readable. */
  readonly journalBytes: number;
}

async function findUnfinished(output: string, input: string, job: string): Promise<Unfinished | undefined> {
  const { entries, journalBytes } = await readJournal(journalOf(output));
  const owner = entries.findLast((entry) => "pid" in entry) as { readonly host: string; readonly pid: number } | undefined;
  if (owner !== undefined && owner.host === hostname() && owner.pid !== pid && isAlive(owner.pid)) throw new EmbedRunningError(output, owner.pid, journalOf(output));
  if ((entries[0] as { readonly job?: unknown } | undefined)?.job !== digestOf(job)) return undefined;
  const last = entries.findLast((entry) => "inputSha256" in entry) as JournalEntry | undefined;
  const found = await stat(temporaryOf(output)).catch(() => undefined);
  if (last === undefined || found === undefined || found.size < last.outputBytes) return undefined;
  const inputHash = await hashBeginning(input, last.inputBytes);
  if (inputHash?.copy().digest("hex") !== last.inputSha256) return undefined;
  const { inputSha256: _checked, ...checkpoint } = last;
  return { checkpoint, inputHash, journalBytes };
}

/** Entries up to the first that is no entry: a killed process leaves half of one. */
async function readJournal(path: string): Promise<{ readonly entries: readonly object[]; readonly journalBytes: number }> {
  const text = await readFile(path, "utf8").catch(() => "");
  const entries: object[] = [];
  let journalBytes = 0;
  for (const line of text.split("\n").slice(0, -1)) {
    try {
      entries.push(JSON.parse(line) as object);
    } catch {
      break;
    }
    journalBytes += Buffer.byteLength(line) + 1;
  }
  return { entries, journalBytes };
}

/** Undefined when the file is shorter, or when what was its last line has become longer. */
async function hashBeginning(path: string, byteCount: number): Promise<Hash | undefined> {
  const hash = createHash("sha256");
  if (byteCount === 0) return hash;
  const { size } = await stat(path);
  if (size < byteCount) return undefined;
  let last = 0;
  for await (const chunk of createReadStream(path, { end: byteCount - 1 }) as AsyncIterable<Buffer>) {
    hash.update(chunk);
    last = chunk.at(-1) ?? last;
  }
  return size === byteCount || last === 0x0a ? hash : undefined;
}

function isAlive(process: number): boolean {
  try {
    kill(process, 0);
    return true;
  } catch (error) {
    // EPERM: it lives, and belongs to somebody else.
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
}
