import { faultOf, isDown } from './outages';
import type { RecordOf, SessionRecord } from './records';

/**
 * Keeps the few earlier records without which the later ones cannot be understood: the session, the latest transition of each machine, the
 * path, and the start of the current outage. Their number is small, however many records it has seen.
 */
export class Latch {
  #latest = new Map<string, SessionRecord>();
  /** Of the current outage: its fault, the event that made the link suspect, the transition, and the announcement of *lost*. */
  #opening = new Map<'fault' | 'event' | 'fall' | 'lost', SessionRecord>();
  #event: SessionRecord | null = null;

  /** In order of `seq`, each once. */
  get records(): SessionRecord[] {
    return [...new Set([...this.#latest.values(), ...this.#opening.values()])].sort((a, b) => a.seq - b.seq);
  }

  take(record: SessionRecord): void {
    switch (record.kind) {
      case 'session':
        this.#latest = new Map([['session', record]]);
        this.#opening.clear();
        return;
      case 'path':
        this.#latest.set('path', record);
        return;
      case 'transition':
        this.#latest.set(record.machine, record);
        if (record.machine === 'connection') this.#follow(record);
        return;
      case 'event':
        if (record.machine === 'connection') this.#event = record;
        return;
      case 'announcement':
        if (record.announcement.type === 'lost') this.#opening.set('lost', record);
        return;
      case 'mark':
        return this.#onMark(record);
      case 'command':
      case 'signal':
      case 'sample':
        return;
    }
  }

  /** A fault during an outage is not the start of that outage. */
  #onMark(record: RecordOf<'mark'>): void {
    if (this.#opening.has('fall')) return;
    const fault = faultOf(record.text);
    if (fault === 'started') this.#opening.set('fault', record);
    else if (fault) this.#opening.delete('fault');
  }

  #follow(record: RecordOf<'transition'>): void {
    if (isDown(record.from) && !isDown(record.to)) this.#opening.clear();
    if (isDown(record.from) || !isDown(record.to)) return;
    if (this.#event) this.#opening.set('event', this.#event);
    this.#opening.set('fall', record);
  }
}
