import type { RecordBody, WatchedManager } from 'holdfast/inspect';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { Emitter } from '../../src/emitter';
import { watchManager } from '../../src/inspect/attach';
import type { WebRTCManagerEvents } from '../../src/manager-events';
import type { SocketLike } from '../../src/signaling/socket-io-transport';
import { ConnectionQualityMonitor, type QualityChange } from '../../src/stats/connection-quality-monitor';
import { reportOf, statsOnly } from '../unit/stats-world';
import { DIRECT, RELAYED } from './written';

type Listener = (...args: unknown[]) => void;

const SAMPLE_MS = 100;
const pass = (ms: number) => vi.advanceTimersByTimeAsync(ms);

/** A socket whose messages the test sends, and whose listeners it counts. */
function overheardSocket() {
  const listeners = new Set<Listener>();
  const onlookers = new Set<Listener>();
  return {
    on: (_event: string, listener: Listener) => void listeners.add(listener),
    off: (_event: string, listener: Listener) => void listeners.delete(listener),
    emit(event: string, message?: unknown) {
      for (const onlooker of onlookers) onlooker(event, message);
    },
    onAnyOutgoing: (listener: Listener) => void onlookers.add(listener),
    offAnyOutgoing: (listener: Listener) => void onlookers.delete(listener),
    say(message: unknown) {
      for (const listener of listeners) listener(message);
    },
    get listening() {
      return listeners.size + onlookers.size;
    },
  };
}

type Manager = { -readonly [Name in keyof WatchedManager]: WatchedManager[Name] };

/** A manager with only the watched members, and what a recorder would receive from it. */
function watched(changes: Partial<Manager> = {}) {
  const events = new Emitter<WebRTCManagerEvents>(
    () => {},
    () => null,
  );
  const getStats = vi.fn<() => RTCStatsReport | Promise<RTCStatsReport>>(() => reportOf(12.345_67));
  const pc = statsOnly(getStats);
  const manager: Manager = {
    on: (name, listener) => events.on(name, listener),
    state: 'connected',
    socket: overheardSocket(),
    gameId: 'duel',
    targetPeerId: 2,
    connectionType: null,
    qualityMonitor: new ConnectionQualityMonitor(pc),
    peerConnection: pc,
    _getIceServers: () => [],
    ...changes,
  };
  const bodies: RecordBody[] = [];
  const hidden: unknown[] = [];
  const stop = watchManager({
    manager,
    sampleMs: SAMPLE_MS,
    append: (body) => void bodies.push(body),
    hide: (...secrets) => void hidden.push(...secrets),
  });
  const become = (state: Manager['state']) => {
    const previous = manager.state;
    manager.state = state;
    const status = { state, attempts: 0, maxAttempts: 3, kind: null, waitingFor: null, failure: null };
    events.emit('state', { ...status, previous });
  };
  return { manager, events, getStats, bodies, hidden, stop, become };
}

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

