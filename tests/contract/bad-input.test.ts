import { describe, expect, it } from 'vitest';
import {
  connectPlayers,
  createPlayer,
  createPlayers,
  HANDSHAKE_MS,
  type Player,
  type Players,
  pass,
  refusalsOf,
  signalsOf,
  startWorld,
} from './players';

const GOOD_SDP = [
  'v=0',
  'm=application 9 UDP/DTLS/SCTP webrtc-datachannel',
  'a=ice-ufrag:abcd',
  `a=fingerprint:sha-256 ${Array.from({ length: 32 }, () => 'AA').join(':')}`,
  '',
].join('\r\n');

const offer = (sdp: unknown = GOOD_SDP, members: object = {}) => ({
  type: 'offer',
  from_player_id: 1,
  game_id: 'game',
  payload: { type: 'offer', sdp },
  ...members,
});

/** How many candidates of the other end the first connection has. */
const candidatesOf = ({ end }: Player) =>
  end.peerConnections[0]?.remoteDescription?.sdp.match(/^a=candidate:/gm)?.length ?? 0;

const candidate = (payload: unknown) => ({
  type: 'ice-candidate',
  from_player_id: 1,
  game_id: 'game',
  payload,
});

const SIGNALS: [what: string, raw: unknown, reason: string][] = [
  ['nothing', undefined, 'malformed'],
  ['null', null, 'malformed'],
  ['a number', 7, 'malformed'],
  ['a string', 'offer', 'malformed'],
  ['an array', [], 'malformed'],
  ['an empty object', {}, 'malformed'],
  ['a type that is not a string', offer(GOOD_SDP, { type: 7 }), 'malformed'],
  ['an unknown type', offer(GOOD_SDP, { type: 'poke' }), 'unknown-type'],
  ['a type that is a property of every object', offer(GOOD_SDP, { type: 'constructor' }), 'unknown-type'],
  ['no sender', offer(GOOD_SDP, { from_player_id: undefined }), 'malformed'],
  ['a sender that is not an id', offer(GOOD_SDP, { from_player_id: { toString: () => '1' } }), 'malformed'],
  ['a signal from another game', offer(GOOD_SDP, { game_id: 'other' }), 'other-game'],
  ['a signal from another player', offer(GOOD_SDP, { from_player_id: 3 }), 'other-player'],
  ['our own signal', offer(GOOD_SDP, { from_player_id: 2 }), 'own'],
  ['our own signal, id as a string', offer(GOOD_SDP, { from_player_id: '2' }), 'own'],
  ['no payload', offer(GOOD_SDP, { payload: undefined }), 'malformed'],
  ['a payload that is a string', offer(GOOD_SDP, { payload: GOOD_SDP }), 'malformed'],
  ['no SDP', offer(null), 'malformed'],
  ['a text that is not SDP', offer('hello'), 'malformed'],
  ['an SDP without a ufrag', offer(GOOD_SDP.replace('ice-ufrag', 'ice-none')), 'malformed'],
  ['an SDP without a fingerprint', offer(GOOD_SDP.replace('fingerprint', 'none')), 'malformed'],
  ['an offer with an answer', offer(GOOD_SDP, { payload: { type: 'answer', sdp: GOOD_SDP } }), 'malformed'],
  ['an SDP of 1 MB', offer(GOOD_SDP + 'a=x\r\n'.repeat(200_000)), 'too-large'],
  ['a candidate that is a number', candidate({ candidate: 7 }), 'malformed'],
  ['a candidate with a wrong line', candidate({ candidate: 'candidate:1', sdpMLineIndex: -1 }), 'malformed'],
  ['a candidate with a wrong mid', candidate({ candidate: 'candidate:1', sdpMid: {} }), 'malformed'],
  ['a candidate of 10 kB', candidate({ candidate: `candidate:${'1'.repeat(10_000)}` }), 'too-large'],
  ['a bye without the holdfast member', { ...offer(), type: 'bye', payload: {} }, 'malformed'],
  [
    'a hello with an incomplete holdfast member',
    { ...offer(), type: 'hello', payload: { holdfast: { version: 2 } } },
    'malformed',
  ],
];

