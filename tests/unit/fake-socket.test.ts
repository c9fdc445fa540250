import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { FakeRelay } from '../../src/testing/fake-relay';
import { FakeSocket } from '../../src/testing/fake-socket';
import type { RunTask } from '../../src/testing/fake-target';
import { Timers } from '../../src/testing/timers';

let relay: FakeRelay;
let timers: Timers;
let socket: FakeSocket;
let heard: string[];

beforeEach(() => {
  vi.useFakeTimers();
  timers = new Timers();
  relay = new FakeRelay(timers, () => 0.5);
  heard = [];
  socket = new FakeSocket(relay, timers, (each) => heard.push(`onConnect ${each.connected}`));
  socket.on('connect', (...args: unknown[]) => heard.push(`connect ${args}`));
  socket.on('disconnect', (reason: string) => heard.push(`disconnect ${reason}`));
});
afterEach(() => void vi.useRealTimers());

/** Fake timers run an immediate timer a millisecond later. */
const pass = (ms = 5) => vi.advanceTimersByTime(ms);
const join = (each: FakeSocket, player: number) => {
  each.emit('join_game', { game_id: 'duel', player_id: player });
  pass();
};
const answered =
  (name: string, into: string[] = heard) =>
  () =>
    void into.push(`answer to ${name}`);

describe('a fake socket', () => {
  it('is connected from the start, without an event', () => {
    pass(60_000);
    expect([socket.connected, heard, timers.size]).toEqual([true, [], 0]);
  });

  it("calls its listeners with the relay's messages until they are removed", () => {
    const told: unknown[] = [];
    const [one, other] = [(message: unknown) => told.push(['one', message]), () => told.push('other')];
    expect(socket.on('news', one).on('news', one).on('news', other)).toBe(socket);
    socket.receive('news', { at: 8 });
    socket.receive('weather', 'sun');
    expect(told).toEqual([['one', { at: 8 }], 'other']);
    expect(socket.off('news', one).off('nothing', one)).toBe(socket);
    socket.receive('news', 9);
    expect(told).toEqual([['one', { at: 8 }], 'other', 'other']);
  });

  it('calls a once() listener only once', () => {
    const told: unknown[] = [];
    expect(socket.once('news', (message: unknown) => told.push(message))).toBe(socket);
    for (const message of [1, 2]) socket.receive('news', message);
    expect([told, socket.listenerCount('news')]).toEqual([[1], 0]);
  });

  it('counts its listeners, of one event or of all including outgoing ones', () => {
    const listener = () => undefined;
    socket.on('news', listener).on('news', () => undefined);
    expect(socket.onAnyOutgoing(listener)).toBe(socket);
    expect(['news', 'connect', 'nothing', undefined].map((event) => socket.listenerCount(event))).toEqual([
      2, 1, 0, 5,
    ]);
    expect(socket.offAnyOutgoing(listener)).toBe(socket);
    expect(socket.listenerCount()).toBe(4);
  });

  it('calls outgoing listeners when it sends, not before', () => {
    const seen: unknown[] = [];
    const onlooker = (...args: unknown[]) => seen.push(args);
    socket.onAnyOutgoing(onlooker);
    socket.emit('hello', { to: 'all' }, () => undefined);
    socket.emit('ping', () => undefined);
    socket.down();
    socket.emit('late');
    expect(seen).toEqual([
      ['hello', { to: 'all' }],
      ['ping', undefined],
    ]);
    socket.up();
    expect(seen.slice(2)).toEqual([['late', undefined]]);
    socket.offAnyOutgoing(onlooker);
    socket.emit('unseen');
    expect(seen).toHaveLength(3);
  });

  it('passes an acknowledgement to the last argument if that is a function', () => {
    const answers: unknown[] = [];
    const ack = (answer: unknown) => answers.push(answer);
    expect(socket.emit('holdfast_ping', { to: 'all' }, ack)).toBe(socket);
    socket.emit('holdfast_ping', ack);
    socket.emit('quiet', {}, 'no function');
    pass();
    expect(answers).toEqual([{ ok: true }, { ok: true }]);
  });

  it('delivers its message to another socket', () => {
    const other = new FakeSocket(relay, timers);
    const told: unknown[] = [];
    other.on('game_data', (message: unknown) => told.push(message));
    join(socket, 1);
    join(other, 2);
    socket.emit('game_data', { game_id: 'duel', data: 'move' });
    pass();
    expect(told).toEqual([{ game_id: 'duel', from_player_id: 1, data: 'move' }]);
  });

  it('runs listeners and acknowledgements as tasks of its page', () => {
    const tasks: (() => void)[] = [];
    const run: RunTask = (task) => void tasks.push(task);
    const told: string[] = [];
    const sleeper = new FakeSocket(relay, timers, undefined, run).on('news', () => told.push('news'));
    sleeper.receive('news', 1);
    sleeper.emit('holdfast_ping', answered('hello', told));
    pass();
    expect(told).toEqual([]);
    for (const task of tasks) task();
    expect(told).toEqual(['news', 'answer to hello']);
  });
});

