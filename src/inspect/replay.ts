import { type Actor, createActor, SimulatedClock } from 'xstate';
import { type ConnectionMachine, createConnectionMachine, defaultPolicy, type Plan } from '../../machines';
import { MachineWatch } from './machine-watch';
import type { RecordBody, RecordOf, SessionRecord, TransitionBody } from './records';
import { sendUntyped } from './untyped-edge';

/** A place where the current machine does not do what the record says. */
export interface Divergence {
  /** `seq` of the record that differs, or of the record before which something is missing. */
  seq: number;
  /** `gap`: records are missing, and nothing is compared from there to the next session. `extra`: the machine did something that is not recorded. */
  what: 'differs' | 'missing' | 'extra' | 'gap' | 'error';
  /** What the record says; empty for `extra`. */
  recorded: string;
  /** What the machine did; empty for `missing`. */
  replayed: string;
}

/** The records that are compared: transitions (state, attempts, reason), commands and announcements. */
type Effect = RecordOf<'transition'> | RecordOf<'command'> | RecordOf<'announcement'>;

type ConnectionTransition = Extract<RecordOf<'transition'>, { machine: 'connection' }>;

const isEffect = <Body extends RecordBody>(body: Body): body is Extract<Body, { kind: Effect['kind'] }> =>
  body.kind === 'transition' || body.kind === 'command' || body.kind === 'announcement';

/** Events that a replay must not feed: those that it causes itself, and errors of actors, which the machine does not cause. */
const isSkipped = ({ machine, from, event }: RecordOf<'event'>) =>
  event.type.startsWith('xstate.init') ||
  event.type.startsWith('xstate.done') ||
  event.type.startsWith('xstate.error') ||
  (machine === 'outage' && from !== 'self');

function describe(body: Extract<RecordBody, { kind: Effect['kind'] }>): string {
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

/** More would not help: a recording of another machine differs everywhere. */
const MAX_DIVERGENCES = 200;
/** How many effects without a record may come before the effect that matches the next record. */
const LOOKAHEAD = 8;

/**
 * Feeds the recorded events to the current machines with a stopped clock (delays are recorded events, too), and compares each
 * transition, command and announcement with its record.
 *
 * @param records those of one link, in order
 * @returns the first divergences; none for a recording of the current machine
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
  /** What the machines did and has not been compared with a record yet. */
  #effects: string[] = [];
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
    else if (this.#actor && isEffect(record)) this.#compare(seq, describe(record));
    this.#expectedSeq = seq + 1;
  }

  end(): void {
    const seq = this.#expectedSeq ?? 0;
    for (const replayed of this.#effects.splice(0))
      this.#note({ seq, what: 'extra', recorded: '', replayed });
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
        if (isEffect(body)) this.#effects.push(describe(body));
      },
    });
    this.#actor = createActor(machine, {
      input,
      clock: new SimulatedClock(),
      inspect: (event) => watch.take(event),
    });
    // Without an error observer, xstate reports an error of the machine as an uncaught error later.
    this.#actor.subscribe({ error: () => {} });
    this.#actor.start();
  }

  #feed(actor: Actor<ConnectionMachine>, record: RecordOf<'event'>): void {
    const snapshot = actor.getSnapshot();
    if (isSkipped(record) || snapshot.status !== 'active') return;
    sendUntyped(record.machine === 'outage' ? snapshot.children.outage : actor, record.event);
    const { status, error } = actor.getSnapshot();
    if (status !== 'error') return;
    const replayed = error instanceof Error ? error.name : 'Error';
    this.#note({ seq: record.seq, what: 'error', recorded: record.event.type, replayed });
  }

  /** The custom policy is not available here, but the next recorded transition contains its plan. */
  #recordedPlan(): Plan | null {
    const next = this.#records
      .slice(this.#index + 1, this.#index + 1 + MAX_DIVERGENCES)
      .find(
        (record): record is ConnectionTransition =>
          record.kind === 'transition' && record.machine === 'connection',
      );
    return next?.context.plan ?? null;
  }

  #compare(seq: number, recorded: string): void {
    const place = this.#effects.slice(0, LOOKAHEAD).indexOf(recorded);
    if (place >= 0) {
      for (const replayed of this.#effects.splice(0, place))
        this.#note({ seq, what: 'extra', recorded: '', replayed });
      this.#effects.shift();
      return;
    }
    const replayed = this.#effects.shift() ?? '';
    this.#note({ seq, what: replayed ? 'differs' : 'missing', recorded, replayed });
  }

  #gap(seq: number): void {
    this.#note({ seq, what: 'gap', recorded: '', replayed: '' });
    this.#effects = [];
    this.#actor?.stop();
    this.#actor = null;
  }

  #note(divergence: Divergence): void {
    this.divergences.push(divergence);
  }
}
