import { request } from 'node:http';
import { describe, expect, it } from 'vitest';
import { type Client, type LoggedLine, recordingLogger, startPair, startWorld, type World } from './world';

const nested = (depth: number): unknown => JSON.parse('['.repeat(depth) + ']'.repeat(depth));

const signal = { game_id: 'duel', target_player_id: 1, type: 'offer', payload: {} };
const sender = { game_id: 'duel', player_id: 0 };

const badEverywhere: unknown[] = [
  null,
  undefined,
  0,
  '',
  'text',
  true,
  [],
  {},
  [sender],
  { game_id: null },
  nested(5),
];

const badIds: unknown[] = [null, '', 1.5, 1e300, true, {}, [], ['duel'], 'x'.repeat(129), { toString: 'x' }];

const health = { ...sender, connection_type: 'direct', latency_ms: 1, status: 'healthy', episode: 1 };
const type = { ...sender, connection_type: 'direct', details: {} };

const badOf: Record<string, unknown[]> = {
  join_game: [
    ...badIds.map((id) => ({ game_id: id, player_id: 0 })),
    ...badIds.map((id) => ({ game_id: 'g', player_id: id })),
    { ...sender, resume_token: 7 },
    { ...sender, resume_token: 'x'.repeat(1000) },
  ],
  webrtc_signal: [
    ...badIds.map((id) => ({ ...signal, game_id: id })),
    ...badIds.map((id) => ({ ...signal, target_player_id: id })),
    { ...signal, type: 7 },
    { ...signal, type: '' },
    { ...signal, type: 'x'.repeat(65) },
    { ...signal, payload: nested(2000) },
    { ...signal, payload: 'x'.repeat(256 * 1024) },
  ],
  game_data: [
    { game_id: 'duel', data: 'x'.repeat(65 * 1024) },
    { game_id: 'duel', data: nested(100) },
    { data: 1 },
  ],
  p2p_connection_type: [
    { ...type, connection_type: 'teleport' },
    { ...type, details: 'direct' },
    { ...type, details: { localCandidateType: '203.0.113.7' } },
    { ...type, details: { protocol: { a: 1 } } },
    { ...type, player_id: null },
  ],
  p2p_health_report: [
    { ...health, status: 'fine' },
    { ...health, latency_ms: -1 },
    { ...health, latency_ms: '1' },
    { ...health, episode: {} },
  ],
  p2p_connection_lost: [
    { ...sender, frame_number: 'x' },
    { ...sender, timestamp: {} },
  ],
  p2p_reconnection_success: [
    { ...sender, duration_ms: -1 },
    { ...sender, duration_ms: [] },
  ],
  p2p_episode_summary: [
    sender,
    { ...sender, summary: 7 },
    { ...sender, summary: 'x'.repeat(17 * 1024) },
    { ...sender, summary: { deep: nested(100) } },
  ],
};

async function stillServes(world: World): Promise<void> {
  const [one, two] = await startPair(world, 'honest');
  await one.ask('webrtc_signal', { ...signal, game_id: 'honest' });
  expect(await two.hears('webrtc_signal')).toHaveLength(1);
}

const errorsOf = (world: World) => world.lines.filter((line) => line.level === 'error');

describe('a bad payload', () => {
  it.each(Object.keys(badOf))(
    'in %s is answered with an error, logged once, and changes nothing',
    async (event) => {
      // So many joins would exceed the default rate.
      const world = await startWorld({ rates: { join_game: { perSecond: 1000, burst: 1000 } } });
      const [zero, one] = await startPair(world);
      for (const payload of [...badEverywhere, ...(badOf[event] ?? [])]) {
        expect(await zero.ask(event, payload), JSON.stringify(payload)?.slice(0, 80)).toEqual({
          ok: false,
          error: { code: 'bad-payload', message: expect.any(String) },
        });
        zero.emit(event, payload);
      }
      await Promise.all([zero.settle(), one.settle()]);
      expect(world.lines.filter((line) => line.level === 'warn')).toEqual([
        {
          level: 'warn',
          message: 'message refused',
          fields: { socket: zero.socket.id, event, code: 'bad-payload', message: expect.any(String) },
        },
      ]);
      expect([...zero.inbox, ...one.inbox].map(({ event: name }) => name)).toEqual(
        Array(2).fill('pyodide_game_ready'),
      );
      expect(errorsOf(world)).toEqual([]);
      expect(world.server.stats).toMatchObject({ games: 1, players: 2, sockets: 2 });
      await stillServes(world);
    },
  );

  it('is never repeated in the answer or the log', async () => {
    const world = await startWorld();
    const [zero] = await startPair(world);
    const answer = await zero.ask('p2p_health_report', {
      ...health,
      status: 'secret-1',
      latency_ms: 'secret-2',
    });
    expect(JSON.stringify([answer, world.lines])).not.toContain('secret');
  });

  it('is survived when arguments are missing, or the acknowledgement is not a function', async () => {
    const world = await startWorld();
    const [zero] = await startPair(world);
    for (const event of [...Object.keys(badOf), 'holdfast_ping', 'holdfast_turn_config']) {
      zero.emit(event);
      zero.emit(event, null, 'not a function', 7);
      zero.emit(event, 1, 2, 3, { ack: true });
      expect(await zero.ask(event, 1, 2, 3)).toBeTypeOf('object');
    }
    await stillServes(world);
    expect(errorsOf(world)).toEqual([]);
  });

  it('is survived under any event name', async () => {
    const world = await startWorld();
    const [zero] = await startPair(world);
    for (const event of ['error', '__proto__', 'constructor', 'toString', '', 'x'.repeat(1000)])
      zero.emit(event, {});
    await zero.settle();
    await stillServes(world);
  });

  it('ends only its own connection when it is huge', async () => {
    const world = await startWorld({ penaltyMs: 100 });
    const [zero, one] = await startPair(world);
    const gone = zero.gone;
    zero.emit('webrtc_signal', { ...signal, payload: { type: 'offer', sdp: 'x'.repeat(1024 * 1024) } });
    expect(await gone).toBe('transport close');
    await one.settle();
    expect(one.heard('webrtc_signal')).toEqual([]);
    await stillServes(world);
  });

  it('is answered with 400 when it is not Socket.IO at all', async () => {
    const world = await startWorld();
    const status = await new Promise((resolve, reject) => {
      const post = request(
        `${world.url}/socket.io/?EIO=4&transport=polling`,
        { method: 'POST' },
        (response) => {
          response.resume();
          resolve(response.statusCode);
        },
      );
      post.on('error', reject);
      post.end('\u0000garbage');
    });
    expect(status).toBe(400);
    await stillServes(world);
  });
});