describe('the signals of a link', () => {
  /** What is recorded of a signal that arrives, and of the same signal when it is sent. */
  function notesOf(message: unknown, changes: Partial<Manager> = {}) {
    const socket = overheardSocket();
    const { bodies } = watched({ socket, ...changes });
    socket.say(message);
    socket.emit('webrtc_signal', message);
    return bodies.map((body) => (body.kind === 'signal' ? `${body.direction} ${body.type}` : body.kind));
  }

  it.each(['offer', 'answer', 'ice-candidate', 'hello', 'bye'])('are recorded by their type: %s', (type) => {
    expect(notesOf({ type, game_id: 'duel', from_player_id: 2, payload: 'v=0' })).toEqual([`in ${type}`]);
    expect(notesOf({ type, game_id: 'duel', target_player_id: 2, payload: 'v=0' })).toEqual([`out ${type}`]);
  });

  it('are recorded as `other` if their type is unknown', () => {
    expect(notesOf({ type: '203.0.113.77', from_player_id: 2 })).toEqual(['in other']);
    expect(notesOf(null)).toEqual([]);
  });

  it.each([
    ['to and from the other player', { from_player_id: 2, target_player_id: 2 }, ['in offer', 'out offer']],
    ['whose ids are strings', { from_player_id: '2', target_player_id: '2' }, ['in offer', 'out offer']],
    ['to and from a third player', { from_player_id: 3, target_player_id: 3 }, []],
    ['of nobody', {}, []],
    ['with a bad sender id', { from_player_id: { toString: 2 }, target_player_id: { toString: 2 } }, []],
    ['with a bad game id', { from_player_id: 2, target_player_id: 2, game_id: { toString: 'duel' } }, []],
    ['of another game', { from_player_id: 2, target_player_id: 2, game_id: 'chess' }, []],
    ['of no game', { from_player_id: 2, target_player_id: 2, game_id: null }, []],
  ])('%s are distinguished', (_name, members, notes) => {
    expect(notesOf({ type: 'offer', ...members })).toEqual(notes);
  });

  it('are ignored as those of other links while the other player is not known', () => {
    const message = { type: 'offer', from_player_id: 3, target_player_id: 3, game_id: 'duel' };
    expect(notesOf(message, { targetPeerId: null })).toEqual([]);
  });

  it('are distinguished from other messages on the socket', () => {
    const socket = overheardSocket();
    const { bodies } = watched({ socket });
    socket.emit('game_data', { type: 'offer', target_player_id: 2 });
    expect(bodies).toEqual([]);
  });

  it('are no longer heard when the watch ends', () => {
    const socket = overheardSocket();
    const { stop } = watched({ socket });
    expect(socket.listening).toBe(2);
    stop();
    expect(socket.listening).toBe(0);
  });

  const { onAnyOutgoing, offAnyOutgoing } = overheardSocket();
  it.each([
    ['has no outgoing listeners', {}],
    ['cannot remove outgoing listeners', { onAnyOutgoing }],
    ['can only remove outgoing listeners', { offAnyOutgoing }],
    ['has something else under that name', { onAnyOutgoing: true, offAnyOutgoing }],
    ['has something else under the name for removal', { onAnyOutgoing, offAnyOutgoing: true }],
  ])('are recorded when they arrive on a socket that %s', (_name, members) => {
    const { on, off, emit, say } = overheardSocket();
    const socket: SocketLike = { on, off, emit, ...members };
    const { bodies, stop } = watched({ socket });
    say({ type: 'offer', from_player_id: 2 });
    emit('webrtc_signal', { type: 'answer', target_player_id: 2 });
    expect(bodies).toEqual([{ kind: 'signal', direction: 'in', type: 'offer' }]);
    stop();
  });

  it('do not need a socket that can remove listeners', () => {
    const { on, emit, say } = overheardSocket();
    const { bodies, stop } = watched({ socket: { on, emit } });
    say({ type: 'offer', from_player_id: 2 });
    stop();
    expect(bodies).toHaveLength(1);
  });
});

describe('the path of a link', () => {
  it('is recorded at once if it is known', () => {
    expect(watched({ connectionType: DIRECT }).bodies).toEqual([{ kind: 'path', path: DIRECT }]);
  });

  it('is not recorded before it is known', () => {
    const { bodies, become } = watched({ state: 'checking' });
    become('connected');
    expect(bodies).toEqual([]);
  });

  it('is recorded when it is found, when it changes, and once when it is lost', () => {
    const { manager, events, bodies, become } = watched({ state: 'checking' });
    for (const path of [DIRECT, RELAYED]) {
      manager.connectionType = path;
      events.emit('path', path);
      become('connected');
    }
    manager.connectionType = null;
    become('closed');
    become('new');
    expect(bodies).toEqual([DIRECT, RELAYED, null].map((path) => ({ kind: 'path', path })));
  });

  it('is no longer recorded when the watch ends', () => {
    const { manager, events, bodies, stop } = watched();
    stop();
    manager.connectionType = DIRECT;
    events.emit('path', DIRECT);
    expect(bodies).toEqual([]);
  });
});

