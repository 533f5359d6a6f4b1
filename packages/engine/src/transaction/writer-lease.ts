/**
 * The writer lease: one object per graph that lets the writer processes take turns (LE-1 … LE-9).
 *
 * It is for progress, not for correctness: the conditional publish, the version checks and recovery decide, also when two
 * processes believe they hold it (LE-8). Tasks of the holding process share it.
 *
 * 1. the object is created exclusively, and replaced only by its holder or by a takeover
 * 2. a takeover needs a dead or expired owner, excludes other takeovers by a claim object, and raises the epoch
 * 3. past its expiry the holder starts nothing before it has renewed successfully
 */
import { CancelledError, type Clock, compactJson, type Failpoints, type IdSource, type Logger, throwIfAborted } from "@omnigraphdb/common";
import { waitUnlessAborted } from "../exec/wait.js";
import { FAILPOINT } from "../failpoints.js";
import type { ProcessIdentity } from "../graph-components.js";
import type { LeaseSettings } from "../graph-settings.js";
import { JsonRecord, JsonShapeError } from "../manifest/json-record.js";
import type { GraphLayout } from "../storage/layout.js";
import type { ObjectStore } from "../storage/object-store.js";
import { WriterBusyError } from "./errors.js";

/** How often a waiting writer looks again, in milliseconds. */
const POLL_MS = 25;
/** How often the holder looks after the lease and for waiting writers, in milliseconds. */
const KEEPER_TICK_MS = 100;
/** A waiting mark is repeated while its writer waits; an older one is residue. */
const MARK_TERM_MS = 2_000;

interface LeaseRecord {
  readonly owner: string;
  readonly host: string;
  readonly pid: number;
  readonly epoch: number;
  readonly acquiredAtMs: number;
  readonly expiresAtMs: number;
}

/** The right to write, held by this process until it is released. */
export interface LeaseHold {
  /** Null when leases are switched off. */
  readonly epoch: number | null;
  /** Changes whenever this process got the lease anew; null when leases are switched off. */
  readonly tenure: number | null;
  /** @throws WriterBusyError when the lease was lost; then nothing further may be started (LE-3) */
  ensureHeld(): Promise<void>;
  release(): void;
}

export interface WriterLease {
  /**
   * Waits until this process may write.
   *
   * @throws WriterBusyError after the bounded wait; nothing was changed
   */
  acquire(signal?: AbortSignal): Promise<LeaseHold>;
  /** How often this process took the lease over from a dead or stalled owner. */
  readonly takeoverCount: number;
  /** Such an owner may have left operations (LE-7): nothing may be written before a full recovery, see {@link markRecovered}. */
  readonly needsFullRecovery: boolean;
  /** A full recovery has run that began when `takeoverCount` was this. Repeating it changes nothing. */
  markRecovered(takeoverCount: number): void;
  /** Gives the lease back as soon as nobody in this process uses it. */
  close(): Promise<void>;
}

/** For `lease: { isEnabled: false }`: everybody may always write (LE-8). */
export const noLease: WriterLease = {
  acquire: () =>
    Promise.resolve({ epoch: null, tenure: null, ensureHeld: () => Promise.resolve(), release: () => undefined }),
  takeoverCount: 0,
  needsFullRecovery: false,
  markRecovered: () => undefined,
  close: () => Promise.resolve(),
};

interface LeaseParts {
  readonly objects: ObjectStore;
  readonly layout: GraphLayout;
  readonly settings: LeaseSettings;
  readonly waitMs: number;
  readonly clock: Clock;
  readonly ids: IdSource;
  readonly process: ProcessIdentity;
  readonly failpoints: Failpoints;
  readonly logger: Logger;
}

export class ObjectWriterLease implements WriterLease {
  readonly #parts: LeaseParts;
  readonly #owner: string;
  #held: LeaseRecord | undefined;
  #userCount = 0;
  #idleSinceMs = 0;
  #tenure = 0;
  #takeoverCount = 0;
  #recoveredTakeoverCount = 0;
  /** Another process waits: the present users finish, new ones queue behind it. */
  #isYielding = false;
  #acquiring: Promise<void> | undefined;
  #keeper: Promise<void> | undefined;
  #stop = new AbortController();
  /** Ends the keeper's pause. */
  #lookNow = new AbortController();

