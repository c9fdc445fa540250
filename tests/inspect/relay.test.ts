import { createRecorder, type InspectMessage, RELAY_EVENT, relay } from 'holdfast/inspect';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';

/** How long records are gathered, and the least time between two messages. */
const GATHER_MS = 250;
const PACE_MS = 500;
const HELLO = { holdfast: 1, type: 'hello' };

/** A socket that records what is sent: the type of a message, or the number of its records. The test can send to it. */
function noteSocket() {
  const sent: (string | number)[] = [];
  const listeners = new Set<(packet: unknown) => void>();
  return {
    sent,
    on: (event: string, listener: (packet: unknown) => void) => {
      if (event === RELAY_EVENT) listeners.add(listener);
    },
    emit(_event: string, ...[packet]: unknown[]) {
      const message: InspectMessage = Object(packet).message;
      sent.push(message.type === 'records' ? message.records.length : message.type);
    },
    say(packet: unknown) {
      for (const listener of listeners) listener(packet);
    },
  };
}

function startRelay(marks: number) {
  const recorder = createRecorder();
  const add = (count: number) => {
    for (let index = 0; index < count; index += 1) recorder.mark('m');
  };
  add(marks);
  const socket = noteSocket();
  const stop = relay(recorder, socket, { gameId: 7 });
  /** What was sent since the last call. */
  const sent = () => socket.sent.splice(0);
  return { recorder, add, socket, sent, stop };
}

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

describe('a relayed recorder', () => {
  it('sends its first records at once, then a message every half second', () => {
    const { sent } = startRelay(60);
    expect(sent()).toEqual([25]);
    vi.advanceTimersByTime(PACE_MS - 1);
    expect(sent()).toEqual([]);
    vi.advanceTimersByTime(1);
    expect(sent()).toEqual([25]);
    vi.advanceTimersByTime(PACE_MS * 3);
    expect(sent()).toEqual([10]);
  });

  it('keeps its pace after a rest', () => {
    const { add, sent } = startRelay(1);
    expect(sent()).toEqual([1]);
    vi.advanceTimersByTime(PACE_MS);
    expect(vi.getTimerCount()).toBe(0);
    add(30);
    vi.advanceTimersByTime(GATHER_MS);
    expect(sent()).toEqual([25]);
    vi.advanceTimersByTime(PACE_MS);
    expect(sent()).toEqual([5]);
  });

  it('gathers new records for a moment', () => {
    const { add, sent } = startRelay(0);
    add(1);
    vi.advanceTimersByTime(GATHER_MS - 1);
    add(2);
    expect(sent()).toEqual([]);
    vi.advanceTimersByTime(1);
    expect(sent()).toEqual([3]);
  });

  it('drops the oldest messages when more than forty wait', () => {
    const { socket, sent } = startRelay(400);
    for (let count = 0; count < 3; count += 1) socket.say({ message: HELLO });
    vi.advanceTimersByTime(PACE_MS * 100);
    expect(sent()).toEqual(Array.from({ length: 41 }, () => 25));
  });

  it.each([[null], ['hello'], [7], [HELLO], [{ message: null }], [undefined]])(
    'ignores packets like %j',
    (packet) => {
      const { socket, sent } = startRelay(1);
      sent();
      socket.say(packet);
      vi.advanceTimersByTime(PACE_MS * 2);
      expect(sent()).toEqual([]);
    },
  );

  it('answers a hello', () => {
    const { socket, sent } = startRelay(1);
    sent();
    socket.say({ game_id: 7, message: HELLO });
    vi.advanceTimersByTime(PACE_MS * 2);
    expect(sent()).toEqual([1]);
  });

  it('sends its bye at once when it stops, whatever waits', () => {
    const { add, sent, stop } = startRelay(100);
    add(1);
    expect(sent()).toEqual([25]);
    stop();
    expect(sent()).toEqual(['bye']);
    expect(vi.getTimerCount()).toBe(0);
  });

  it('sends its bye, too, when nothing waits', () => {
    const { sent, stop } = startRelay(0);
    stop();
    expect(sent()).toEqual(['bye']);
    vi.advanceTimersByTime(PACE_MS * 2);
    expect(sent()).toEqual([]);
  });
});
