import { setImmediate as turn } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { type Rank, SlowLane, type Waiting } from '../src/slow-lane';

describe('the slow lane', () => {
  const worker = (log: string[], name: string, pieces: number, rank: Rank = 'burst', bytes = 0): Waiting => ({
    rank,
    get isWaiting() {
      return pieces > 0;
    },
    next() {
      log.push(name);
      pieces -= 1;
      return bytes;
    },
  });

  it('takes turns, and bursts before floods', async () => {
    const lane = new SlowLane();
    const log: string[] = [];
    lane.add(worker(log, 'flood', 2, 'busy'));
    lane.add(worker(log, 'a', 2));
    lane.add(worker(log, 'b', 2));
    while (log.length < 6) await turn();
    expect(log).toEqual(['a', 'b', 'a', 'b', 'flood', 'flood']);
  });

  it('serves who is busy before who is hostile, though that one came first', async () => {
    const lane = new SlowLane();
    const log: string[] = [];
    lane.add(worker(log, 'hostile', 1, 'hostile'));
    lane.add(worker(log, 'busy', 2, 'busy'));
    while (log.length < 3) await turn();
    expect(log).toEqual(['busy', 'busy', 'hostile']);
  });

  it('serves the hostile little by little, and who is better between them', async () => {
    const lane = new SlowLane();
    const log: string[] = [];
    lane.add(worker(log, 'hostile', 1_000, 'hostile', 4_096));
    while (log.length === 0) await turn();
    const before = log.length;
    expect(before).toBeLessThanOrEqual(8);
    const busy = 5;
    for (let number = 0; number < busy; number++) lane.add(worker(log, 'busy', 1, 'busy'));
    while (log.length < before + busy) await turn();
    expect(log.slice(before)).toEqual(Array(busy).fill('busy'));
    lane.stop();
  });

  it('does nothing more once it is stopped', async () => {
    const lane = new SlowLane();
    const log: string[] = [];
    lane.add(worker(log, 'a', 1));
    lane.stop();
    await turn();
    await turn();
    expect(log).toEqual([]);
  });
});
