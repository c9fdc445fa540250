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

export interface RecorderOptions {
  /** The name of the link in viewers, e.g. `'player 1'`. */
  label?: string;
  /** How many records are kept; the oldest are dropped. Default: 20 000, about an hour of play and 20 MB. */
  maxRecords?: number;
  /** How often the quality of an attached manager is sampled, in ms. Default: 1 000. */
  sampleMs?: number;
  /** Set `'custom'` if the manager has a custom `recovery`: replay then takes the plans from the records. */
  policy?: SessionBody['policy'];
  /** Clocks and ids, for tests. `now` is monotonic; `now` and `wallNow` are in ms. */
  world?: Partial<RecorderWorld>;
}

export interface RecorderWorld {
  now(): number;
  wallNow(): number;
  randomId(): string;
}

/** Keeps the record stream of one manager's link. */
export interface Recorder {
  /** Random id; the same in every record. */
  readonly link: string;
  readonly label: string;
  /** Pass it as the manager's option `inspect`. Never throws. */
  readonly inspect: (event: InspectionEvent) => void;
  /** The kept records, in order. Dropped records leave a gap in `seq`. */
  readonly records: readonly SessionRecord[];
  /** How many records were dropped. */
  readonly dropped: number;
  /** Also records samples, the path and signals (only their types). Stops by itself when the link is closed. @returns a function that stops it. */
  attach(manager: WatchedManager): () => void;
  /** Adds a note to the records: a fault began, an episode ended. At most 200 characters, scrubbed. */
  mark(text: string): void;
  /** Names secrets that must not appear in any record, such as a token in a label. The credentials of an attached manager's ICE servers are known already. */
  hide(...secrets: readonly string[]): void;
  /** Calls the listener with each new record; an error it throws is ignored. @returns a function that unsubscribes. */
  subscribe(listener: (record: SessionRecord) => void): () => void;
  /** One record per line. */
  toNdjson(): string;
  /** One record per line, under a header line. docs/RECORDS.md describes the columns. */
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

/** @throws RangeError if `maxRecords` or `sampleMs` is not a positive integer. */
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
  /** Scrubs before it shortens: half a secret would not be recognized. */
  const short = (text: unknown, max: number): string => cut(scrubber.text(String(text)), max);
  /** Scrubbed on each use, because a secret in it may be named later. */
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

/** Does not split a surrogate pair, because half of one is not valid UTF-8. */
const cut = (text: string, max: number): string => text.slice(0, max).replace(/[\uD800-\uDBFF]$/, '');

function requirePositiveInteger(sizes: Readonly<Record<string, number>>): void {
  for (const [name, value] of Object.entries(sizes))
    if (!Number.isSafeInteger(value) || value < 1)
      throw new RangeError(`${name} is ${String(value)}: expected a positive integer`);
}
