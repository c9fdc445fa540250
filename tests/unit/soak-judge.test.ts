import type { Outage } from 'holdfast/inspect';
import { describe, expect, it } from 'vitest';
import {
  growthOf,
  heapGrowthBytes,
  outageFaultsOf,
  pairingFaultsOf,
  type Reading,
} from '../network/support/soak/soak-judge.js';

const MEBIBYTE = 2 ** 20;

const reading = (round: number, other: Partial<Reading> = {}): Reading => ({
  round,
  heapBytes: 3 * MEBIBYTE,
  eventListeners: 42,
  connections: 1,
  made: round,
  open: 1,
  timeouts: 3,
  intervals: 4,
  listeners: 21,
  handlers: 12,
  onSockets: 8,
  acks: 0,
  state: 'connected',
  attempts: 0,
  newestSentAtMs: 0,
  received: 0,
  ...other,
});

const hour = (at: (round: number) => Partial<Reading>) =>
  Array.from({ length: 30 }, (_, round) => reading(round, at(round)));

const outage = (other: Partial<Outage>): Outage => ({
  seq: 7,
  isFirstConnect: false,
  isRetry: false,
  cause: 'life.silent',
  faultAtMs: 0,
  suspectedAtMs: 800,
  lostAtMs: 800,
  attempts: [],
  end: 'restored',
  endedBy: 'link.up',
  endedAtMs: 4_000,
  reason: null,
  durationMs: 4_000,
  pathBefore: null,
  pathAfter: null,
  ...other,
});

describe('the judge of a soak', () => {
  it('passes a page that is the same after every fault, whatever its heap fluctuates', () => {
    expect(
      growthOf(
        hour((round) => ({ heapBytes: (3 + (round % 3) / 10) * MEBIBYTE, timeouts: 3 + (round % 2) })),
      ),
    ).toEqual([]);
  });

  it('passes a heap that fills in the first rounds', () => {
    expect(growthOf(hour((round) => ({ heapBytes: (2 + Math.min(3, round)) * MEBIBYTE })))).toEqual([]);
  });

  it('passes a race that one reading catches and the next does not', () => {
    expect(growthOf(hour((round) => ({ open: round === 9 ? 2 : 1, acks: round === 3 ? 2 : 0 })))).toEqual([]);
  });

  it('passes the closed connections that Chromium keeps: one in ten', () => {
    const kept = (share: number) => hour((round) => ({ made: 4 * round, connections: 1 + round * share }));
    expect(growthOf(kept(0.4))).toEqual([]);
    expect(growthOf(kept(2))).not.toEqual([]);
  });

  it.each<[string, (round: number) => Partial<Reading>]>([
    ['a connection that stays open', (round) => ({ open: round > 8 ? 2 : 1 })],
    ['one connection more at the end', (round) => ({ open: round === 29 ? 2 : 1 })],
    ['connections that are never collected', (round) => ({ connections: 1 + round })],
    ['a listener on the socket for each fault', (round) => ({ onSockets: 8 + round })],
    ['a timer for each fault', (round) => ({ timeouts: 3 + round })],
    ['an interval that keeps running', (round) => ({ intervals: round > 20 ? 5 : 4 })],
    ['listeners inside the browser', (round) => ({ eventListeners: 42 + 3 * round })],
    ['acknowledgements that never arrive', (round) => ({ acks: round })],
    [
      'a heap that grows by 40 KiB with each fault',
      (round) => ({ heapBytes: 3 * MEBIBYTE + round * 40_960 }),
    ],
  ])('finds %s', (_, at) => {
    expect(growthOf(hour(at))).not.toEqual([]);
  });

  it('does not pass a page that was never read', () => {
    expect(growthOf([])).toEqual(['nothing was read']);
  });

  it('does not judge a heap by four readings', () => {
    expect(heapGrowthBytes([reading(0), reading(1), reading(2), reading(3)])).toBeNull();
  });

  it('finds outages without an end, or reported after it', () => {
    expect(outageFaultsOf([outage({}), outage({ lostAtMs: null })])).toEqual([]);
    expect(outageFaultsOf([outage({ end: null, endedAtMs: null })])).toEqual(['the outage at 7 ended never']);
    expect(outageFaultsOf([outage({ end: 'failed' })])).toEqual(['the outage at 7 ended failed']);
    expect(outageFaultsOf([outage({ lostAtMs: 5_000 })])).toEqual(['the outage at 7 was told after its end']);
  });

  it('finds announcements that do not alternate', () => {
    expect(pairingFaultsOf(['open', 'lost', 'restored', 'lost', 'restored'])).toEqual([]);
    expect(pairingFaultsOf(['open', 'lost', 'lost'])).toEqual(['announcement 2 is lost, not restored']);
    expect(pairingFaultsOf(['open', 'restored'])).toEqual(['announcement 1 is restored, not lost']);
    expect(pairingFaultsOf(['open', 'lost', 'failed'])).toHaveLength(1);
    expect(pairingFaultsOf(['open', 'lost'])).toEqual(['the last lost was never answered']);
  });
});