  constructor(parts: LeaseParts) {
    this.#parts = parts;
    this.#owner = parts.ids.ulid();
  }

  get takeoverCount(): number {
    return this.#takeoverCount;
  }

  get needsFullRecovery(): boolean {
    return this.#recoveredTakeoverCount < this.#takeoverCount;
  }

  markRecovered(takeoverCount: number): void {
    this.#recoveredTakeoverCount = Math.max(this.#recoveredTakeoverCount, takeoverCount);
  }

  async acquire(signal?: AbortSignal): Promise<LeaseHold> {
    await this.#parts.failpoints.hit(FAILPOINT.leaseAcquire);
    const { held, tenure } = await this.#share(signal);
    let isReleased = false;
    return {
      epoch: held.epoch,
      tenure,
      ensureHeld: () => this.#ensureHeld(held.epoch),
      release: (): void => {
        if (isReleased) return;
        isReleased = true;
        this.#release();
      },
    };
  }

  /** One task fetches the lease for all tasks of the process that wait for it. The caller becomes a user of it. */
  async #share(signal: AbortSignal | undefined): Promise<{ readonly held: LeaseRecord; readonly tenure: number }> {
    const { clock, waitMs } = this.#parts;
    const startMs = clock.nowMs();
    for (;;) {
      if (this.#held !== undefined && !this.#isYielding) {
        // Counted in the turn that looked: the keeper must not give the lease back in between.
        this.#userCount++;
        return { held: this.#held, tenure: this.#tenure };
      }
      const fetching = this.#acquiring;
      this.#acquiring ??= this.#waitForLease(signal).finally(() => (this.#acquiring = undefined));
      try {
        await waitUnlessAborted(this.#acquiring, signal, "waiting for the writer lease");
      } catch (error) {
        // Another task's cancellation is not ours, and its wait began earlier than ours.
        const isOwn = fetching === undefined || signal?.aborted === true || clock.nowMs() - startMs >= waitMs;
        const isOthersBusiness = error instanceof CancelledError || error instanceof WriterBusyError;
        if (isOwn || !isOthersBusiness) throw error;
      }
    }
  }

  async close(): Promise<void> {
    this.#stop.abort();
    await this.#keeper;
    if (this.#userCount === 0) await this.#giveBack();
  }

  async #waitForLease(signal: AbortSignal | undefined): Promise<void> {
    const { clock, waitMs } = this.#parts;
    const startMs = clock.nowMs();
    let markedAtMs = 0;
    while (this.#isYielding) await clock.sleep(POLL_MS);
    // A process that just gave way to a waiting writer must not win the race for its own lease.
    if (await this.#isAnybodyWaiting()) await clock.sleep(2 * POLL_MS);
    for (;;) {
      throwIfAborted(signal, "waiting for the writer lease");
      const owner = await this.#tryAcquire();
      if (owner === undefined) break;
      const waitedMs = clock.nowMs() - startMs;
      if (waitedMs >= waitMs) throw new WriterBusyError(waitedMs, `process ${owner.pid} on ${owner.host}`);
      if (clock.nowMs() - markedAtMs >= MARK_TERM_MS / 2) {
        await this.#markWaiting();
        markedAtMs = clock.nowMs();
      }
      await clock.sleep(POLL_MS);
    }
    if (markedAtMs > 0) await this.#parts.objects.delete(this.#parts.layout.writerLeaseWaiting);
    this.#keeper = this.#keepLease(this.#stop.signal);
  }

  /** @returns the owner in the way, or undefined when the lease is ours */
  async #tryAcquire(): Promise<LeaseRecord | undefined> {
    const { objects, layout } = this.#parts;
    const fresh = this.#makeRecord(1);
    if (await objects.writeTextIfAbsent(layout.writerLease, encodeLease(fresh))) {
      this.#adopt(fresh, false);
      return undefined;
    }
    const text = await objects.readTextIfExists(layout.writerLease);
    if (text === null) return this.#tryAcquire();
    const current = decodeLease(text);
    if (current?.owner === this.#owner) {
      // Ours, though the reply to its creation, takeover or removal was lost. Which one it was, nobody can tell.
      this.#adopt(current, true);
      return undefined;
    }
    if (current !== undefined && !this.#isDead(current)) return current;
    return (await this.#takeOver(text, current)) ? undefined : (current ?? fresh);
  }

  /** Replaces a dead owner's lease, if it still is the one in `seenText` and nobody else is about to do the same. */
  async #takeOver(seenText: string, seen: LeaseRecord | undefined): Promise<boolean> {
    const { objects, layout, logger, clock, settings, process } = this.#parts;
    const claim = layout.writerLeaseTakeover;
    // A takeover takes a few requests; the claim of a dead process, or one older than a term, was left in between.
    const { host, pid } = process;
    if (!(await objects.writeTextIfAbsent(claim, compactJson({ host, pid, expires_at: clock.nowMs() + settings.termMs })))) {
      await this.#dropStaleClaim(claim);
      return false;
    }
    try {
      if ((await objects.readTextIfExists(layout.writerLease)) !== seenText) return false;
      await this.#parts.failpoints.hit(FAILPOINT.leaseTakeoverPreRecovery);
      const next = this.#makeRecord((seen?.epoch ?? 0) + 1);
      await objects.writeText(layout.writerLease, encodeLease(next));
      this.#adopt(next, true);
      logger.warn("took over the writer lease of a dead owner", { epoch: next.epoch });
      return true;
    } finally {
      await objects.delete(claim);
    }
  }

  #isDead(record: LeaseRecord): boolean {
    if (this.#parts.clock.nowMs() > record.expiresAtMs) return true;
    // Our own pid with another owner id: an earlier handle of this process that was never closed.
    return this.#isGone(record);
  }

  #makeRecord(epoch: number): LeaseRecord {
    const { clock, process, settings } = this.#parts;
    const nowMs = clock.nowMs();
    return {
      owner: this.#owner,
      host: process.host,
      pid: process.pid,
      epoch,
      acquiredAtMs: nowMs,
      expiresAtMs: nowMs + settings.termMs,
    };
  }

  #adopt(record: LeaseRecord, isTakenOver: boolean): void {
    this.#held = record;
    this.#tenure++;
    if (isTakenOver) this.#takeoverCount++;
    this.#idleSinceMs = record.acquiredAtMs;
  }

  #release(): void {
    this.#userCount--;
    this.#idleSinceMs = this.#parts.clock.nowMs();
    // The process that waits is not to wait for the keeper's next look as well.
    if (this.#isYielding && this.#userCount === 0) this.#lookNow.abort();
  }

  async #ensureHeld(epoch: number): Promise<void> {
    const held = this.#held;
    const isCurrent = held !== undefined && held.epoch === epoch && this.#parts.clock.nowMs() < held.expiresAtMs;
    if (isCurrent) return;
    if (held?.epoch === epoch) await this.#renew();
    if (this.#held?.epoch !== epoch) throw new WriterBusyError(0, null);
  }

  /** Extends the term, or notices that another process took over (LE-3). */
  async #renew(): Promise<void> {
    const { objects, layout, failpoints, clock, settings, logger } = this.#parts;
    const held = this.#held;
    if (held === undefined) return;
    await failpoints.hit(FAILPOINT.leaseRenew);
    const text = await objects.readTextIfExists(layout.writerLease);
    const current = text === null ? undefined : decodeLease(text);
    if (current?.owner !== held.owner || current.epoch !== held.epoch) {
      logger.warn("the writer lease was taken over", { epoch: held.epoch });
      this.#held = undefined;
      this.#isYielding = false;
      return;
    }
    const renewed = { ...held, expiresAtMs: clock.nowMs() + settings.termMs };
    await objects.writeText(layout.writerLease, encodeLease(renewed));
    this.#held = renewed;
  }

