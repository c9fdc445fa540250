import type { LogFields } from './logger';

const REPORT_MS = 60_000;

/**
 * Logs each reason at once, and then once a minute how often it has occurred since. A flood of them cannot fill the disk, and someone who looks at the log late
 * still sees them.
 */
export class Tally {
  readonly #say: (fields: LogFields) => void;
  readonly #unsaid = new Map<string, { fields: LogFields; count: number }>();
  readonly #timer = setInterval(() => this.#report(), REPORT_MS).unref();

  constructor(say: (fields: LogFields) => void) {
    this.#say = say;
  }

  count(reason: string, fields: LogFields, by = 1): void {
    const met = this.#unsaid.get(reason);
    this.#unsaid.set(reason, { fields, count: met ? met.count + by : 0 });
    if (!met) this.#say({ ...fields, count: by });
  }

  /** Logs the counts that are left. */
  stop(): void {
    clearInterval(this.#timer);
    this.#report();
  }

  #report(): void {
    const met = [...this.#unsaid].filter(([, { count }]) => count > 0);
    this.#unsaid.clear();
    for (const [reason, { fields, count }] of met) {
      this.#unsaid.set(reason, { fields, count: 0 });
      this.#say({ ...fields, count });
    }
  }
}
