import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { InputBuffer } from '../src/input-buffer';

describe('the input buffer', () => {
  it('starts with the empty frames of the delay', () => {
    const buffer = new InputBuffer(2);
    expect([buffer.take(), buffer.take(), buffer.take()]).toEqual([0, 0, null]);
  });

  it('reads in order what arrived reordered and repeated', () => {
    const writes = fc.shuffledSubarray([0, 1, 2, 3, 4, 5, 6, 7], { minLength: 8 });
    fc.assert(
      fc.property(writes, writes, (first, second) => {
        const buffer = new InputBuffer(0);
        for (const frame of [...first, ...second]) buffer.put(frame, frame);
        expect(first.map(() => buffer.take())).toEqual([0, 1, 2, 3, 4, 5, 6, 7]);
        expect(buffer.take()).toBeNull();
      }),
    );
  });

  it('waits at a gap, and only at the gap', () => {
    const buffer = new InputBuffer(0);
    buffer.put(0, 5);
    buffer.put(2, 6);
    expect([buffer.take(), buffer.take(), buffer.has(2)]).toEqual([5, null, true]);
    buffer.put(1, 7);
    expect([buffer.take(), buffer.take()]).toEqual([7, 6]);
  });

  it('keeps the first value of a frame', () => {
    const buffer = new InputBuffer(0);
    expect([buffer.put(0, 1), buffer.put(0, 2), buffer.take()]).toEqual([true, false, 1]);
  });

  it('refuses past frames and frames beyond the window', () => {
    const buffer = new InputBuffer(0, 8);
    buffer.put(0, 1);
    buffer.take();
    expect([buffer.put(0, 1), buffer.put(8, 1), buffer.put(9, 1), buffer.put(0x7fff_ffff, 1)]).toEqual([
      false,
      true,
      false,
      false,
    ]);
  });
});
