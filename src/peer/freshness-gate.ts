/**
 * Tells after an outage when messages are fresh again. Old ones come with the first sign of life: in Chromium a packet of messages whose
 * `maxPacketLifeTime` is over, and all that a channel with `maxRetransmits: 0` held back (docs/discoveries/messages-past-their-life.md). The gate
 * sends a ping at that sign: what comes after its echo was sent after the outage.
 */
export class FreshnessGate {
  /** `shut` until the first sign of life, then the number of the ping whose echo opens the gate. */
  #state: 'open' | 'closed' | number = 'open';

  get isOpen(): boolean {
    return this.#state === 'open';
  }

  close(): void {
    this.#state = 'closed';
  }

  /** Something was heard. `ask` sends a ping and gives its number; null where none can be sent, and so no echo could ever open the gate. */
  onSignOfLife(sendPing: () => number | null): void {
    if (this.#state === 'closed') this.#state = sendPing() ?? 'open';
  }

  /** The ping of this number came back. */
  onEcho(seq: number): void {
    if (typeof this.#state === 'number' && seq >= this.#state) this.#state = 'open';
  }
}
