import {
  type BaselineChunk,
  type BaselineOptions,
  type BlobReader,
  type BranchCreated,
  type BranchDeleted,
  type ChangeFeedPage,
  type ChangeFilter,
  type ChangesOptions,
  type CommitChangesOptions,
  type CommitChangesPage,
  decodeBranchCreated,
  decodeBranchDeleted,
  decodeBranches,
  decodeChangeFeed,
  decodeCommit,
  decodeCommitChanges,
  decodeCommits,
  decodeExplanation,
  decodeDiff,
  decodeLoad,
  decodeMerge,
  decodeMutation,
  decodeQueryCatalog,
  decodeSchemaApply,
  type SchemaOutput,
  decodeSnapshot,
  type DiffOptions,
  type Explanation,
  type GraphCommit,
  type GraphDiff,
  type LoadReceipt,
  type MergeReceipt,
  type MutationReceipt,
  type QueryCatalogEntry,
  type SchemaApplyReceipt,
  type SnapshotInfo,
  stringifyJson,
} from "@omnigraphdb/api-types";
import { splitBaseline } from "../answers/baseline-stream.js";
import { decodeReadAnswer } from "../answers/read-answer.js";
import { wholeLines } from "../answers/whole-lines.js";
import { InvalidRequestError, ServerConnectionError } from "../errors.js";
import type {
  ApplySchemaRequest,
  BlobRequest,
  BranchRequest,
  CallOptions,
  ExplainRequest,
  ExportRequest,
  GraphClient,
  MergeRequest,
  RunLoadRequest,
  RunMutationRequest,
  RunQueryRequest,
  RunStoredMutationRequest,
  RunStoredQueryRequest,
} from "../graph-client.js";
import type { ReadResult } from "../read-result.js";
import type { ReadTarget } from "../read-target.js";
import { connect, type Connection, type ConnectionOptions } from "./connection.js";
import { HttpBlob } from "./http-blob.js";
import { loadBody, loadText } from "./load-body.js";
import type { RequestBody, Transport, WireRequest } from "./transport.js";
import type { UrlQuery } from "./url.js";

const CONDITION_HEADER = "omnigraph-if-graph-commit";
const CONDITION_SEGMENT = "if-graph-commit";

/** Beyond the time limit of a query. */
const ANSWER_GRACE_MS = 5_000;

/** A graph behind a server. Nothing is sent before the first call. */
export class HttpGraphClient implements GraphClient {
  readonly #connection: Connection;

  /**
   * @param options with the address of the graph: `…/graphs/<id>`
   * @throws InvalidServerAddressError, InvalidRequestError for options that contradict themselves
   */
  constructor(options: ConnectionOptions) {
    this.#connection = connect(options);
  }

  async query({ source, name, params, timeoutMs, signal, ...target }: RunQueryRequest): Promise<ReadResult> {
    return await this.#read({ method: "POST", segments: ["query"], body: jsonBody({ query: source, name, params, ...targetOf(target), ...limitOf(timeoutMs) }), timeoutMs: patience(timeoutMs), signal });
  }

  async explain({ source, name, params, analyze, timeoutMs, signal, ...target }: ExplainRequest): Promise<Explanation> {
    const body = jsonBody({ query: source, name, params, ...targetOf(target), analyze, ...limitOf(timeoutMs) });
    return await this.#json({ method: "POST", segments: ["explain"], body, timeoutMs: patience(timeoutMs), signal }, "analyzed", decodeExplanation);
  }

  async mutate({ source, name, params, branch, actor, ifCommit, signal }: RunMutationRequest): Promise<MutationReceipt> {
    refuseActor(actor);
    const body = jsonBody({ query: source, name, params, branch });
    return await this.#json({ method: "POST", ...conditional(["mutate"], ifCommit), body, signal, isWrite: true }, "affected_nodes", decodeMutation);
  }

  storedQueries({ signal }: CallOptions = {}): Promise<readonly QueryCatalogEntry[]> {
    return this.#json({ method: "GET", segments: ["queries"], signal }, "queries", decodeQueryCatalog);
  }

  async runStoredQuery({ name, params, signal, ...target }: RunStoredQueryRequest): Promise<ReadResult> {
    return await this.#read({ method: "POST", segments: ["queries", name], body: jsonBody({ params, ...targetOf(target), expect_mutation: false }), signal });
  }

