/**
 * Tells after an outage when messages are fresh again. Old ones come with the first sign of life: in Chromium a packet of messages whose
 * `maxPacketLifeTime` is over, and all that a channel with `maxRetransmits: 0` held back (docs/discoveries/messages-past-their-life.md). The gate
 * sends a ping at that sign: what comes after its echo was sent after the outage.
 */
export class AgeGate {
  /** `shut` until the first sign of life, then the number of the ping whose echo opens the gate. */
  #state: 'open' | 'shut' | number = 'open';

  get isOpen(): boolean {
    return this.#state === 'open';
  }

  shut(): void {
    this.#state = 'shut';
  }

  /** Something was heard. `ask` sends a ping and gives its number; null where none can be sent, and so no echo could ever open the gate. */
  hear(ask: () => number | null): void {
    if (this.#state === 'shut') this.#state = ask() ?? 'open';
  }

  /** The ping of this number came back. */
  echo(seq: number): void {
    if (typeof this.#state === 'number' && seq >= this.#state) this.#state = 'open';
  }
}