describe('the quality of a link', () => {
  const SAMPLE = { kind: 'sample', rttMs: 12.346, jitterMs: null, loss: null, status: 'unknown' };
  const CHANGE: QualityChange = {
    status: 'warning',
    rtt: 160,
    currentRtt: 160.000_4,
    avgRtt: 150,
    jitter: 3.000_9,
    loss: 0.062_5,
    bytesSent: 0,
    bytesReceived: 0,
    packetsSent: 0,
    packetsReceived: 0,
    state: 'succeeded',
    availableOutgoingBitrate: null,
    timestamp: 0,
  };

  it('is sampled regularly, to a thousandth of a ms', async () => {
    const { bodies } = watched();
    await pass(SAMPLE_MS * 2);
    expect(bodies).toEqual([SAMPLE, SAMPLE]);
  });

  it('has the status of the monitor', async () => {
    const { bodies, manager } = watched();
    if (manager.qualityMonitor) manager.qualityMonitor.status = 'critical';
    await pass(SAMPLE_MS);
    expect(bodies).toEqual([{ ...SAMPLE, status: 'critical' }]);
  });

  it('is the mean round trip if no current one was measured', async () => {
    const { bodies, getStats } = watched();
    getStats.mockReturnValue(reportOf(null, { totalRoundTripTime: 0.5, responsesReceived: 10 }));
    await pass(SAMPLE_MS);
    expect(bodies).toEqual([{ ...SAMPLE, rttMs: 50 }]);
  });

  it.each<Manager['state']>(['checking', 'disconnected', 'restarting'])(
    'is sampled in the state %s without a round trip',
    async (state) => {
      const { bodies, manager } = watched({ state });
      if (manager.qualityMonitor) manager.qualityMonitor.status = 'good';
      await pass(SAMPLE_MS);
      expect(bodies).toEqual([{ ...SAMPLE, rttMs: null }]);
    },
  );

  it.each<[string, Partial<Manager>]>([
    ['is new', { state: 'new' }],
    ['failed', { state: 'failed' }],
    ['is closed', { state: 'closed' }],
    ['has no monitor', { qualityMonitor: null }],
    ['has no connection', { peerConnection: null }],
  ])('is not measured for a link that %s', async (_name, changes) => {
    const { bodies, getStats } = watched(changes);
    await pass(SAMPLE_MS * 2);
    expect([bodies, getStats.mock.calls]).toEqual([[], []]);
  });

  it('is missing if the browser refuses its stats', async () => {
    const { bodies, getStats } = watched();
    getStats.mockRejectedValueOnce(new Error('closed'));
    await pass(SAMPLE_MS);
    expect(bodies).toEqual([]);
    await pass(SAMPLE_MS);
    expect(bodies).toEqual([SAMPLE]);
  });

  it('is recorded at once when it changes', () => {
    const { bodies, events, become } = watched();
    events.emit('quality', CHANGE);
    become('disconnected');
    events.emit('quality', CHANGE);
    expect(bodies).toEqual([
      { kind: 'sample', rttMs: 160, jitterMs: 3.001, loss: 0.063, status: 'warning' },
      { kind: 'sample', rttMs: null, jitterMs: null, loss: 0.063, status: 'unknown' },
    ]);
  });

  it('is no longer recorded when the watch ends, not even a measurement under way', async () => {
    const { bodies, events, getStats, stop } = watched();
    let answer = (_report: RTCStatsReport) => {};
    getStats.mockReturnValue(new Promise((resolve) => (answer = resolve)));
    await pass(SAMPLE_MS);
    stop();
    answer(reportOf(1));
    events.emit('quality', CHANGE);
    await pass(SAMPLE_MS * 2);
    expect([bodies, getStats.mock.calls.length, vi.getTimerCount()]).toEqual([[], 1, 0]);
  });
});

describe('a watch', () => {
  it('rests while the link is closed, and resumes when the manager connects to another player', async () => {
    const socket = overheardSocket();
    const { become } = watched({ socket });
    become('closed');
    expect([socket.listening, vi.getTimerCount()]).toEqual([0, 0]);
    become('new');
    become('checking');
    expect([socket.listening, vi.getTimerCount()]).toEqual([2, 1]);
  });

  it('hides the credentials of the servers as secrets', () => {
    const servers = [{ urls: 'turn:a', username: 'wilhelmina', credential: 'word' }, { urls: 'stun:b' }];
    expect(watched({ _getIceServers: () => servers }).hidden).toEqual([
      'wilhelmina',
      'word',
      undefined,
      undefined,
    ]);
  });

  it('continues if the servers are not available', () => {
    const _getIceServers = () => {
      throw new Error('not now');
    };
    expect(watched({ _getIceServers, connectionType: DIRECT }).bodies).toHaveLength(1);
  });
});
