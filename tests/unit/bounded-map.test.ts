import { describe, expect, it } from 'vitest';
import { BoundedMap } from '../../src/peer/bounded-map';

describe('a bounded map', () => {
  it('forgets the oldest when it is full', () => {
    const map = new BoundedMap<number, string>(2);
    map.set(1, 'one').set(2, 'two').set(3, 'three');
    expect([...map]).toEqual([
      [2, 'two'],
      [3, 'three'],
    ]);
  });

  it('forgets nothing for a key that it has already', () => {
    const map = new BoundedMap<number, string>(2);
    map.set(1, 'one').set(2, 'two').set(2, 'again');
    expect([...map]).toEqual([
      [1, 'one'],
      [2, 'again'],
    ]);
  });
});