  async runStoredMutation({ name, params, branch, ifCommit, signal }: RunStoredMutationRequest): Promise<MutationReceipt> {
    const body = jsonBody({ params, branch, expect_mutation: true });
    return await this.#json({ method: "POST", ...conditional(["queries", name], ifCommit), body, signal, isWrite: true }, "affected_nodes", decodeMutation);
  }

  async load({ input, mode, branch, base, actor, isLenient, embed, onProgress, signal }: RunLoadRequest): Promise<LoadReceipt> {
    refuseActor(actor);
    if (isLenient === true) {
      const body = jsonBody({ branch, from: base, mode, data: await loadText(input) });
      return await this.#json({ method: "POST", segments: ["ingest"], body, signal, isWrite: true }, "total_entities", decodeLoad);
    }
    return await this.#json({ method: "POST", segments: ["load", "ndjson"], query: { branch, from: base, mode, embed }, body: loadBody(input, onProgress), signal, isWrite: true }, "total_entities", decodeLoad);
  }

  exportJsonl({ target, typeNames, signal }: ExportRequest): AsyncIterable<Uint8Array> {
    const body = jsonBody({ ...targetOf(target), type_names: typeNames });
    return wholeLines(this.#stream({ method: "POST", segments: ["export"], body, signal }), () => this.#truncated());
  }

  async readBlob({ target, selector, signal }: BlobRequest): Promise<BlobReader | null> {
    const query = { entity: selector.entity, type: selector.type, id: selector.id, property: selector.property };
    return HttpBlob.find(this.#transport, query, targetOf(target), signal);
  }

  schemaSource({ signal }: CallOptions = {}): Promise<string> {
    return this.#json({ method: "GET", segments: ["schema"], signal }, "schema_source", ({ schema_source: source }: SchemaOutput) => source);
  }

  async applySchema({ source, allowDataLoss, actor, signal }: ApplySchemaRequest): Promise<SchemaApplyReceipt> {
    refuseActor(actor);
    const body = jsonBody({ schema_source: source, allow_data_loss: allowDataLoss });
    return await this.#json({ method: "POST", segments: ["schema", "apply"], body, signal, isWrite: true }, "applied", decodeSchemaApply);
  }

  snapshot(target: ReadTarget, { signal }: CallOptions = {}): Promise<SnapshotInfo> {
    return this.#json({ method: "GET", segments: ["snapshot"], query: targetOf(target), signal }, "datasets", decodeSnapshot);
  }

  listCommits(target: ReadTarget, { signal }: CallOptions = {}): Promise<readonly GraphCommit[]> {
    return this.#json({ method: "GET", segments: ["commits"], query: targetOf(target), signal }, "commits", decodeCommits);
  }

  getCommit(graphCommitId: string, { signal }: CallOptions = {}): Promise<GraphCommit> {
    return this.#json({ method: "GET", segments: ["commits", graphCommitId], signal }, "graph_commit_id", decodeCommit);
  }

  commitChanges(graphCommitId: string, { signal, pageToken, limit, ...filter }: CommitChangesOptions & CallOptions): Promise<CommitChangesPage> {
    const query = { ...filterQuery(filter), limit, page_token: pageToken };
    return this.#json({ method: "GET", segments: ["commits", graphCommitId, "changes"], query, signal }, "changes", decodeCommitChanges);
  }

  changes({ signal, branch, start, cursor, pageToken, limit, ...filter }: ChangesOptions & CallOptions): Promise<ChangeFeedPage> {
    const query = { branch, start, cursor, page_token: pageToken, ...filterQuery(filter), limit };
    return this.#json({ method: "GET", segments: ["changes"], query, signal }, "blocks", decodeChangeFeed);
  }

  changesBaseline({ signal, branch, kinds, types, ops }: BaselineOptions & CallOptions): AsyncIterable<BaselineChunk> {
    const body = jsonBody({ branch, kind: kinds, type: types, op: ops });
    return splitBaseline(this.#stream({ method: "POST", segments: ["changes", "baseline"], body, signal }), () => this.#truncated());
  }

  diff(from: string, to: string, { signal, images, ...filter }: DiffOptions & CallOptions): Promise<GraphDiff> {
    const query = { from, to, ...filterQuery(filter), images: images === true ? "true" : undefined };
    return this.#json({ method: "GET", segments: ["diff"], query, signal }, "changes", decodeDiff);
  }

  async createBranch({ name, from, actor, signal }: BranchRequest & { readonly from: string }): Promise<BranchCreated> {
    refuseActor(actor);
    return await this.#json({ method: "POST", segments: ["branches"], body: jsonBody({ name, from }), signal, isWrite: true }, "from", decodeBranchCreated);
  }

  listBranches({ signal }: CallOptions = {}): Promise<readonly string[]> {
    return this.#json({ method: "GET", segments: ["branches"], signal }, "branches", decodeBranches);
  }

  async deleteBranch({ name, actor, signal }: BranchRequest): Promise<BranchDeleted> {
    refuseActor(actor);
    return await this.#json({ method: "DELETE", segments: ["branches", name], signal, isWrite: true }, "name", decodeBranchDeleted);
  }

  async mergeBranch({ source, target, actor, deleteBranch, signal }: MergeRequest): Promise<MergeReceipt> {
    refuseActor(actor);
    const body = jsonBody({ source, target, delete_branch: deleteBranch });
    return await this.#json({ method: "POST", segments: ["branches", "merge"], body, signal, isWrite: true }, "outcome", decodeMerge);
  }

  [Symbol.asyncDispose](): Promise<void> {
    this.#connection.dispose();
    return Promise.resolve();
  }

  get #transport(): Transport {
    return this.#connection.transport;
  }

  #read(request: WireRequest): Promise<ReadResult> {
    return this.#transport.decoded(request, decodeReadAnswer);
  }

  #json<A extends object, T>(request: WireRequest, member: keyof A & string, decode: (answer: A) => T): Promise<T> {
    return this.#transport.json(request, member, decode);
  }

