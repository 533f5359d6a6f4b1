import { type FileHandle, open } from "node:fs/promises";
import { resolve } from "node:path";
import type { BlobReader } from "@omnigraphdb/api-types";
import { READ_FLAGS } from "../addressing/flag-sets.js";
import { resolveDataTarget } from "../addressing/resolve-target.js";
import { blobSelector, declareBlobSelector, findBlob } from "../blob-address.js";
import { openClient } from "../client/open-client.js";
import type { CommandDefinition } from "../command-definition.js";
import { OutputFileError, UsageError } from "../errors.js";
import { EXIT } from "../exit-code.js";
import type { Io } from "../io.js";
import { declareReadTarget, readTarget, type ReadTargetFlags } from "../read-target.js";

interface BlobGetFlags extends ReadTargetFlags {
  readonly offset?: string;
  readonly length?: string;
  readonly out?: string;
}

/** What part of the content is asked for; absent = from the beginning, to the end. */
interface ByteRange {
  readonly offset: number | undefined;
  readonly length: number | undefined;
}

export const blobGetCommand: CommandDefinition<BlobGetFlags> = {
  path: ["blob", "get"],
  capability: "any",
  summary: "write the bytes of one blob to stdout or a file",
  accepts: READ_FLAGS,
  examples: [
    "omnigraph blob get node Doc report-7 file --store ./docs.omni --out report.pdf",
    "omnigraph blob get node Doc report-7 file --store ./docs.omni --length 4 | xxd",
  ],
  declare(command) {
    declareBlobSelector(command);
    declareReadTarget(command, "read");
    command
      .option("--offset <N>", "first byte, counted from 0")
      .option("--length <M>", "at most this many bytes")
      .option("--out <PATH>", "file to write, instead of stdout");
  },
  async run(invocation) {
    const { io, positionals, flags } = invocation;
    const selector = blobSelector(positionals);
    const range = byteRange(flags);
    const target = readTarget(flags);
    const address = await resolveDataTarget(invocation);
    await using client = await openClient(io, address, "ro");
    const blob = await findBlob(client, target, selector);
    const [start, end] = await boundsOf(blob, range);
    const chunks = blob.chunks(start, end);
    if (flags.out === undefined) for await (const chunk of chunks) await io.stdout.write(chunk);
    else await writeFile(io, flags.out, chunks);
    return EXIT.success;
  },
};

/** Checked before any address is resolved. */
function byteRange(flags: BlobGetFlags): ByteRange {
  const offset = byteCount("--offset", flags.offset);
  const length = byteCount("--length", flags.length);
  if (length === 0) throw new UsageError("--length 0 asks for nothing", "Give at least 1, or leave it out to read to the end.");
  if (!Number.isSafeInteger((offset ?? 0) + (length ?? 0))) throw new UsageError("--offset and --length together are too large", "No blob is that long.");
  return { offset, length };
}

function byteCount(flag: string, text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  const value = Number(text);
  if (/^[0-9]+$/.test(text) && Number.isSafeInteger(value)) return value;
  throw new UsageError(`${flag} takes a number of bytes, not '${text}'`, "Give a whole number such as 4096.");
}

/** The part of the content that exists; a range is shortened to it, unless it begins behind its last byte. */
async function boundsOf(blob: BlobReader, { offset, length }: ByteRange): Promise<readonly [start: number, end: number]> {
  if (offset === undefined && length === undefined) return [0, blob.length];
  const start = offset ?? 0;
  const wanted = length === undefined ? Math.max(start, blob.length) : start + length;
  if (start >= blob.length) {
    const { BlobRangeNotSatisfiableError } = await import("@omnigraphdb/engine");
    throw new BlobRangeNotSatisfiableError(start, wanted, blob.length);
  }
  return [start, Math.min(wanted, blob.length)];
}

/** The file is not touched before there is something to write, or nothing to come. */
async function writeFile(io: Io, path: string, chunks: AsyncIterable<Uint8Array>): Promise<void> {
  let file: FileHandle | undefined;
  try {
    for await (const chunk of chunks) {
      file ??= await openOutput(io, path);
      await file.writeFile(chunk);
    }
    file ??= await openOutput(io, path);
  } finally {
    await file?.close();
  }
}

async function openOutput(io: Io, path: string): Promise<FileHandle> {
  try {
    return await open(resolve(io.cwd, path), "w");
  } catch (error) {
    throw new OutputFileError(path, error);
  }
}
