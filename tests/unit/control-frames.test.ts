import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type ControlFrame, decodeFrame, encodeFrame } from '../../src/peer/control-frames';

const seq = fc.integer({ min: 0, max: 999_999_999_999_999 });
const frames = fc.oneof(
  fc.record({ type: fc.constantFrom('ping' as const, 'pong' as const), seq }),
  fc.constantFrom<ControlFrame>({ type: 'moved' }, { type: 'moved-too' }, { type: 'bye' }),
);

describe('control frames', () => {
  it('decode to what was encoded', () => {
    fc.assert(
      fc.property(frames, (frame) => {
        expect(decodeFrame(encodeFrame(frame))).toEqual({ ...frame });
      }),
    );
  });

  it('are short text', () => {
    fc.assert(
      fc.property(frames, (frame) => {
        expect(encodeFrame(frame).length).toBeLessThanOrEqual(16);
      }),
    );
  });

  it.each([
    '',
    'p',
    'q',
    'p-1',
    'p1.5',
    'p1 ',
    ' p1',
    'x1',
    'mm',
    'b1',
    'p1\n',
    `p${'9'.repeat(16)}`,
    new ArrayBuffer(2),
    null,
    undefined,
    7,
    {},
  ])('do not include %j', (data) => expect(decodeFrame(data)).toBeNull());

  it('number pings and pongs with up to 15 digits', () => {
    expect(decodeFrame(`p${'9'.repeat(15)}`)).toEqual({ type: 'ping', seq: 999_999_999_999_999 });
    expect(decodeFrame('q0')).toEqual({ type: 'pong', seq: 0 });
  });

  it('are decoded from anything without throwing', () => {
    fc.assert(fc.property(fc.anything(), (data) => void decodeFrame(data)));
  });
});
