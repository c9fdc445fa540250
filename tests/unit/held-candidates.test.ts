import { describe, expect, it } from 'vitest';
import { HeldCandidates } from '../../src/peer/held-candidates';
import type { Candidate } from '../../src/signaling/wire';

const candidate = (ufrag: string, number = 0): Candidate => ({
  type: 'ice-candidate',
  from: 2,
  init: { candidate: `candidate:${number}` },
  ufrag,
});

describe('candidates that arrive early', () => {
  it('are handed out once, in order, to their generation', () => {
    const held = new HeldCandidates();
    const [first, second, other] = [candidate('u1', 1), candidate('u1', 2), candidate('u2')];
    held.add('u1', first);
    held.add('u2', other);
    held.add('u1', second);
    expect(held.take('u1')).toEqual([first, second]);
    expect(held.take('u1')).toEqual([]);
    expect(held.take('u2')).toEqual([other]);
  });

  it('are limited within a generation: the first 64 stay, the others are refused', () => {
    const held = new HeldCandidates();
    for (let number = 0; number < 64; number++) held.add('u1', candidate('u1', number));
    for (let number = 64; number < 1_000; number++)
      expect(() => held.add('u1', candidate('u1', number))).toThrow(
        expect.objectContaining({ name: 'SignalError', reason: 'too-many' }),
      );
    const kept = held.take('u1');
    expect(kept).toHaveLength(64);
    expect(kept[0]).toEqual(candidate('u1', 0));
  });

  it('are limited in generations: the oldest is dropped', () => {
    const held = new HeldCandidates();
    for (let number = 1; number <= 1_000; number++) held.add(`u${number}`, candidate(`u${number}`));
    const kept = Array.from({ length: 1_000 }, (_, index) => held.take(`u${index + 1}`).length);
    expect(kept.reduce((sum, count) => sum + count, 0)).toBe(4);
    expect(kept.slice(-4)).toEqual([1, 1, 1, 1]);
  });
});