/** What a refused signal must not change. */
const imageOf = ({ manager, end, heard }: Player) => ({
  state: manager.state,
  target: manager.targetPeerId,
  connections: end.peerConnections.length,
  signaling: manager.peerConnection?.signalingState,
  heard: [...heard],
});

describe.each([
  [
    'before the first link',
    async () => {
      const players = createPlayers();
      void players.b.manager.connectToPeer(1);
      await pass(100);
      return players;
    },
  ],
  ['on a live link', () => connectPlayers()],
] satisfies [string, () => Promise<Players>][])('bad input %s', (_, start) => {
  it.each(SIGNALS)('is refused at debug and changes nothing: %s', async (_what, raw, reason) => {
    const { world, b } = await start();
    const before = imageOf(b);
    const sent = signalsOf(world, b.end).filter((type) => type !== 'hello').length;
    b.lines.length = 0;
    expect(() => b.manager._handleSignal(raw)).not.toThrow();
    await pass(100);
    expect(imageOf(b)).toEqual(before);
    expect(refusalsOf(b)).toEqual([`debug ${reason}`]);
    expect(b.lines.filter(({ level }) => level !== 'debug')).toEqual([]);
    expect(signalsOf(world, b.end).filter((type) => type !== 'hello').length).toBe(sent);
  });

  it('is refused through the socket too, and throws nothing there', async () => {
    const { b } = await start();
    const before = imageOf(b);
    for (const [, raw] of SIGNALS) expect(() => b.end.socket.receive('webrtc_signal', raw)).not.toThrow();
    await pass(100);
    expect(imageOf(b)).toEqual(before);
  });
});

describe('a manager without a target', () => {
  it.each(SIGNALS.filter(([, , reason]) => reason !== 'other-player'))(
    'stays new after %s',
    async (_, raw) => {
      const world = startWorld();
      const b = createPlayer(world, world.b);
      b.manager._handleSignal(raw);
      await pass(100);
      expect([b.manager.state, b.manager.targetPeerId, b.end.peerConnections.length]).toEqual([
        'new',
        null,
        0,
      ]);
    },
  );

  it('refuses answers, candidates, goodbyes and hellos', async () => {
    const world = startWorld();
    const b = createPlayer(world, world.b);
    const answer = { ...offer(), type: 'answer', payload: { type: 'answer', sdp: GOOD_SDP } };
    const holdfast = { version: 1, session: 's', connection: 1, capabilities: [] };
    for (const raw of [
      answer,
      candidate({ candidate: 'candidate:1' }),
      { ...offer(), type: 'bye', payload: { holdfast } },
      { ...offer(), type: 'hello', payload: { holdfast } },
    ])
      b.manager._handleSignal(raw);
    expect(refusalsOf(b)).toEqual(Array.from({ length: 4 }, () => 'debug unexpected'));
    expect([b.manager.state, b.manager.targetPeerId]).toEqual(['new', null]);
  });
});

