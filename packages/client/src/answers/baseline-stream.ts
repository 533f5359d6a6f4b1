import { parseAnswerJson, type BaselineChunk, type BaselineHandshake } from "@omnigraphdb/api-types";

const LINE_FEED = 0x0a;

/**
 * Takes the last line of a baseline off the records (§18.7). It is written only after all records succeeded, so without it the baseline
 * is none.
 *
 * @param truncated the failure of a body that ends without it
 */
export async function* splitBaseline(chunks: AsyncIterable<Uint8Array>, truncated: () => Error): AsyncGenerator<BaselineChunk> {
  // The last complete line and whatever follows it: known to be records only once more comes.
  let held: Uint8Array[] = [];
  for await (const chunk of chunks) {
    held.push(chunk);
    // A line of many chunks is put together once, when it ends.
    if (!chunk.includes(LINE_FEED)) continue;
    const bytes = concatenate(held);
    const start = startOfLastLine(bytes);
    if (start > 0) yield { kind: "records", bytes: bytes.subarray(0, start) };
    held = [bytes.slice(start)];
  }
  const handshake = parseHandshake(concatenate(held));
  if (handshake === undefined) throw truncated();
  yield { kind: "baseline", handshake };
}

/** Of the last line that is complete; what follows it stays with it. */
function startOfLastLine(bytes: Uint8Array): number {
  const end = bytes.lastIndexOf(LINE_FEED);
  return end < 1 ? 0 : bytes.lastIndexOf(LINE_FEED, end - 1) + 1;
}

/** Undefined for everything but one whole line of that kind. */
function parseHandshake(line: Uint8Array): BaselineHandshake | undefined {
  if (line.byteLength === 0 || line.indexOf(LINE_FEED) !== line.byteLength - 1) return undefined;
  const { baseline } = parseAnswerJson(new TextDecoder().decode(line)) as { readonly baseline?: { readonly snapshot_commit_id?: unknown; readonly resume_cursor?: unknown } };
  const { snapshot_commit_id: snapshotCommitId, resume_cursor: resumeCursor } = baseline ?? {};
  return typeof snapshotCommitId === "string" && typeof resumeCursor === "string" ? { snapshotCommitId, resumeCursor } : undefined;
}

function concatenate(pieces: readonly Uint8Array[]): Uint8Array {
  const [only] = pieces;
  if (only !== undefined && pieces.length === 1) return only;
  const joined = new Uint8Array(pieces.reduce((sum, { byteLength }) => sum + byteLength, 0));
  let at = 0;
  for (const piece of pieces) {
    joined.set(piece, at);
    at += piece.byteLength;
  }
  return joined;
}
