import type { AttemptKind, Cause, FailureReason } from '../../machines';
import type { PathInfo } from '../stats/path';
import type { RecordOf, SessionRecord } from './records';

/** One attempt of an outage. Times in ms on the recorder's clock. */
export interface OutageAttempt {
  kind: AttemptKind;
  /** Which end started it. */
  by: 'us' | 'peer';
  startedAtMs: number;
  /** When it was counted, because the relay had passed on its offer; null if it never was. */
  countedAtMs: number | null;
  /** Null while it is under way. */
  endedAtMs: number | null;
}

/** One outage of a link, from the first suspicion to its end. Times in ms on the recorder's clock (`atMs`). */
export interface Outage {
  /** `seq` of the transition that began it. */
  seq: number;
  /** Whether the link had never been up before. */
  isFirstConnect: boolean;
  /** Whether it is a recovery out of `failed`, where the game had already been told that the link is over. */
  isRetry: boolean;
  cause: Cause | null;
  /**
   * Time of the last mark that begins with `fault`, unless a mark `fault over` or the end of an outage came after it. Otherwise
   * the time when the peer was last heard, as far as known.
   */
  faultAtMs: number;
  suspectedAtMs: number;
  /** When *lost* was announced to the game; null if it never was. */
  lostAtMs: number | null;
  attempts: OutageAttempt[];
  end: 'restored' | 'failed' | 'closed' | null;
  /** The event that ended it. `life.back` means that the old connection healed by itself, perhaps over another path that ICE found (`pathAfter`). */
  endedBy: string | null;
  endedAtMs: number | null;
  reason: FailureReason | null;
  /** From the fault to the end; null while it lasts. */
  durationMs: number | null;
  pathBefore: PathInfo | null;
  /** The first path recorded within {@link PATH_AFTER_MS} after it; null if the path did not change. */
  pathAfter: PathInfo | null;
}

type Transition = Extract<RecordOf<'transition'>, { machine: 'connection' }>;

/** A changed path is recorded with the next check of the path, every 2 s. */
const PATH_AFTER_MS = 5_000;

const isIn = (path: string, ...states: string[]) =>
  states.some((state) => path === state || path.startsWith(`${state}.`));
export const isDown = (path: string) => isIn(path, 'disconnected', 'restarting');
/** What a mark says about a fault; null for any other mark. */
export const faultOf = (text: string): 'started' | 'over' | null => {
  if (!/^fault\b/.test(text)) return null;
  return /^fault over\b/.test(text) ? 'over' : 'started';
};
const isTrying = (path: string) => isIn(path, 'restarting.attempting', 'restarting.answering');

/** Derives the outages of one link from its records. */
export function outagesOf(records: readonly SessionRecord[]): Outage[] {
  const reader = new OutageReader();
  for (const record of records) reader.take(record);
  return reader.outages;
}

/** Derives outages from records as they arrive, for readers that follow a live link. */
export class OutageReader {
  readonly outages: Outage[] = [];
  #open: Outage | null = null;
  #faultAtMs: number | null = null;
  #silentForMs = 0;
  #path: PathInfo | null = null;

  take(record: SessionRecord): void {
    switch (record.kind) {
      case 'session':
        this.#close(record.atMs, 'closed', null);
        this.#path = null;
        this.#faultAtMs = null;
        return;
      case 'mark':
        return this.#onMark(record);
      case 'event':
        if (record.machine === 'connection') this.#silentForMs = record.event.silentForMs ?? 0;
        return;
      case 'announcement':
        if (record.announcement.type === 'lost' && this.#open) this.#open.lostAtMs = record.atMs;
        return;
      case 'path':
        return this.#onPath(record);
      case 'transition':
        if (record.machine === 'connection') this.#onTransition(record);
        return;
      case 'command':
      case 'signal':
      case 'sample':
        return;
    }
  }

  #onMark({ text, atMs }: RecordOf<'mark'>): void {
    const fault = faultOf(text);
    if (fault) this.#faultAtMs = fault === 'started' ? atMs : null;
  }

  #onPath({ path, atMs }: RecordOf<'path'>): void {
    this.#path = path;
    const last = this.outages.at(-1);
    const isFresh = last?.end === 'restored' && atMs - (last.endedAtMs ?? 0) <= PATH_AFTER_MS;
    if (last && isFresh) last.pathAfter ??= path;
  }

  #onTransition(record: Transition): void {
    const { from, to, atMs, event, context } = record;
    const isFatal = isIn(to, 'failed') && !isIn(from, 'failed');
    if (!this.#open && (isDown(to) || isFatal)) this.#begin(record);
    this.#noteAttempt(record);
    if (isIn(to, 'connected')) this.#close(atMs, 'restored', event);
    else if (isIn(to, 'failed')) this.#close(atMs, 'failed', event, context.failure?.reason ?? null);
    else if (isIn(to, 'closed')) this.#close(atMs, 'closed', event, context.failure?.reason ?? null);
  }

  #begin({ seq, atMs, from, context }: Transition): void {
    const cause = context.cause ?? context.failure?.cause ?? null;
    const heardAtMs = cause === 'life.silent' ? atMs - this.#silentForMs : atMs;
    this.#open = {
      seq,
      isFirstConnect: isIn(from, 'new', 'checking') || !context.evidence.wasUp,
      isRetry: isIn(from, 'failed'),
      cause,
      faultAtMs: this.#faultAtMs ?? heardAtMs,
      suspectedAtMs: atMs,
      lostAtMs: null,
      attempts: [],
      end: null,
      endedBy: null,
      endedAtMs: null,
      reason: null,
      durationMs: null,
      pathBefore: this.#path,
      pathAfter: null,
    };
    this.outages.push(this.#open);
  }

  #noteAttempt({ from, to, atMs, event, context, arrows }: Transition): void {
    const outage = this.#open;
    if (!outage) return;
    const last = outage.attempts.at(-1);
    if (event === 'attempt.counted' && last && context.plan?.isCounted) last.countedAtMs ??= atMs;
    if (last && isTrying(from) && !isTrying(to)) last.endedAtMs = atMs;
    if (!isTrying(to) || isTrying(from)) return;
    const isJoined = arrows.some((arrow) => arrow.event.startsWith('remote.'));
    outage.attempts.push({
      kind: context.plan?.kind ?? 'ice-restart',
      by: isJoined ? 'peer' : 'us',
      startedAtMs: atMs,
      countedAtMs: context.plan?.isCounted ? atMs : null,
      endedAtMs: null,
    });
  }

  #close(
    atMs: number,
    end: Outage['end'],
    endedBy: string | null,
    reason: FailureReason | null = null,
  ): void {
    const outage = this.#open;
    if (!outage) return;
    this.#open = this.#faultAtMs = null;
    const last = outage.attempts.at(-1);
    if (last) last.endedAtMs ??= atMs;
    Object.assign(outage, { end, endedBy, reason, endedAtMs: atMs, durationMs: atMs - outage.faultAtMs });
  }
}
