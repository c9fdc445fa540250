import { beforeEach, describe, expect, it } from 'vitest';
import { FakeDataChannel, type Frame, sizeOf } from '../../src/testing/fake-data-channel';
import { runAtOnce } from '../../src/testing/fake-target';

let frames: Frame[];
let closed: FakeDataChannel[];
let heard: string[];

beforeEach(() => {
  frames = [];
  closed = [];
  heard = [];
});

/** A channel of an association that takes 10 bytes at once, and buffers 16. */
function createChannel(init: RTCDataChannelInit = {}): FakeDataChannel {
  const channel = new FakeDataChannel(
    {
      maxMessageSize: 10,
      maxBufferedBytes: 16,
      run: runAtOnce,
      transmit: (frame) => void frames.push(frame),
      closeChannel: (each) => void closed.push(each),
    },
    'game',
    init,
  );
  channel.onopen = () => heard.push('open');
  channel.onclose = () => heard.push('close');
  return channel;
}

function openChannel(): FakeDataChannel {
  const channel = createChannel();
  channel.open();
  return channel;
}

const bytesOf = (data: unknown) => (data instanceof ArrayBuffer ? [...new Uint8Array(data)] : data);

describe('a fake data channel', () => {
  it('is reliable, ordered and announced by default', () => {
    const { label, ordered, negotiated, maxRetransmits, maxPacketLifeTime, protocol, id, init, ...rest } =
      createChannel();
    expect({ label, ordered, negotiated, maxRetransmits, maxPacketLifeTime, protocol, id, init }).toEqual({
      label: 'game',
      ordered: true,
      negotiated: false,
      maxRetransmits: null,
      maxPacketLifeTime: null,
      protocol: '',
      id: null,
      init: { ordered: true, protocol: '' },
    });
    expect(rest).toMatchObject({
      readyState: 'connecting',
      binaryType: 'arraybuffer',
      bufferedAmount: 0,
      bufferedAmountLowThreshold: 0,
    });
  });

  it.each([
    { ordered: false, protocol: 'chess', maxRetransmits: 0 },
    { ordered: false, protocol: '', maxPacketLifeTime: 100, id: 0 },
  ])('passes its options to the other end: %o', (init) => {
    const channel = createChannel({ ...init, negotiated: true });
    expect(channel.init).toEqual(init);
    expect(channel).toMatchObject({ ...init, negotiated: true });
  });

  it('opens once', () => {
    const channel = createChannel();
    expect(channel.isOpen).toBe(false);
    channel.open();
    channel.open();
    expect([channel.isOpen, channel.readyState, heard]).toEqual([true, 'open', ['open']]);
  });

  it('from the other end is open when it is introduced, and fires `open` afterwards', () => {
    const channel = createChannel();
    channel.introduce(() => heard.push(`shown ${channel.readyState}`));
    expect(heard).toEqual(['shown open', 'open']);
  });

  it('from the other end fires nothing more when it is closed as it is introduced', () => {
    const channel = createChannel();
    channel.introduce(() => channel.close());
    expect([channel.readyState, heard]).toEqual(['closing', []]);
  });

  it('closes once, and is closed when its association ends it', () => {
    const channel = openChannel();
    channel.close();
    channel.close();
    expect([channel.readyState, closed, heard]).toEqual(['closing', [channel], ['open']]);
    channel.end({ notify: true });
    channel.end({ notify: true });
    channel.close();
    channel.open();
    expect([channel.readyState, closed.length, heard]).toEqual(['closed', 1, ['open', 'close']]);
  });

  it('ends silently when its own page closed the connection', () => {
    const channel = openChannel();
    channel.end({ notify: false });
    expect([channel.readyState, heard]).toEqual(['closed', ['open']]);
  });
});

