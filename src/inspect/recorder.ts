import type { InspectionEvent } from 'xstate';
import { type WatchedManager, watchManager } from './attach';
import { attempt } from './attempt';
import { toCsv, toNdjson } from './export';
import { MachineWatch } from './machine-watch';
import {
  RECORD_VERSION,
  type RecordBody,
  type RecordHead,
  type SessionBody,
  type SessionRecord,
} from './records';
import { createScrubber } from './scrub';
import { RecordStore } from './store';
import { LIBRARY_VERSION } from './version';

/** Every option is optional. */
export interface RecorderOptions {
  /** How viewers name the link, e.g. `'player 1'`. */
  label?: string;
  /** How many records are kept; the oldest are dropped. 20 000, an hour of play or so, take about 20 MB. */
  maxRecords?: number;
  /** How often an attached manager's quality is sampled, in ms. */
  sampleMs?: number;
  /** Say `'custom'` where the manager has a `recovery` of its own: replay then takes the plans from the records. */
  policy?: SessionBody['policy'];
  /** The world, for tests. `now` is monotonic, both are in ms. */
  world?: Partial<RecorderWorld>;
}

export interface RecorderWorld {
  now(): number;
  wallNow(): number;
  randomId(): string;
}

/** Keeps the record stream of one manager's link. */
export interface Recorder {
  /** Random; the same in every record. */
  readonly link: string;
  readonly label: string;
  /** For the manager's option `inspect`. Never throws. */
  readonly inspect: (event: InspectionEvent) => void;
  /** Those that are kept, in order. Those dropped before them leave a gap in `seq`. */
  readonly records: readonly SessionRecord[];
  /** How many were dropped. */
  readonly dropped: number;
  /** Adds samples, path and signals (their types alone). Ends by itself when the link is closed. @returns its undo. */
  attach(manager: WatchedManager): () => void;
  /** Notes something in the stream: a fault began, an episode ended. At most 200 characters, scrubbed. */
  mark(text: string): void;
  /** Names secrets that must appear in no record, a token in a label say. Those of an attached manager's servers are known. */
  hide(...secrets: readonly string[]): void;
  /** Hands each new record to the listener; one that throws is ignored. @returns its undo. */
  subscribe(listener: (record: SessionRecord) => void): () => void;
  /** One record a line. */
  toNdjson(): string;
  /** One record a line under a header; columns in docs/RECORDS.md. */
  toCsv(): string;
}

const MAX_RECORDS = 20_000;
const SAMPLE_MS = 1_000;
const MAX_LABEL_CHARS = 80;
const MAX_MARK_CHARS = 200;

const browserWorld = (): RecorderWorld => ({
  now: () => performance.now(),
  wallNow: () => Date.now(),
  randomId: () => globalThis.crypto?.randomUUID?.() ?? `link-${Math.random().toString(36).slice(2)}`,
});

/** @throws RangeError for a size or an interval that is no positive integer. */
export function createRecorder({
  label: wanted = 'link',
  maxRecords = MAX_RECORDS,
  sampleMs = SAMPLE_MS,
  policy = 'default',
  world,
}: RecorderOptions = {}): Recorder {
  requirePositiveInteger({ maxRecords, sampleMs });
  const { now, wallNow, randomId } = { ...browserWorld(), ...world };
  const scrubber = createScrubber();
  const store = new RecordStore(maxRecords);
  const listeners = new Set<(record: SessionRecord) => void>();
  const link = randomId();
  /** Scrubbed first: of a secret that was cut in two the rest would stay. */
  const short = (text: unknown, max: number): string => cut(scrubber.text(String(text)), max);
  /** As of now: a secret in it may be named later. */
  const label = (): string => short(wanted, MAX_LABEL_CHARS);
  const beganAtMs = now();
  let seq = 0;

  const append = (body: RecordBody): void => {
    const atMs = Math.round((now() - beganAtMs) * 100) / 100;
    const head: RecordHead = { v: RECORD_VERSION, link, seq: ++seq, atMs, wallMs: wallNow() };
    const record: SessionRecord = scrubber.deep({ ...head, ...body });
    store.add(record);
    for (const listener of [...listeners]) attempt(() => listener(record));
  };
  const mark = (text: string) => append({ kind: 'mark', text: short(text, MAX_MARK_CHARS) });
  const watch = new MachineWatch({ label, library: LIBRARY_VERSION, policy, now, append });

  return {
    link,
    get label() {
      return label();
    },
    inspect: (event) => attempt(() => watch.take(event)),
    get records() {
      return store.all;
    },
    get dropped() {
      return store.dropped;
    },
    attach: (manager) => watchManager({ manager, sampleMs, append, hide: scrubber.hide }),
    mark,
    hide: (...secrets) => scrubber.hide(...secrets),
    subscribe(listener) {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
    toNdjson: () => toNdjson(store.all),
    toCsv: () => toCsv(store.all),
  };
}

/** Not inside a surrogate pair: half of one is no UTF-8. */
const cut = (text: string, max: number): string => text.slice(0, max).replace(/[\uD800-\uDBFF]$/, '');

function requirePositiveInteger(sizes: Readonly<Record<string, number>>): void {
  for (const [name, value] of Object.entries(sizes))
    if (!Number.isSafeInteger(value) || value < 1)
      throw new RangeError(`${name} is ${String(value)}: expected a positive integer`);
}
