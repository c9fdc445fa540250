import { type Actor, createActor, SimulatedClock } from 'xstate';
import { type ConnectionMachine, createConnectionMachine, defaultPolicy, type Plan } from '../../machines';
import { MachineWatch } from './machine-watch';
import type { RecordBody, RecordOf, SessionRecord, TransitionBody } from './records';
import { sendUntyped } from './untyped-edge';

/** A place where the machine of today does not do what the record says. */
export interface Divergence {
  /** Of the record that differs, or of the one before which something is missing. */
  seq: number;
  /** `gap`: records are missing; nothing is compared from there to the next session. `extra`: the machine did what no record tells. */
  what: 'differs' | 'missing' | 'extra' | 'gap' | 'error';
  /** What the record says; empty for `extra`. */
  recorded: string;
  /** What the machine did; empty for `missing`. */
  replayed: string;
}

/** What the machines did, as far as it is compared: where they rest, attempts and reason, what they command and announce. */
type Deed = RecordOf<'transition'> | RecordOf<'command'> | RecordOf<'announcement'>;

/** Where the connection machine came to rest. */
type Rest = Extract<RecordOf<'transition'>, { machine: 'connection' }>;

const isDeed = <Body extends RecordBody>(body: Body): body is Extract<Body, { kind: Deed['kind'] }> =>
  body.kind === 'transition' || body.kind === 'command' || body.kind === 'announcement';

/** Events that a replay brings about by itself; errors of actors are none of the machine's doing. */
const isInner = ({ machine, from, event }: RecordOf<'event'>) =>
  event.type.startsWith('xstate.init') ||
  event.type.startsWith('xstate.done') ||
  event.type.startsWith('xstate.error') ||
  (machine === 'outage' && from !== 'self');

function describe(body: Extract<RecordBody, { kind: Deed['kind'] }>): string {
  if (body.kind === 'command') return `${body.to}: ${body.command.type}`;
  if (body.kind === 'announcement')
    return ['announces', body.announcement.type, body.announcement.reason].filter(Boolean).join(' ');
  return `${body.machine} on ${body.event}: ${body.from || '(start)'} → ${body.to}${detailsOf(body)}`;
}

function detailsOf(body: TransitionBody): string {
  if (body.machine === 'outage') return body.context.isAsked ? ', asked' : '';
  const { attempts, failure } = body.context;
  return `, ${attempts} attempts${failure ? `, ${failure.reason}` : ''}`;
}

/** As many as help; a recording of another machine differs everywhere. */
const MAX_DIVERGENCES = 200;
/** How far ahead of a deed its record may lie where others are missing. */
const REACH = 8;

/**
 * Runs the recorded events through the real machines while time stands still (delays come as recorded events), and compares each
 * rest, command and announcement with the record of it.
 *
 * @param records of one link, in order
 * @returns the first divergences; none for what a machine of today did
 */
export function replay(records: readonly SessionRecord[]): Divergence[] {
  const run = new Replay(records);
  for (const [index, record] of records.entries()) {
    if (run.divergences.length >= MAX_DIVERGENCES) break;
    run.take(record, index);
  }
  run.end();
  return run.divergences;
}

class Replay {
  readonly divergences: Divergence[] = [];
  readonly #records: readonly SessionRecord[];
  #actor: Actor<ConnectionMachine> | null = null;
  /** What the machines did and no record has been held against yet. */
  #deeds: string[] = [];
  #index = 0;
  #expectedSeq: number | null = null;

  constructor(records: readonly SessionRecord[]) {
    this.#records = records;
  }

  take(record: SessionRecord, index: number): void {
    this.#index = index;
    const { seq } = record;
    if (this.#expectedSeq !== null && seq !== this.#expectedSeq && record.kind !== 'session') this.#gap(seq);
    if (record.kind === 'session') this.#begin(record);
    else if (this.#actor && record.kind === 'event') this.#feed(this.#actor, record);
    else if (this.#actor && isDeed(record)) this.#compare(seq, describe(record));
    this.#expectedSeq = seq + 1;
  }

  end(): void {
    const seq = this.#expectedSeq ?? 0;
    for (const replayed of this.#deeds.splice(0)) this.#note({ seq, what: 'extra', recorded: '', replayed });
    this.#actor?.stop();
    this.#actor = null;
  }

  #begin({ input, policy }: RecordOf<'session'>): void {
    this.end();
    const recorded = { plan: () => this.#recordedPlan() };
    const machine = createConnectionMachine({ policy: policy === 'custom' ? recorded : defaultPolicy });
    const watch = new MachineWatch({
      label: () => '',
      library: '',
      policy,
      now: () => 0,
      append: (body) => {
        if (isDeed(body)) this.#deeds.push(describe(body));
      },
    });
    this.#actor = createActor(machine, {
      input,
      clock: new SimulatedClock(),
      inspect: (event) => watch.take(event),
    });
    // Without an observer, xstate throws the error of a machine at the page, some time later.
    this.#actor.subscribe({ error: () => {} });
    this.#actor.start();
  }

  #feed(actor: Actor<ConnectionMachine>, record: RecordOf<'event'>): void {
    const snapshot = actor.getSnapshot();
    if (isInner(record) || snapshot.status !== 'active') return;
    sendUntyped(record.machine === 'outage' ? snapshot.children.outage : actor, record.event);
    const { status, error } = actor.getSnapshot();
    if (status !== 'error') return;
    const replayed = error instanceof Error ? error.name : 'Error';
    this.#note({ seq: record.seq, what: 'error', recorded: record.event.type, replayed });
  }

  /** A custom policy is not known here; what it planned stands in the next rest. */
  #recordedPlan(): Plan | null {
    const next = this.#records
      .slice(this.#index + 1, this.#index + 1 + MAX_DIVERGENCES)
      .find((record): record is Rest => record.kind === 'transition' && record.machine === 'connection');
    return next?.context.plan ?? null;
  }

  #compare(seq: number, recorded: string): void {
    const place = this.#deeds.slice(0, REACH).indexOf(recorded);
    if (place >= 0) {
      for (const replayed of this.#deeds.splice(0, place))
        this.#note({ seq, what: 'extra', recorded: '', replayed });
      this.#deeds.shift();
      return;
    }
    const replayed = this.#deeds.shift() ?? '';
    this.#note({ seq, what: replayed ? 'differs' : 'missing', recorded, replayed });
  }

  #gap(seq: number): void {
    this.#note({ seq, what: 'gap', recorded: '', replayed: '' });
    this.#deeds = [];
    this.#actor?.stop();
    this.#actor = null;
  }

  #note(divergence: Divergence): void {
    this.divergences.push(divergence);
  }
}
