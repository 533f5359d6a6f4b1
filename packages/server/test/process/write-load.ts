/** Clients that write to a server until it is gone, and what they were told. */
import { ask } from "../boot/fixtures.js";

export const EVENT_SCHEMA = "node Event { note: String }\n";
const ADD_EVENT = "query add($note: String) { insert Event { note: $note } }";
const ALL_EVENTS = "query all_events() { match { $e: Event } return { $e.note } }";
const RECORDS_PER_LOAD = 40;

/** Greatest pause between two writes of one client: without any, a merge would always find that main moved. */
const PAUSE_MS = 400;

type Operation = "mutation" | "load" | "merge";

/** What clients know of one served graph. Its type has no key: a write that was made twice shows twice. */
export class WriteLedger {
  /** Notes of one write each: all of them are there, or none. */
  readonly #writes: { readonly operation: Operation; readonly notes: readonly string[]; isAcknowledged: boolean }[] = [];
  readonly #commits: string[] = [];

  begin(operation: Operation, notes: readonly string[]): (commit: unknown) => void {
    const write = { operation, notes, isAcknowledged: false };
    this.#writes.push(write);
    return (commit) => {
      write.isAcknowledged = true;
      this.#commits.push((commit as { readonly graph_commit_id: string }).graph_commit_id);
    };
  }

  get acknowledgedCounts(): Readonly<Record<Operation, number>> {
    const counts = { mutation: 0, load: 0, merge: 0 };
    for (const { operation, isAcknowledged } of this.#writes) if (isAcknowledged) counts[operation]++;
    return counts;
  }

  get acknowledgedCount(): number {
    return this.#commits.length;
  }

  /** Every acknowledged write exactly once, the others once or not at all, none in part; every commit of a receipt is in the history. */
  async problems(url: string): Promise<readonly string[]> {
    const { status, body } = await ask(url, "/query", { body: { query: ALL_EVENTS } });
    if (status !== 200) return [`status ${status}: ${JSON.stringify(body)}`];
    const timesSeen = new Map<string, number>();
    for (const row of body["rows"] as readonly Record<string, string>[]) for (const note of Object.values(row)) timesSeen.set(note, (timesSeen.get(note) ?? 0) + 1);
    const problems: string[] = [];
    for (const { operation, notes, isAcknowledged } of this.#writes) {
      const counts = new Set(notes.map((note) => timesSeen.get(note) ?? 0));
      const [count = 0] = counts;
      if (counts.size !== 1 || count > 1 || (isAcknowledged && count !== 1)) problems.push(`${operation} of ${notes[0] ?? ""} (acknowledged: ${isAcknowledged}) is there ${[...counts].join(" and ")} times`);
      for (const note of notes) timesSeen.delete(note);
    }
    for (const note of timesSeen.keys()) problems.push(`nobody wrote ${note}`);
    const listed = await ask(url, "/commits");
    const known = new Set((listed.body["commits"] as readonly { readonly graph_commit_id: string }[]).map((commit) => commit.graph_commit_id));
    for (const commit of this.#commits) {
      if (!known.has(commit) && (await ask(url, `/commits/${commit}`)).status !== 200) problems.push(`commit ${commit} of a receipt is not in the history`);
    }
    return problems;
  }
}

/** Two clients that mutate, one that loads, one that merges branches, until each of them fails to connect. */
export async function writeUntilGone(url: string, ledger: WriteLedger, prefix: string): Promise<void> {
  const clients = [
    forever((count) => mutate(url, ledger, `${prefix}a${count}`), PAUSE_MS),
    forever((count) => mutate(url, ledger, `${prefix}b${count}`), PAUSE_MS),
    forever((count) => load(url, ledger, Array.from({ length: RECORDS_PER_LOAD }, (_, index) => `${prefix}l${count}-${index}`)), PAUSE_MS),
    forever((count) => merge(url, ledger, `${prefix}m${count}`)),
  ];
  await Promise.all(clients);
}

/** Ends with the connection; any answer is as good as another. */
async function forever(write: (count: number) => Promise<void>, pauseMs = 0): Promise<void> {
  for (let count = 0; ; count++) {
    try {
      await write(count);
      if (pauseMs > 0) await new Promise((resolve) => setTimeout(resolve, Math.random() * pauseMs));
    } catch (error) {
      if (error instanceof TypeError) return;
      throw error;
    }
  }
}

async function mutate(url: string, ledger: WriteLedger, note: string): Promise<void> {
  const acknowledge = ledger.begin("mutation", [note]);
  const { status, body } = await ask(url, "/mutate", { body: { query: ADD_EVENT, params: { note } } });
  if (status === 200) acknowledge(body["commit"]);
}

async function load(url: string, ledger: WriteLedger, notes: readonly string[]): Promise<void> {
  const acknowledge = ledger.begin("load", notes);
  const body = notes.map((note) => `${JSON.stringify({ type: "Event", data: { note } })}\n`).join("");
  const response = await fetch(`${url}/load/ndjson?mode=append`, { method: "POST", headers: { "content-type": "application/x-ndjson" }, body });
  const answer = (await response.json()) as { readonly commit?: unknown };
  if (response.status === 200) acknowledge(answer.commit);
}

/** On main only when the merge is. Loses to whoever writes to main meanwhile, and tries again, as it is told to. */
async function merge(url: string, ledger: WriteLedger, name: string): Promise<void> {
  const acknowledge = ledger.begin("merge", [name]);
  if ((await ask(url, "/branches", { body: { name } })).status !== 200) return;
  if ((await ask(url, "/mutate", { body: { query: ADD_EVENT, params: { note: name }, branch: name } })).status !== 200) return;
  for (;;) {
    const { status, body } = await ask(url, "/branches/merge", { body: { source: name } });
    if (status === 200) return acknowledge(body["commit"]);
    if (body["error_code"] !== "READ_SET_CHANGED") return;
  }
}