  async *#stream(request: WireRequest): AsyncGenerator<Uint8Array> {
    using answer = await this.#transport.send(request);
    answer.stopTimer();
    yield* answer.chunks();
  }

  #truncated(): ServerConnectionError {
    return new ServerConnectionError(this.#transport.origin, "lost", { effects: "none" });
  }
}

/** Members without a value are left out. @throws InvalidRequestError for what JSON cannot express */
function jsonBody(members: Readonly<Record<string, unknown>>): RequestBody {
  try {
    return { contentType: "application/json", content: stringifyJson(members) };
  } catch (error) {
    throw new InvalidRequestError(`the request cannot be written as JSON: ${error instanceof Error ? error.message : ""}`, {
      hint: "Use null, booleans, finite numbers, bigint, text, arrays and plain objects.",
      cause: error,
    });
  }
}

function targetOf({ branch, snapshot }: ReadTarget): { readonly branch: string | undefined; readonly snapshot: string | undefined } {
  return { branch, snapshot };
}

/** The server ends the query itself, with the failure that an embedded one ends with. */
function limitOf(timeoutMs: number | undefined): { readonly timeout_ms?: number } {
  return timeoutMs === undefined || timeoutMs === 0 ? {} : { timeout_ms: timeoutMs };
}

/** How long its answer is waited for: what the server needs to tell that the time is over, and the network to carry it. */
function patience(timeoutMs: number | undefined): number | undefined {
  return timeoutMs === undefined || timeoutMs === 0 ? timeoutMs : timeoutMs + ANSWER_GRACE_MS;
}

function filterQuery({ kinds, types, ops }: ChangeFilter): UrlQuery {
  return { kind: kinds, type: types, op: ops };
}

/** The condition selects the path and the header together (24.2.4). */
function conditional(segments: readonly string[], ifCommit: string | undefined): Pick<WireRequest, "segments" | "headers"> {
  if (ifCommit === undefined) return { segments };
  return { segments: [...segments, CONDITION_SEGMENT], headers: { [CONDITION_HEADER]: ifCommit } };
}

function refuseActor(actor: string | undefined): void {
  if (actor === undefined) return;
  throw new InvalidRequestError("a server takes the actor of a write from the token", { hint: "Leave out the actor, and use the token of who writes." });
}
