import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { comparePlayerIds, isPlayerId, type PlayerId, roleOf } from '../../machines';

const odd = fc.constantFrom<PlayerId>(
  '',
  '0',
  '00',
  '1',
  '01',
  '1e3',
  '1000',
  '-1',
  '+1',
  ' 1',
  '1.0',
  'NaN',
  'Infinity',
  'é',
  'z',
  'Z',
  '١',
);
const id = fc.oneof(
  odd,
  fc.nat(),
  fc.integer(),
  fc.double({ noNaN: true }),
  fc.string(),
  fc.nat().map(String),
);

describe('the order of ids', () => {
  it.each<[PlayerId, PlayerId]>([
    [9, 10],
    ['9', '10'],
    [99, 100],
    ['1000', '1e3'],
    [1000, '1e3'],
    ['0', ''],
    [2, 'agent_left'],
    ['agent_left', 'agent_right'],
    ['A', 'a'],
    ['99999999999999999998', '99999999999999999999'],
  ])('puts %j before %j', (lower, higher) => {
    expect(Math.sign(comparePlayerIds(lower, higher))).toBe(-1);
    expect(Math.sign(comparePlayerIds(higher, lower))).toBe(1);
    expect([roleOf(lower, higher), roleOf(higher, lower)]).toEqual(['offerer', 'answerer']);
  });

  it('treats a number and its string as the same id', () => {
    expect(comparePlayerIds(1, '1')).toBe(0);
    expect(roleOf(1, '1')).toBeNull();
    expect(comparePlayerIds(0, '')).not.toBe(0);
  });

  it('is antisymmetric, and equal only for the same string', () => {
    fc.assert(
      fc.property(id, id, (a, b) => {
        expect(Math.sign(comparePlayerIds(a, b))).toBe(0 - Math.sign(comparePlayerIds(b, a)));
        expect(comparePlayerIds(a, b) === 0).toBe(String(a) === String(b));
      }),
    );
  });

  it('is transitive', () => {
    fc.assert(
      fc.property(id, id, id, (a, b, c) => {
        const [low, middle, high] = [a, b, c].sort(comparePlayerIds);
        if (low === undefined || middle === undefined || high === undefined) return;
        expect(comparePlayerIds(low, middle)).toBeLessThanOrEqual(0);
        expect(comparePlayerIds(middle, high)).toBeLessThanOrEqual(0);
        expect(comparePlayerIds(low, high)).toBeLessThanOrEqual(0);
      }),
    );
  });

  it('elects one offerer in each pair, whether an end has the ids as numbers or as strings', () => {
    fc.assert(
      fc.property(fc.nat(), fc.nat(), (a, b) => {
        fc.pre(a !== b);
        expect(new Set([roleOf(a, String(b)), roleOf(b, String(a))])).toEqual(
          new Set(['offerer', 'answerer']),
        );
      }),
    );
  });
});

describe('a player id', () => {
  it.each([0, 1, -1, 1.5, '0', 'agent_left', 'x'.repeat(256)])('can be %j', (value) => {
    expect(isPlayerId(value)).toBe(true);
  });

  it.each([null, undefined, '', Number.NaN, Number.POSITIVE_INFINITY, true, {}, [], 'x'.repeat(257)])(
    'cannot be %j',
    (value) => {
      expect(isPlayerId(value)).toBe(false);
    },
  );
});