  /** Renews while somebody writes; gives back when idle for long enough, or earlier when another process waits. */
  async #keepLease(stop: AbortSignal): Promise<void> {
    const { clock, settings, logger } = this.#parts;
    let renewedAtMs = clock.nowMs();
    while (this.#held !== undefined && !stop.aborted) {
      this.#lookNow = new AbortController();
      await clock.sleep(KEEPER_TICK_MS, AbortSignal.any([stop, this.#lookNow.signal])).catch(() => undefined);
      if (stop.aborted) return;
      try {
        this.#isYielding ||= await this.#isAnybodyWaiting();
        if (this.#userCount === 0 && (this.#isYielding || this.#isIdleLongEnough())) return await this.#giveBack();
        if (clock.nowMs() - renewedAtMs < settings.renewalMs) continue;
        await this.#renew();
        renewedAtMs = clock.nowMs();
      } catch (error) {
        // The term keeps running; a writer that reaches its end renews by itself or stops.
        logger.warn("could not keep the writer lease", { error });
        renewedAtMs = clock.nowMs();
      }
    }
  }

  #isIdleLongEnough(): boolean {
    return this.#parts.clock.nowMs() - this.#idleSinceMs >= this.#parts.settings.idleMs;
  }

  async #giveBack(): Promise<void> {
    const { objects, layout } = this.#parts;
    const held = this.#held;
    this.#held = undefined;
    this.#isYielding = false;
    if (held === undefined) return;
    const text = await objects.readTextIfExists(layout.writerLease);
    const current = text === null ? undefined : decodeLease(text);
    if (current?.owner === held.owner && current.epoch === held.epoch) await objects.delete(layout.writerLease);
  }

  async #markWaiting(): Promise<void> {
    const { objects, layout, clock } = this.#parts;
    await objects.writeText(layout.writerLeaseWaiting, compactJson({ owner: this.#owner, expires_at: clock.nowMs() + MARK_TERM_MS }));
  }

  async #isAnybodyWaiting(): Promise<boolean> {
    const { objects, layout, clock } = this.#parts;
    const text = await objects.readTextIfExists(layout.writerLeaseWaiting);
    if (text === null) return false;
    const mark = decodeMark(text);
    return mark !== undefined && mark.owner !== this.#owner && mark.expiresAtMs > clock.nowMs();
  }

  async #dropStaleClaim(uri: string): Promise<void> {
    const { objects, clock } = this.#parts;
    const text = await objects.readTextIfExists(uri);
    if (text === null) return;
    const claim = decodeClaim(text);
    if (claim === undefined || claim.expiresAtMs < clock.nowMs() || this.#isGone(claim)) await objects.delete(uri);
  }

  /** Its process was one of this host, not ours, and no longer lives. */
  #isGone({ host, pid }: { readonly host: string; readonly pid: number }): boolean {
    const { process } = this.#parts;
    return host === process.host && pid !== process.pid && !process.isAlive(pid);
  }
}

function encodeLease(record: LeaseRecord): string {
  return compactJson({
    owner: record.owner,
    host: record.host,
    pid: record.pid,
    epoch: record.epoch,
    acquired_at: record.acquiredAtMs,
    expires_at: record.expiresAtMs,
  });
}

/** Undefined for a damaged lease object: nobody can hold that one. */
function decodeLease(text: string): LeaseRecord | undefined {
  return decodeOrUndefined(text, (record) => ({
    owner: record.text("owner"),
    host: record.text("host"),
    pid: record.count("pid"),
    epoch: record.count("epoch"),
    acquiredAtMs: record.count("acquired_at"),
    expiresAtMs: record.count("expires_at"),
  }));
}

function decodeMark(text: string): { readonly owner: string | null; readonly expiresAtMs: number } | undefined {
  return decodeOrUndefined(text, (record) => ({ owner: record.textOrNull("owner"), expiresAtMs: record.count("expires_at") }));
}

function decodeClaim(text: string): { readonly host: string; readonly pid: number; readonly expiresAtMs: number } | undefined {
  return decodeOrUndefined(text, (record) => ({ host: record.text("host"), pid: record.count("pid"), expiresAtMs: record.count("expires_at") }));
}

function decodeOrUndefined<T>(text: string, decode: (record: JsonRecord) => T): T | undefined {
  try {
    return decode(JsonRecord.parse(text));
  } catch (error) {
    if (error instanceof JsonShapeError) return undefined;
    throw error;
  }
}
