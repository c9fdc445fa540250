import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decodePacket, encodePacket, type Inputs, type Packet, REPEATED_INPUTS } from '../src/packet';

const u32 = fc.integer({ min: 0, max: 0xffff_ffff });
const u16 = fc.integer({ min: 0, max: 0xffff });

const hello: fc.Arbitrary<Packet> = fc.record({
  kind: fc.constant('hello' as const),
  session: fc.integer({ min: 1, max: 0xffff_ffff }),
  peer: u32,
  wins: fc.tuple(u16, u16),
});

const inputs: fc.Arbitrary<Packet> = fc.record({
  kind: fc.constant('inputs' as const),
  match: u32,
  frame: fc.integer({ min: REPEATED_INPUTS, max: 0x7fff_ffff }),
  inputs: fc.array(fc.integer({ min: 0, max: 31 }), { minLength: 1, maxLength: REPEATED_INPUTS }),
  hashFrame: fc.integer({ min: 0, max: REPEATED_INPUTS }),
  hash: u32,
  sentAt: u32,
  echo: u32,
  held: u16,
});

const example: Inputs = {
  kind: 'inputs',
  match: 7,
  frame: 40,
  inputs: [1, 2, 31],
  hashFrame: 30,
  hash: 9,
  sentAt: 1,
  echo: 2,
  held: 3,
};

/** The example with one byte changed. */
function spoiled(offset: number, value: number): Uint8Array {
  const bytes = encodePacket(example);
  bytes[offset] = value;
  return bytes;
}

describe('a packet', () => {
  it('is decoded as it was encoded, from a view or a buffer', () => {
    fc.assert(
      fc.property(fc.oneof(hello, inputs), (packet) => {
        const bytes = encodePacket(packet);
        expect(decodePacket(bytes)).toEqual(packet);
        expect(decodePacket(bytes.buffer)).toEqual(packet);
      }),
    );
  });

  it('is decoded from the middle of a larger buffer', () => {
    const bytes = encodePacket(example);
    const padded = new Uint8Array(bytes.length + 10);
    padded.set(bytes, 5);
    expect(decodePacket(padded.subarray(5, 5 + bytes.length))).toEqual(example);
  });
});

describe('a hostile packet', () => {
  it('never throws, whatever the bytes', () => {
    fc.assert(fc.property(fc.uint8Array({ maxLength: 80 }), (bytes) => void decodePacket(bytes)));
    fc.assert(fc.property(fc.anything(), (value) => void decodePacket(value)));
  });

  it.each([
    ['text', '{"type":"ping"}', 'not-binary'],
    ['null', null, 'not-binary'],
    ['an object that looks like a buffer', { byteLength: 14 }, 'not-binary'],
    ['nothing', new ArrayBuffer(0), 'length'],
    ['a megabyte', new Uint8Array(1 << 20).fill(0xd2), 'version'],
    ['a truncated packet', encodePacket(example).slice(0, -1), 'length'],
    ['a longer packet', Uint8Array.from([...encodePacket(example), 0]), 'length'],
    ['another version', spoiled(1, 9), 'version'],
    ['another kind', spoiled(0, 0), 'version'],
    ['no inputs', spoiled(28, 0), 'range'],
    ['more inputs than are ever repeated', spoiled(28, 200), 'range'],
    ['an unknown input bit', spoiled(29, 0xff), 'range'],
    ['a frame beyond reach', spoiled(6, 0xff), 'range'],
    ['a hash of a future frame', spoiled(10, 0x7f), 'range'],
    ['inputs from before the first frame', encodePacket({ ...example, frame: 1, hashFrame: 0 }), 'range'],
    [
      'a hello without a session',
      encodePacket({ kind: 'hello', session: 0, peer: 1, wins: [0, 0] }),
      'range',
    ],
  ])('is refused: %s', (_name, data, reason) => {
    expect(decodePacket(data)).toEqual({ kind: 'refused', reason });
  });
});
