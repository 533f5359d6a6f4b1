/**
 * Tokens of the change protocol (CH-46, CH-47): the JSON of what they are bound to, then its SHA-256, in base64url without padding.
 * The digest finds damage, not forgery: whatever a token says is checked against the graph as well.
 */
import { createHash } from "node:crypto";
import { CHANGE_TOKEN_CHARACTERS_MAX } from "../limits.js";
import { type ChangePosition, entityIdDigest } from "./entity-changes.js";
import { ChangeCursorRejectedError } from "./errors.js";

/** Continues the pages of one commit; continues a feed at a later poll; continues the pages of one poll. */
export type ChangeTokenKind = "commit-page" | "feed-cursor" | "feed-page";

/** What a token belongs to; any difference rejects it. */
export interface TokenBinding {
  readonly graphId: string;
  readonly genesisCommitId: string;
  readonly filterDigest: string;
  /** The branch of a feed and its incarnation; of a commit's pages, the commit. */
  readonly scope: string;
}

/** A commit in a branch's history. */
export interface HistoryPosition {
  readonly version: number;
  readonly graphCommitId: string;
}

export interface TokenContent {
  /** Feeds: the last commit that was delivered whole. */
  readonly after?: HistoryPosition;
  /** Pages of a feed: the last commit of this poll. */
  readonly cut?: HistoryPosition;
  /** Pages: the last entity that was delivered of the commit that is next. */
  readonly entity?: ChangePosition;
}

const VERSION = 1;
const DIGEST_BYTES = 32;
const ENTITY_ID_BYTES_MAX = 256;
const ENTITY_PREFIX_BYTES = 64;
const TEXT = /^[A-Za-z0-9_-]+$/;

export function encodeToken(kind: ChangeTokenKind, binding: TokenBinding, { after, cut, entity }: TokenContent): string {
  const json = JSON.stringify({
    v: VERSION,
    k: kind,
    b: bindingDigest(binding),
    ...(after === undefined ? {} : { a: [after.version, after.graphCommitId] }),
    ...(cut === undefined ? {} : { c: [cut.version, cut.graphCommitId] }),
    ...(entity === undefined ? {} : { t: entity.typeId, ...entityMembers(entity.entityId) }),
  });
  const bytes = Buffer.from(json, "utf8");
  return Buffer.concat([bytes, sha256(bytes)]).toString("base64url");
}

/** @throws ChangeCursorRejectedError for everything {@link encodeToken} did not make of this kind and binding */
export function decodeToken(token: string, kind: ChangeTokenKind, binding: TokenBinding): TokenContent {
  const members = parseToken(token);
  if (members["v"] !== VERSION) throw new ChangeCursorRejectedError("it is of another version of the format");
  if (members["k"] !== kind) throw new ChangeCursorRejectedError(`it is a ${describe(members["k"])}, not a ${kind}`);
  if (members["b"] !== bindingDigest(binding)) throw new ChangeCursorRejectedError("it belongs to another graph, branch, commit or filter");
  const after = historyPosition(members["a"]);
  const cut = historyPosition(members["c"]);
  const entity = entityPosition(members);
  return { ...(after === undefined ? {} : { after }), ...(cut === undefined ? {} : { cut }), ...(entity === undefined ? {} : { entity }) };
}

function parseToken(token: string): Readonly<Record<string, unknown>> {
  if (token.length > CHANGE_TOKEN_CHARACTERS_MAX) throw new ChangeCursorRejectedError("it is too long");
  const bytes = TEXT.test(token) ? Buffer.from(token, "base64url") : Buffer.alloc(0);
  // One value has one spelling: bits that the last character does not need are zero.
  if (bytes.length <= DIGEST_BYTES || bytes.toString("base64url") !== token) throw new ChangeCursorRejectedError("it is damaged");
  const json = bytes.subarray(0, -DIGEST_BYTES);
  if (!sha256(json).equals(bytes.subarray(-DIGEST_BYTES))) throw new ChangeCursorRejectedError("it is damaged");
  let value: unknown;
  try {
    value = JSON.parse(json.toString("utf8"));
  } catch {
    throw new ChangeCursorRejectedError("it is damaged");
  }
  if (typeof value !== "object" || value === null || Array.isArray(value)) throw new ChangeCursorRejectedError("it is damaged");
  return value as Readonly<Record<string, unknown>>;
}

function historyPosition(value: unknown): HistoryPosition | undefined {
  if (value === undefined) return undefined;
  const [version, graphCommitId] = Array.isArray(value) ? (value as readonly unknown[]) : [];
  if (!Number.isSafeInteger(version) || (version as number) < 1 || typeof graphCommitId !== "string") throw new ChangeCursorRejectedError("it is damaged");
  return { version: version as number, graphCommitId };
}

function entityPosition({ t, e, p, d }: Readonly<Record<string, unknown>>): ChangePosition | undefined {
  if (t === undefined) return undefined;
  if (typeof t === "string" && typeof e === "string") return { typeId: t, entityId: e };
  if (typeof t === "string" && typeof p === "string" && typeof d === "string") return { typeId: t, entityId: p, digest: d };
  throw new ChangeCursorRejectedError("it is damaged");
}

/** Ids up to 256 bytes exactly; of longer ones the beginning and a digest. */
function entityMembers(id: string): Readonly<Record<string, string>> {
  const bytes = Buffer.from(id, "utf8");
  if (bytes.length <= ENTITY_ID_BYTES_MAX) return { e: id };
  let end = ENTITY_PREFIX_BYTES;
  // Not through a character.
  while (((bytes[end] as number) & 0xc0) === 0x80) end--;
  return { p: bytes.subarray(0, end).toString("utf8"), d: entityIdDigest(id) };
}

function bindingDigest({ graphId, genesisCommitId, filterDigest, scope }: TokenBinding): string {
  return sha256(Buffer.from(JSON.stringify([graphId, genesisCommitId, filterDigest, scope]), "utf8")).toString("base64url");
}

function sha256(bytes: Uint8Array): Buffer {
  return createHash("sha256").update(bytes).digest();
}

function describe(kind: unknown): string {
  return typeof kind === "string" ? kind.slice(0, 32) : "token of no kind";
}
