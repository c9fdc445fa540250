import { isDeepStrictEqual } from 'node:util';
import { describe, expect, it } from 'vitest';
import { type Client, eventually, startPair, startWorld } from './world';

const signal = (target: unknown, members: Record<string, unknown> = {}) => ({
  game_id: 'duel',
  target_player_id: target,
  type: 'offer',
  payload: { type: 'offer', sdp: 'v=0' },
  ...members,
});

const signalsOf = (client: Client) => client.heard('webrtc_signal');

describe('relaying a signal', () => {
  it('delivers exactly type, from_player_id, game_id and payload', async () => {
    const world = await startWorld();
    const [zero, one] = await startPair(world);
    expect(await zero.ask('webrtc_signal', signal(1, { extra: true }))).toEqual({ ok: true });
    expect(await one.hears('webrtc_signal')).toEqual([
      { type: 'offer', from_player_id: 0, game_id: 'duel', payload: { type: 'offer', sdp: 'v=0' } },
    ]);
    expect(signalsOf(zero)).toEqual([]);
  });

  it('leaves payload and unknown types untouched', async () => {
    const world = await startWorld();
    const [zero, one] = await startPair(world);
    const payloads = [
      {
        candidate: 'x',
        sdpMid: null,
        sdpMLineIndex: 0,
        usernameFragment: 'u',
        holdfast: { version: 1, list: [[]] },
      },
      'text',
      0,
      null,
      [1, { a: false }],
    ];
    for (const payload of payloads)
      await zero.ask('webrtc_signal', signal(1, { type: 'x-rebuild', payload }));
    const heard = await one.hears('webrtc_signal', payloads.length);
    expect(heard).toEqual(
      payloads.map((payload) => ({ type: 'x-rebuild', from_player_id: 0, game_id: 'duel', payload })),
    );
  });

  it('identifies the sender by its socket, whatever the message claims', async () => {
    const world = await startWorld();
    const [zero, one] = await startPair(world);
    await zero.ask('webrtc_signal', signal(1, { from_player_id: 1, player_id: 1, sender: 1 }));
    expect(await one.hears('webrtc_signal')).toMatchObject([{ from_player_id: 0 }]);
  });

  it.each([
    { seats: [0, 'agent_left'], target: '0' },
    { seats: ['0', 'agent_left'], target: 0 },
    { seats: [1, 'agent_left'], target: '1' },
    { seats: [1, 'agent_left'], target: '01' },
    { seats: ['1', 'agent_left'], target: 1 },
    { seats: [-5, 'agent_left'], target: '-5' },
    { seats: ['agent_right', 'agent_left'], target: 'agent_right' },
    { seats: ['__proto__', 'agent_left'], target: '__proto__' },
  ] as const)('reaches $seats.0 under $target', async ({ seats, target }) => {
    const world = await startWorld();
    const [first, left] = await startPair(world, 'duel', seats);
    expect(await left.ask('webrtc_signal', signal(target))).toEqual({ ok: true });
    expect(await first.hears('webrtc_signal')).toMatchObject([{ from_player_id: 'agent_left' }]);
    await first.ask('webrtc_signal', signal('agent_left'));
    expect(await left.hears('webrtc_signal')).toMatchObject([{ from_player_id: seats[0] }]);
  });

  it('prefers the id as given when the integer is another player', async () => {
    const world = await startWorld({ playersPerGame: 3 });
    const [one, written, sender] = await Promise.all([world.connect(), world.connect(), world.connect()]);
    await one.join('duel', 1);
    await written.join('duel', '01');
    await sender.join('duel', 'x');
    await sender.ask('webrtc_signal', signal('01'));
    expect(await written.hears('webrtc_signal')).toHaveLength(1);
    await one.settle();
    expect(signalsOf(one)).toEqual([]);
  });

  it('keeps the order of a burst', async () => {
    const world = await startWorld();
    const [zero, one] = await startPair(world);
    for (let n = 0; n < 100; n += 1) zero.emit('webrtc_signal', signal(1, { payload: n }));
    expect(await one.hears('webrtc_signal', 100)).toMatchObject(
      Array.from({ length: 100 }, (_, n) => ({ payload: n })),
    );
  });
});

