import { PassThrough } from 'node:stream';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { ChunkGate } from '../src/chunk-gate';

const PIECE = 4_096;

/** A gate in front of a reader that only records what it is given. */
function startGate() {
  const tcp = new PassThrough();
  const read: Buffer[] = [];
  tcp.on('data', (chunk: Buffer) => read.push(chunk));
  const asked: number[] = [];
  const state = { mayPass: true, held: 0 };
  const gate = new ChunkGate({
    tcp,
    mayPass: (bytes) => {
      asked.push(bytes);
      return state.mayPass;
    },
    held: () => {
      state.held += 1;
    },
  });
  return {
    gate,
    tcp,
    asked,
    state,
    comes: (chunk: Buffer | string) => void tcp.emit('data', Buffer.from(chunk)),
    get read() {
      return Buffer.concat(read).toString();
    },
  };
}

describe('a gate in front of a WebSocket', () => {
  afterEach(() => void vi.useRealTimers());

  it('passes a chunk at once when it is allowed and no larger than a piece, and goes on reading', () => {
    const world = startGate();
    world.comes('a');
    world.comes('b'.repeat(PIECE));
    expect([world.read, world.asked, world.gate.isEmpty]).toEqual([
      `a${'b'.repeat(PIECE)}`,
      [1, PIECE],
      true,
    ]);
    expect([world.state.held, world.tcp.isPaused()]).toEqual([0, false]);
  });

  it.each([
    ['may not pass', 'a', false],
    ['is larger than a piece', 'a'.repeat(PIECE + 1), true],
  ])('holds a chunk that %s, reports it, and stops reading', (_, chunk, mayPass) => {
    const world = startGate();
    world.state.mayPass = mayPass;
    world.comes(chunk);
    expect([world.read, world.asked, world.gate.isEmpty]).toEqual(['', [chunk.length], false]);
    expect([world.state.held, world.tcp.isPaused()]).toEqual([1, true]);
  });

  it('lets nothing overtake what it holds, and passes it on in pieces of 4 KiB', () => {
    const world = startGate();
    const chunks = ['a'.repeat(2 * PIECE), 'b'.repeat(PIECE), 'c'];
    for (const chunk of chunks) world.comes(chunk);
    expect(world.read).toBe('');
    const passed = Array.from({ length: 5 }, () => world.gate.passPiece());
    expect(passed).toEqual([PIECE, PIECE, PIECE, 1, 0]);
    expect([world.read, world.gate.isEmpty]).toEqual([chunks.join(''), true]);
  });

  it('resumes reading when it is opened', () => {
    const world = startGate();
    world.gate.shut();
    expect(world.tcp.isPaused()).toBe(true);
    world.gate.open();
    expect(world.tcp.isPaused()).toBe(false);
  });

  it.each<[string, (world: ReturnType<typeof startGate>) => void]>([
    ['is closed', ({ gate }) => gate.close()],
    ['has lost its connection', ({ tcp }) => void tcp.emit('close')],
  ])('discards what it holds, and everything that arrives later, once it %s', (_, end) => {
    const world = startGate();
    world.comes('a'.repeat(2 * PIECE));
    end(world);
    world.comes('b');
    expect([world.gate.passPiece(), world.read, world.asked.length]).toEqual([0, '', 1]);
  });

  it('reads 16 KiB from a client that was evicted, for its goodbye, and then no more', () => {
    const world = startGate();
    world.gate.close();
    for (let count = 0; count < 4; count += 1) world.comes('a'.repeat(PIECE));
    expect(world.tcp.isPaused()).toBe(false);
    world.comes('a');
    expect(world.tcp.isPaused()).toBe(true);
    world.gate.open();
    expect(world.tcp.isPaused()).toBe(true);
  });

  it('holds a connection unread for the given time, then cuts it off, whatever its WebSocket wants', () => {
    vi.useFakeTimers({ toFake: ['setTimeout'] });
    const { gate, tcp } = startGate();
    gate.hold(20_000);
    tcp.end();
    expect([tcp.isPaused(), tcp.writableEnded]).toEqual([true, false]);
    vi.advanceTimersByTime(19_999);
    expect(tcp.destroyed).toBe(false);
    vi.advanceTimersByTime(1);
    expect(tcp.destroyed).toBe(true);
  });
});
