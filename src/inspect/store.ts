import type { MachineName, RecordOf, SessionRecord } from './records';

/**
 * The newest records, at most `max` of them, and beside them what a reader needs to make sense of those: the session that each
 * belongs to, and the last transition of each machine. `seq` is a record's place, since it has no gaps here.
 */
export class RecordStore {
  readonly #max: number;
  readonly #ring: SessionRecord[] = [];
  #last = 0;
  #sessions: RecordOf<'session'>[] = [];
  readonly #transitions = new Map<MachineName, SessionRecord>();

  constructor(max: number) {
    this.#max = max;
  }

  add(record: SessionRecord): void {
    this.#ring[(record.seq - 1) % this.#max] = record;
    this.#last = record.seq;
    if (record.kind === 'session') this.#begin(record);
    if (record.kind === 'transition') this.#transitions.set(record.machine, record);
  }

  /** How many records were dropped and are not kept otherwise. */
  get dropped(): number {
    return this.#first - 1 - this.#kept().length;
  }

  /** In their order: what is kept beside the ring first. */
  get all(): SessionRecord[] {
    const start = (this.#first - 1) % this.#max;
    const ring =
      this.#last <= this.#max
        ? this.#ring.slice()
        : [...this.#ring.slice(start), ...this.#ring.slice(0, start)];
    return [...this.#kept(), ...ring];
  }

  /** Seq of the oldest record in the ring. */
  get #first(): number {
    return Math.max(1, this.#last - this.#max + 1);
  }

  #begin(session: RecordOf<'session'>): void {
    this.#sessions = [...this.#neededSessions(), session];
    this.#transitions.clear();
  }

  /** Those that a record of the ring belongs to. */
  #neededSessions(): RecordOf<'session'>[] {
    const endOf = (index: number) => this.#sessions[index + 1]?.seq ?? Number.POSITIVE_INFINITY;
    return this.#sessions.filter((_, index) => endOf(index) > this.#first);
  }

  #kept(): SessionRecord[] {
    const first = this.#first;
    return [...this.#neededSessions(), ...this.#transitions.values()]
      .filter(({ seq }) => seq < first)
      .sort((a, b) => a.seq - b.seq);
  }
}