describe('a fake socket that is down', () => {
  it('fires `disconnect` at once, and only once', () => {
    socket.down();
    socket.down();
    expect([socket.connected, heard]).toEqual([false, ['disconnect transport close']]);
  });

  it('receives nothing', () => {
    socket.on('news', () => heard.push('news'));
    socket.down();
    socket.receive('news', 1);
    expect(heard).toEqual(['disconnect transport close']);
  });

  it('has left the relay, and loses the answers that were under way', () => {
    join(socket, 1);
    relay.delayMs = 100;
    socket.emit('holdfast_ping', answered('hello'));
    pass(60);
    socket.down();
    socket.up();
    pass(100);
    expect(heard).toEqual(['disconnect transport close', 'onConnect true', 'connect ']);
  });

  it('buffers messages, and sends them in order before onConnect, which may join, and its connect event', () => {
    socket.onAnyOutgoing((event: string) => heard.push(`sent ${event}`));
    socket.down();
    socket.emit('first');
    socket.emit('holdfast_ping', answered('second'));
    expect(heard).toEqual(['disconnect transport close']);
    socket.up();
    expect(heard.slice(1)).toEqual(['sent first', 'sent holdfast_ping', 'onConnect true', 'connect ']);
    pass();
    expect(heard.slice(5)).toEqual(['answer to second']);
    socket.down();
    socket.up();
    expect(heard.slice(6)).toEqual(['disconnect transport close', 'onConnect true', 'connect ']);
  });

  it('stays down as long as the network does, and is up again with it', () => {
    socket.down();
    pass(600_000);
    expect(socket.connected).toBe(false);
    socket.up();
    socket.up();
    pass(600_000);
    expect([socket.connected, heard, timers.size]).toEqual([
      true,
      ['disconnect transport close', 'onConnect true', 'connect '],
      0,
    ]);
  });
});

describe('a fake socket whose connection was ended', () => {
  it.each([
    ['the relay', () => relay.restart(), 'transport close'],
    ['its own engine', () => socket.io.engine.close(), 'forced close'],
  ])('by %s reconnects by itself after a second', (_, end, reason) => {
    end();
    pass(999);
    expect([socket.connected, heard]).toEqual([false, [`disconnect ${reason}`]]);
    pass(1);
    expect([socket.connected, heard.slice(1)]).toEqual([true, ['onConnect true', 'connect ']]);
  });

  it('reconnects after the delay that was set', () => {
    socket.io.reconnectionDelay(200);
    relay.restart();
    pass(199);
    expect(socket.connected).toBe(false);
    pass(1);
    expect(socket.connected).toBe(true);
  });

  it('gets and sets the settings of Socket.IO’s manager', () => {
    const { reconnectionDelay, reconnectionDelayMax, timeout } = socket.io;
    expect([reconnectionDelay(), reconnectionDelayMax(), timeout()]).toEqual([1_000, 5_000, 20_000]);
    expect([reconnectionDelay(1), reconnectionDelayMax(2), timeout(false)]).toEqual([
      undefined,
      undefined,
      undefined,
    ]);
    expect([reconnectionDelay(), reconnectionDelayMax(), timeout()]).toEqual([1, 2, false]);
  });
});

describe('a fake socket that does not reconnect by itself', () => {
  it.each([
    ['was disconnected by the server', () => socket.drop('io server disconnect'), 'io server disconnect'],
    ['left', () => socket.disconnect(), 'io client disconnect'],
  ])('because it %s is back only after connect(), and once the network allows', (_, end, reason) => {
    end();
    socket.up();
    pass(600_000);
    expect([socket.connected, socket.active, heard, timers.size]).toEqual([
      false,
      false,
      [`disconnect ${reason}`],
      0,
    ]);
    socket.freeze();
    expect(socket.connect()).toBe(socket);
    pass(600_000);
    expect([socket.connected, socket.active]).toEqual([false, true]);
    socket.up();
    socket.connect();
    expect([socket.connected, heard.slice(1), timers.size]).toEqual([
      true,
      ['onConnect true', 'connect '],
      0,
    ]);
  });

  it('stays disconnected after disconnect(), even if it was about to reconnect', () => {
    relay.restart();
    expect(socket.disconnect()).toBe(socket);
    pass(600_000);
    expect([socket.connected, heard]).toEqual([false, ['disconnect transport close']]);
  });
});

