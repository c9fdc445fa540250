import { faultOf, isDown } from './outages';
import type { RecordOf, SessionRecord } from './records';

/**
 * What a reader must know of the records before those that it has: the session, where each machine rests, the path, and how the
 * outage under way began. A handful, however many were taken.
 */
export class Latch {
  #latest = new Map<string, SessionRecord>();
  /** Of the outage under way: its fault, the event that made the link suspect, the transition, that the game was told. */
  #opening = new Map<'fault' | 'event' | 'fall' | 'lost', SessionRecord>();
  #event: SessionRecord | null = null;

  /** In order, each once. */
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

  /** A fault inside an outage is not where that began. */
  #onMark(record: RecordOf<'mark'>): void {
    if (this.#opening.has('fall')) return;
    const fault = faultOf(record.text);
    if (fault === 'begun') this.#opening.set('fault', record);
    else if (fault) this.#opening.delete('fault');
  }

  #follow(record: RecordOf<'transition'>): void {
    if (isDown(record.from) && !isDown(record.to)) this.#opening.clear();
    if (isDown(record.from) || !isDown(record.to)) return;
    if (this.#event) this.#opening.set('event', this.#event);
    this.#opening.set('fall', record);
  }
}
