import { describe, expect, it } from 'vitest';
import { seededRandom } from '../../src/testing/random';

const taken = (seed: number, count: number) => {
  const random = seededRandom(seed);
  return Array.from({ length: count }, random);
};

describe('the random source of a fake world', () => {
  it.each([
    // In units of 2^-32.
    { seed: 0, parts: [1_144_304_738, 1_416_247, 958_946_056, 627_933_444] },
    { seed: 1, parts: [2_693_262_067, 11_749_833, 2_265_367_787, 4_213_581_821] },
    { seed: 7, parts: [50_271_532, 266_108_690, 4_195_786_334, 3_002_305_430] },
  ])('is mulberry32: the same numbers for the seed $seed in every version', ({ seed, parts }) => {
    expect(taken(seed, 4).map((number) => number * 2 ** 32)).toEqual(parts);
  });

  it('uses the 32 bits of a seed of any sign', () => {
    expect(taken(-1, 3)).toEqual(taken(2 ** 32 - 1, 3));
  });

  it('yields numbers in [0, 1), evenly', () => {
    const numbers = taken(3, 1_000);
    expect([Math.min(...numbers) >= 0, Math.max(...numbers) < 1]).toEqual([true, true]);
    expect(numbers.reduce((sum, number) => sum + number, 0) / 1_000).toBeCloseTo(0.5, 1);
  });
});