describe('sending on a fake data channel', () => {
  it.each([
    { what: 'before it is open', createEnd: () => createChannel() },
    {
      what: 'while it closes',
      createEnd: () => {
        const channel = openChannel();
        channel.close();
        return channel;
      },
    },
  ])('$what throws an InvalidStateError', ({ createEnd }) => {
    expect(() => createEnd().send('now')).toThrow(
      expect.objectContaining({ name: 'InvalidStateError', message: 'channel is not open' }),
    );
    expect(frames).toEqual([]);
  });

  it('counts the bytes that are buffered, until they are handed over', async () => {
    const channel = openChannel();
    channel.send('four');
    channel.send('and six');
    expect([channel.bufferedAmount, frames.map(({ data }) => data)]).toEqual([11, ['four', 'and six']]);
    expect(frames.map((frame) => frame.channel === channel)).toEqual([true, true]);
    frames[0]?.handedOver();
    expect(channel.bufferedAmount).toBe(11);
    await Promise.resolve();
    expect(channel.bufferedAmount).toBe(7);
    frames[1]?.handedOver();
    await Promise.resolve();
    expect(channel.bufferedAmount).toBe(0);
  });

  it('counts the bytes of a text as UTF-8', () => {
    const channel = openChannel();
    channel.send('émoi');
    expect(channel.bufferedAmount).toBe(5);
  });

  it.each([
    { thresholdBytes: 0, told: [0] },
    { thresholdBytes: 3, told: [0] },
    { thresholdBytes: 4, told: [4] },
    { thresholdBytes: 7, told: [4] },
    { thresholdBytes: 8, told: [] },
  ])('reports once that at most $thresholdBytes bytes are buffered', async ({ thresholdBytes, told }) => {
    const channel = openChannel();
    channel.bufferedAmountLowThreshold = thresholdBytes;
    const heard: number[] = [];
    channel.onbufferedamountlow = () => heard.push(channel.bufferedAmount);
    for (const text of ['four', 'more']) channel.send(text);
    for (const frame of frames) {
      frame.handedOver();
      await Promise.resolve();
    }
    expect(heard).toEqual(told);
  });

  it('accepts the largest message, and throws a TypeError for a larger one', () => {
    const channel = openChannel();
    channel.send('x'.repeat(10));
    expect(() => channel.send('x'.repeat(11))).toThrow(new TypeError('message larger than maxMessageSize'));
    expect([channel.bufferedAmount, frames.length]).toEqual([10, 1]);
  });

  it('fills the buffer completely, and throws an OperationError beyond', async () => {
    const channel = openChannel();
    channel.send('x'.repeat(10));
    channel.send('x'.repeat(6));
    expect(() => channel.send('x')).toThrow(
      expect.objectContaining({ name: 'OperationError', message: 'send buffer is full' }),
    );
    expect(channel.bufferedAmount).toBe(16);
    frames[0]?.handedOver();
    await Promise.resolve();
    channel.send('x');
    expect(channel.bufferedAmount).toBe(7);
  });

  const buffer = Uint8Array.of(1, 2, 3, 4).buffer;
  it.each([
    { what: 'a buffer', data: buffer, bytes: [1, 2, 3, 4] },
    { what: 'an array', data: Uint8Array.of(5, 6), bytes: [5, 6] },
    { what: 'a part of a buffer', data: new Uint8Array(buffer, 1, 2), bytes: [2, 3] },
    { what: 'a view', data: new DataView(buffer, 2), bytes: [3, 4] },
  ])('copies $what: later changes by the game are not sent', ({ data, bytes }) => {
    openChannel().send(data);
    const [frame] = frames;
    expect(frame?.data).toBeInstanceOf(ArrayBuffer);
    expect(bytesOf(frame?.data)).toEqual(bytes);
    expect(frame && sizeOf(frame.data)).toBe(bytes.length);
    const original = ArrayBuffer.isView(data) ? data.buffer : data;
    new Uint8Array(original).reverse();
    expect(bytesOf(frame?.data)).toEqual(bytes);
    new Uint8Array(original).reverse();
  });

  it('accepts a blob, and counts its bytes', () => {
    const channel = openChannel();
    const blob = new Blob(['blob']);
    channel.send(blob);
    expect([channel.bufferedAmount, frames[0]?.data]).toEqual([4, blob]);
  });
});

describe('what a fake data channel receives', () => {
  const receive = async (data: string | ArrayBuffer | Blob, binaryType: BinaryType) => {
    const channel = openChannel();
    const got: unknown[] = [];
    channel.binaryType = binaryType;
    channel.onmessage = (event) => got.push(event.data);
    channel.receive(data);
    const atOnce = got.length;
    await new Promise((resolve) => setTimeout(resolve));
    return { atOnce, got };
  };
  const bytes = Uint8Array.of(1, 2).buffer;

  it.each([
    ['text', 'text', 'arraybuffer', 1],
    ['text', 'text', 'blob', 1],
    ['bytes', bytes, 'arraybuffer', 1],
    ['a blob, read meanwhile', new Blob(['xy']), 'arraybuffer', 0],
    ['a blob', new Blob(['xy']), 'blob', 1],
    ['bytes, as a blob', bytes, 'blob', 1],
  ] as const)('is %s', async (_, data, binaryType, atOnce) => {
    const seen = await receive(data, binaryType);
    expect([seen.atOnce, seen.got.length]).toEqual([atOnce, 1]);
    const [got] = seen.got;
    if (typeof data === 'string') return expect(got).toBe(data);
    const sent = data instanceof Blob ? await data.arrayBuffer() : data;
    expect(got).toBeInstanceOf(binaryType === 'blob' ? Blob : ArrayBuffer);
    expect(bytesOf(got instanceof Blob ? await got.arrayBuffer() : got)).toEqual(bytesOf(sent));
    if (data instanceof Blob === got instanceof Blob) expect(got).toBe(data);
  });

  it('is nothing before it is open or after it is closed', () => {
    const channel = createChannel();
    channel.onmessage = () => heard.push('message');
    channel.receive('early');
    channel.open();
    channel.receive('now');
    channel.close();
    channel.receive('late');
    expect(heard).toEqual(['open', 'message']);
  });
});
