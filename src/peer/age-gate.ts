/**
 * Tells after an outage when messages are young again. What outlived the outage comes with the first sign of life: in Chromium a packet of
 * messages whose life is over, and all that a channel without a life held back (docs/discoveries/messages-past-their-life.md). What
 * comes after the echo of a ping that left after that sign is young.
 */
export class AgeGate {
  /** `shut` until the first sign of life, then the number of the ping whose echo opens. */
  #state: 'open' | 'shut' | number = 'open';

  get isOpen(): boolean {
    return this.#state === 'open';
  }

  shut(): void {
    this.#state = 'shut';
  }

  /** Something was heard. `ask` sends a ping and gives its number, or null where none can be sent: then nothing will ever be known. */
  hear(ask: () => number | null): void {
    if (this.#state === 'shut') this.#state = ask() ?? 'open';
  }

  /** The ping of this number came back. */
  echo(seq: number): void {
    if (typeof this.#state === 'number' && seq >= this.#state) this.#state = 'open';
  }
}