describe('a failure of the relay itself', () => {
  it('is reported to the sender, and to the log without what was sent', async () => {
    const lines: LoggedLine[] = [];
    const logger = recordingLogger(lines);
    const world = await startWorld({
      logger: {
        ...logger,
        info: (message) => {
          if (message === 'player joined') throw new TypeError('the disk is gone');
        },
      },
    });
    const client = await world.connect();
    expect(await client.join('duel', 0)).toEqual({
      ok: false,
      error: { code: 'internal', message: expect.any(String) },
    });
    expect(lines).toEqual([
      {
        level: 'error',
        message: 'handler failed',
        fields: { socket: client.socket.id, event: 'join_game', error: 'TypeError: the disk is gone' },
      },
    ]);
    await client.settle();
  });
});

describe('a flood', () => {
  const flood = (client: Client, count: number) => {
    for (let n = 0; n < count; n += 1) client.emit('game_data', { game_id: 'flooded', data: n });
  };

  it('is limited and then closed, while another game keeps working', async () => {
    const world = await startWorld({
      rates: { game_data: { perSecond: 0.001, burst: 100 }, refusals: { perSecond: 1, burst: 1000 } },
    });
    const [attacker, victim] = await startPair(world, 'flooded');
    const [one, two] = await startPair(world, 'honest');
    flood(attacker, 500);
    await attacker.settle();
    await victim.settle();
    expect(victim.heard('game_data')).toHaveLength(100);
    const gone = attacker.gone;
    flood(attacker, 5000);
    for (let n = 0; n < 60; n += 1) one.emit('game_data', { game_id: 'honest', data: n });
    expect(await two.hears('game_data', 60)).toHaveLength(60);
    expect(await gone).toBe('io server disconnect');
    await victim.settle();
    expect(victim.heard('game_data')).toHaveLength(100);
    expect(world.lines.filter((line) => line.level === 'warn')).toHaveLength(2);
  });

  it('is answered with `rate-limited` when it asks for an acknowledgement', async () => {
    const world = await startWorld({ rates: { other: { perSecond: 0.001, burst: 2 } } });
    const client = await world.connect();
    await client.join('duel', 0);
    await client.ask('holdfast_ping');
    expect(await client.ask('holdfast_ping')).toMatchObject({ ok: false, error: { code: 'rate-limited' } });
    expect(await client.ask('unheard-of')).toMatchObject({ ok: false, error: { code: 'rate-limited' } });
  });

  it('of bytes closes the socket', async () => {
    const world = await startWorld({ rates: { bytes: { perSecond: 1, burst: 100_000 } } });
    const [zero] = await startPair(world, 'flooded');
    const gone = zero.gone;
    for (let n = 0; n < 10; n += 1) zero.emit('game_data', { game_id: 'flooded', data: 'x'.repeat(60_000) });
    expect(await gone).toBe('io server disconnect');
  });

  it('does not include half a minute of honest play that arrives at once', async () => {
    const world = await startWorld();
    const [one, two] = await startPair(world);
    for (let n = 0; n < 30 * 60; n += 1) one.emit('game_data', { game_id: 'duel', data: n });
    expect(await two.hears('game_data', 1800)).toHaveLength(1800);
  });

  it('does not include what a client buffered in a minute of outage and sends before it joins again', async () => {
    const world = await startWorld();
    const client = await world.connect();
    for (let n = 0; n < 60 * 60; n += 1) client.emit('game_data', { game_id: 'duel', data: 'x'.repeat(200) });
    expect(await client.join('duel', 0)).toMatchObject({ ok: true });
    await client.settle();
    expect(client.socket.connected).toBe(true);
  });
});
