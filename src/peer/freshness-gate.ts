/**
 * Detects after an outage when messages are fresh again. The first data to arrive is old: in Chromium a packet of messages whose `maxPacketLifeTime` is
 * over, and everything that a channel with `maxRetransmits: 0` held back (docs/discoveries/messages-past-their-life.md). So a ping is sent when the first
 * data arrives; messages that arrive after its echo were sent after the outage.
 */
export class FreshnessGate {
  /** `closed` until the first data arrives, then the number of the ping whose echo opens the gate. */
  #state: 'open' | 'closed' | number = 'open';

  get isOpen(): boolean {
    return this.#state === 'open';
  }

  close(): void {
    this.#state = 'closed';
  }

  /** Data arrived. `sendPing` returns the ping's number, or null if no ping can be sent: then the gate opens at once, because no echo would ever open it. */
  hear(sendPing: () => number | null): void {
    if (this.#state === 'closed') this.#state = sendPing() ?? 'open';
  }

  /** The echo of the ping `seq` arrived. */
  echo(seq: number): void {
    if (typeof this.#state === 'number' && seq >= this.#state) this.#state = 'open';
  }
}