describe('an acknowledged emit of a fake socket', () => {
  const outcomeOf = (question: Promise<unknown>) => {
    const outcome: unknown[] = [];
    question.then(
      (answer) => outcome.push(answer),
      (error: Error) => outcome.push(error.message),
    );
    return outcome;
  };

  it('resolves with the answer, and leaves no timer', async () => {
    const outcome = outcomeOf(socket.timeout(1_000).emitWithAck('holdfast_ping'));
    expect(timers.size).toBe(2);
    await vi.advanceTimersByTimeAsync(5);
    expect([outcome, timers.size]).toEqual([[{ ok: true }], 0]);
    socket.down();
    await vi.advanceTimersByTimeAsync(5);
    expect(outcome).toHaveLength(1);
  });

  it('fails after its timeout, and is not sent later', async () => {
    const sent: unknown[] = [];
    socket.onAnyOutgoing((event: string) => sent.push(event));
    socket.down();
    const outcome = outcomeOf(socket.timeout(1_000).emitWithAck('holdfast_ping'));
    await vi.advanceTimersByTimeAsync(999);
    expect(outcome).toEqual([]);
    await vi.advanceTimersByTimeAsync(1);
    expect(outcome).toEqual(['operation has timed out']);
    socket.up();
    await vi.advanceTimersByTimeAsync(5);
    expect([outcome.length, sent]).toEqual([1, []]);
  });

  it('fails with the connection it was sent on; if not yet sent, waits for the next', async () => {
    relay.delayMs = 100;
    const sent = outcomeOf(socket.emitWithAck('holdfast_ping', {}));
    socket.down();
    const kept = outcomeOf(socket.emitWithAck('holdfast_ping', {}));
    await vi.advanceTimersByTimeAsync(200);
    expect([sent, kept]).toEqual([['socket has been disconnected'], []]);
    socket.up();
    await vi.advanceTimersByTimeAsync(200);
    expect([sent.length, kept]).toEqual([1, [{ ok: true }]]);
  });
});

describe('a frozen fake socket', () => {
  it('reports that it is connected until its ping timeout', () => {
    socket.freeze();
    pass(44_999);
    expect([socket.connected, heard]).toEqual([true, []]);
    pass(1);
    expect([socket.connected, heard]).toEqual([false, ['disconnect ping timeout']]);
    pass(600_000);
    expect(socket.connected).toBe(false);
    socket.up();
    expect(socket.connected).toBe(true);
  });

  it('receives nothing, and loses what it sends, although outgoing listeners are called', () => {
    socket.on('news', () => heard.push('news'));
    socket.onAnyOutgoing((event: string) => heard.push(`sent ${event}`));
    socket.freeze();
    socket.receive('news', 1);
    socket.emit('holdfast_ping', answered('hello'));
    socket.up();
    pass(60_000);
    expect([socket.connected, heard]).toEqual([true, ['sent holdfast_ping']]);
  });

  it('misses the answers that arrive meanwhile', () => {
    relay.delayMs = 100;
    socket.emit('holdfast_ping', answered('hello'));
    socket.freeze();
    pass(100);
    socket.up();
    pass(100);
    expect(heard).toEqual([]);
  });

  it('continues where it was, without an event, when the network is back', () => {
    join(socket, 1);
    socket.freeze();
    pass(40_000);
    socket.up();
    pass(60_000);
    socket.emit('webrtc_signal', { game_id: 'duel', target_player_id: 2, type: 'offer' });
    pass();
    expect([heard, relay.signals.length, timers.size]).toEqual([[], 1, 0]);
  });

  it('waits for no ping if it was down already', () => {
    socket.down();
    const { size } = timers;
    socket.freeze();
    expect(timers.size).toBe(size);
  });

  it('stops waiting for its ping once it learns of its loss in another way', () => {
    socket.freeze();
    socket.io.engine.close();
    expect([heard, timers.size]).toEqual([['disconnect forced close'], 1]);
  });
});

describe('a fake socket whose page vanished', () => {
  it.each([
    ['up', () => undefined],
    ['down', () => socket.down()],
    ['frozen', () => socket.freeze()],
  ])('while it was %s is gone from the relay, and does nothing more', (_, before) => {
    join(socket, 1);
    before();
    heard = [];
    socket.vanish();
    expect(timers.size).toBe(0);
    socket.emit('webrtc_signal', { game_id: 'duel', target_player_id: 2 });
    socket.receive('news', 1);
    relay.restart();
    pass(600_000);
    expect([heard, relay.signals, timers.size]).toEqual([[], [], 0]);
  });
});
