import { EventEmitter } from 'node:events';
import { FairQueue } from '../src/fair-queue';
import { type EngineConnection, Intake } from '../src/intake';
import { DEFAULT_RATES, type RateLimits } from '../src/rate-limit';

/** An Engine.IO connection by long polling, whose parser only records what it is given. */
class FakeConnection extends EventEmitter implements EngineConnection {
  readonly unpacked: string[] = [];
  readonly transport = { onData: (payload: string) => void this.unpacked.push(payload) };
  readonly written: string[] = [];
  readonly parsed: unknown[] = [];
  readyState = 'open';

  constructor() {
    super();
    this.on('data', (data) => this.parsed.push(data));
  }

  write(data: string): void {
    this.written.push(data);
  }

  close(): void {
    this.readyState = 'closed';
    this.emit('close');
  }

  say(...messages: unknown[]): void {
    for (const message of messages) this.emit('data', message);
  }
}

/** An intake whose player has a seat, on a clock that the test advances. */
export function listen(rates: Partial<RateLimits> = {}, fairQueue = new FairQueue()) {
  const conn = new FakeConnection();
  const clock = { nowMs: 0 };
  const intake = new Intake({
    conn,
    fairQueue,
    rates: { ...DEFAULT_RATES, ...rates },
    penaltyMs: 1_000,
    now: () => clock.nowMs,
  });
  intake.isSeated = true;
  const refused: string[] = [];
  const evicted: string[] = [];
  intake.listener = {
    refused: (event, { code }) => void refused.push(`${event} ${code}`),
    evicted: (why) => void evicted.push(why),
  };
  return { conn, intake, clock, refused, evicted };
}