describe('a signal that cannot be delivered', () => {
  it('is dropped silently, but refused if it asks for an acknowledgement', async () => {
    const world = await startWorld();
    const [zero, one] = await startPair(world);
    const cases = [
      [signal(7), 'no-such-player'],
      [signal(0), 'no-such-player'],
      [signal('nobody'), 'no-such-player'],
      [signal(1, { game_id: 'another' }), 'not-yours'],
    ] as const;
    for (const [message, code] of cases) {
      zero.emit('webrtc_signal', message);
      expect(await zero.ask('webrtc_signal', message)).toMatchObject({ ok: false, error: { code } });
    }
    await one.settle();
    expect([...signalsOf(zero), ...signalsOf(one)]).toEqual([]);
    expect(world.lines.filter((line) => line.level === 'warn')).toEqual([]);
  });

  it('is refused from a socket that joined no game, and never crosses games', async () => {
    const world = await startWorld();
    const [, one] = await startPair(world);
    const [other] = await startPair(world, 'other', [0, 1]);
    const stranger = await world.connect();
    for (const said of [signal(1), 'what is not even read'])
      expect(await stranger.ask('webrtc_signal', said)).toMatchObject({ error: { code: 'not-joined' } });
    expect(await other.ask('webrtc_signal', signal(1))).toMatchObject({ error: { code: 'not-yours' } });
    await one.settle();
    expect(signalsOf(one)).toEqual([]);
  });

  it('is refused while the player is away', async () => {
    const world = await startWorld();
    const [zero, one] = await startPair(world);
    one.socket.close();
    await eventually(() => expect(world.server.stats.players).toBe(1));
    expect(await zero.ask('webrtc_signal', signal(1))).toMatchObject({ error: { code: 'player-away' } });
  });
});

describe('a receiver that reads', () => {
  it('receives any number of bytes, one message after the other', async () => {
    const unlimited = { perSecond: 1e12, burst: 1e12 };
    const world = await startWorld({ rates: { webrtc_signal: unlimited, bytes: unlimited } });
    const [sender, reader] = await startPair(world);
    const bulk = signal(1, { payload: 'x'.repeat(200 * 1024) });
    for (let count = 1; count <= 10; count += 1) {
      expect(await sender.ask('webrtc_signal', bulk)).toEqual({ ok: true });
      await reader.hears('webrtc_signal', count);
    }
  });
});

describe('a receiver that does not read', () => {
  it('receives no more than the relay is willing to hold for it', async () => {
    const unlimited = { perSecond: 1e12, burst: 1e12 };
    // A second message that counts against its sender would end the connection; the receiver's slowness does not count.
    const refusals = { perSecond: 0.001, burst: 1 };
    const world = await startWorld({ rates: { webrtc_signal: unlimited, bytes: unlimited, refusals } });
    const [sender, deaf] = await startPair(world);
    deaf.stopReading();
    const bulk = signal(1, { payload: 'x'.repeat(200 * 1024) });
    const answers: unknown[] = [];
    while (answers.length < 500 && answers.every((answer) => isDeepStrictEqual(answer, { ok: true }))) {
      answers.push(await sender.ask('webrtc_signal', bulk));
    }
    for (let n = 0; n < 10; n += 1) answers.push(await sender.ask('webrtc_signal', bulk));
    expect(answers.slice(-11)).toMatchObject(Array(11).fill({ error: { code: 'player-congested' } }));
  });
});

describe('the game without a peer link', () => {
  it('relays game data to the other players, binary included', async () => {
    const world = await startWorld({ playersPerGame: 3 });
    const clients = await Promise.all([world.connect(), world.connect(), world.connect()]);
    for (const [id, client] of clients.entries()) await client.join('duel', id);
    const [zero, one, two] = clients;
    await zero.ask('game_data', { game_id: 'duel', data: new Uint8Array([1, 2, 255]), from_player_id: 2 });
    await zero.ask('game_data', { game_id: 'duel', data: { frame: 3 } });
    for (const client of [one, two]) {
      expect(await client.hears('game_data', 2)).toEqual([
        { game_id: 'duel', from_player_id: 0, data: Buffer.from([1, 2, 255]) },
        { game_id: 'duel', from_player_id: 0, data: { frame: 3 } },
      ]);
    }
    expect(zero.heard('game_data')).toEqual([]);
    expect(await zero.ask('game_data', { game_id: 'x', data: 1 })).toMatchObject({
      error: { code: 'not-yours' },
    });
  });

  it('answers a ping, joined or not, with or without arguments', async () => {
    const world = await startWorld();
    const client = await world.connect();
    expect(await client.ask('holdfast_ping')).toEqual({ ok: true });
    expect(await client.ask('holdfast_ping', { t: 1 })).toEqual({ ok: true });
    client.emit('holdfast_ping');
    await client.settle();
  });
});
