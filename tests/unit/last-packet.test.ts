import { describe, expect, it } from 'vitest';
import { msSinceLastPacket } from '../../src/peer/last-packet';
import { connectLinks, createLinkPair, pass } from './link-pair';

describe('the time without a packet', () => {
  it('is read from the stats', async () => {
    const { a, b } = await connectLinks();
    b.link.control.ping();
    await pass(10);
    await pass(3_000);
    const quietMs = await msSinceLastPacket(a.pc);
    expect(quietMs).toBeGreaterThanOrEqual(2_990);
    expect(quietMs).toBeLessThanOrEqual(3_100);
  });

  it.each([
    ['reports no such time', {}],
    ['has received none yet', { lastPacketReceivedTimestamp: 0 }],
  ])('is infinite if the browser %s', async (_, entry) => {
    const { a } = createLinkPair();
    const report = new Map([['P', { id: 'P', type: 'candidate-pair', timestamp: 5_000, ...entry }]]);
    Object.assign(a.pc, { getStats: async () => report });
    expect(await msSinceLastPacket(a.pc)).toBe(Number.POSITIVE_INFINITY);
  });

  it('is that of the pair that received last', async () => {
    const { a } = createLinkPair();
    const pair = (lastPacketReceivedTimestamp: number) => ({ timestamp: 5_000, lastPacketReceivedTimestamp });
    Object.assign(a.pc, { getStats: async () => new Map([1_000, 4_000, 2_000].map((at) => [at, pair(at)])) });
    expect(await msSinceLastPacket(a.pc)).toBe(1_000);
  });
});