describe('a live link under hostile signals', () => {
  it('is not changed by an answer that nobody asked for', async () => {
    const { b } = await connectPlayers();
    const before = imageOf(b);
    b.manager._handleSignal({ ...offer(), type: 'answer', payload: { type: 'answer', sdp: GOOD_SDP } });
    await pass(HANDSHAKE_MS);
    expect(imageOf(b)).toEqual(before);
    expect(refusalsOf(b)).toHaveLength(1);
  });

  it('is not changed by replaying every signal of the handshake in reverse order, twice', async () => {
    const { world, a, b } = await connectPlayers();
    const played = [...world.relay.signals].reverse();
    const connections = [a, b].map(({ end }) => end.peerConnections.length);
    for (const { from, message } of [...played, ...played]) {
      const { manager } = from === a.end.playerId ? b : a;
      manager._handleSignal({ ...message, from_player_id: from });
    }
    await pass(5_000);
    for (const { manager, heard } of [a, b]) {
      expect(manager.state).toBe('connected');
      expect(manager.peerConnection?.signalingState).toBe('stable');
      expect(heard).toEqual([]);
    }
    expect([a, b].map(({ end }) => end.peerConnections.length)).toEqual(connections);
  });

  it('refuses candidates of its own generation beyond a limit', async () => {
    const { b } = await connectPlayers();
    for (let index = 0; index < 10_000; index += 1)
      b.manager._handleSignal(
        candidate({ candidate: `candidate:${index} 1 udp 1 192.0.2.9 ${index} typ host` }),
      );
    await pass(HANDSHAKE_MS);
    expect(b.manager.state).toBe('connected');
    expect(refusalsOf(b).filter((line) => line === 'debug too-many').length).toBeGreaterThan(9_000);
    expect(candidatesOf(b)).toBeLessThan(300);
  });

  it('does not hold ten thousand candidates of ten thousand generations', async () => {
    const { b } = await connectPlayers();
    for (let index = 0; index < 10_000; index += 1) {
      const usernameFragment = `u${index}`;
      b.manager._handleSignal(
        candidate({ candidate: 'candidate:1 1 udp 1 192.0.2.9 9 typ host', usernameFragment }),
      );
    }
    await pass(HANDSHAKE_MS);
    expect(b.manager.state).toBe('connected');
    expect(candidatesOf(b)).toBeLessThan(10);
  });

  it('still works after a hundred offers in one tick', async () => {
    const { world, a, b } = await connectPlayers();
    const [real] = world.relay.signals.filter(({ message }) => message.type === 'offer');
    for (let index = 0; index < 100; index += 1)
      b.manager._handleSignal({ ...real?.message, from_player_id: 1 });
    await pass(5_000);
    expect([a.manager.state, b.manager.state]).toEqual(['connected', 'connected']);
    expect(a.manager.send('still there')).toBe(true);
    await pass(100);
    expect(b.heard).toContainEqual(['onDataChannelMessage', 'still there']);
  });

  it('ignores a goodbye from another session', async () => {
    const { b } = await connectPlayers();
    const holdfast = { version: 1, session: 'stranger', connection: 1, capabilities: [] };
    b.manager._handleSignal({ ...offer(), type: 'bye', payload: { holdfast } });
    await pass(HANDSHAKE_MS);
    expect(b.manager.state).toBe('connected');
    expect(refusalsOf(b)).toEqual(['debug stale']);
  });

  it('ignores a hello that arrives only when there is a link', async () => {
    const { world, a } = await connectPlayers();
    const hello = world.relay.signals.find(({ message }) => message.type === 'hello');
    expect(hello?.from).toBe(2);
    a.lines.length = 0;
    a.manager._handleSignal({ ...hello?.message, from_player_id: 2 });
    await pass(HANDSHAKE_MS);
    expect([a.manager.state, refusalsOf(a)]).toEqual(['connected', ['debug unexpected']]);
  });

  it('reads no signal after close()', async () => {
    const { b } = await connectPlayers();
    b.manager.close();
    b.lines.length = 0;
    for (const [, raw] of SIGNALS) expect(() => b.manager._handleSignal(raw)).not.toThrow();
    b.manager._handleSignal(offer());
    await pass(HANDSHAKE_MS);
    expect([b.manager.state, b.manager.targetPeerId, b.manager.peerConnection]).toEqual([
      'closed',
      null,
      null,
    ]);
    expect(b.heard).toEqual([]);
  });
});

describe('the log', () => {
  it('never contains SDP, an address, a ufrag or a credential', async () => {
    const { world, a, b } = await connectPlayers({
      turnUsername: 'secret-user',
      turnCredential: 'secret-word',
    });
    for (const [, raw] of SIGNALS) b.manager._handleSignal(raw);
    world.network.cut();
    await pass(30_000);
    world.network.heal();
    await pass(5_000);
    const text = [a, b]
      .flatMap(({ lines }) =>
        lines.flatMap(({ line }) => line.map((part) => `${part} ${JSON.stringify(part)}`)),
      )
      .join('\n');
    expect(text).not.toMatch(/v=0|192\.0\.2|198\.51\.100|a=ice|candidate:|secret/);
  });
});
