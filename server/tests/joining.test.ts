import { describe, expect, it, vi } from 'vitest';
import { connectRawly } from './raw-client';
import { DEADLINE_MS, eventually, startPair, startWorld, stopTimers } from './world';

describe('joining', () => {
  it('announces the game to every player once all seats are taken, with native id types', async () => {
    const world = await startWorld();
    const [zero, left] = [await world.connect(), await world.connect()];
    const first = await zero.join('duel', 0);
    expect(first).toEqual({ ok: true, resume_token: expect.any(String), players: [0], resumed: false });
    expect(zero.heard('pyodide_game_ready')).toEqual([]);
    const second = await left.join('duel', 'agent_left');
    expect(second).toMatchObject({ ok: true, players: [0, 'agent_left'] });
    const ready = {
      game_id: 'duel',
      players: [0, 'agent_left'],
      player_subjects: { 0: '0', agent_left: 'agent_left' },
      turn_config: null,
      scene_metadata: {},
    };
    expect(await zero.hears('pyodide_game_ready')).toEqual([ready]);
    expect(await left.hears('pyodide_game_ready')).toEqual([ready]);
    expect(first.resume_token).not.toEqual(second.resume_token);
  });

  it('keeps a numeric game id a number', async () => {
    const world = await startWorld();
    const [one] = await startPair(world, 0);
    expect(await one.hears('pyodide_game_ready')).toMatchObject([{ game_id: 0 }]);
  });

  it('refuses a third player and leaves the game as it was', async () => {
    const world = await startWorld();
    const [one, two] = await startPair(world);
    const third = await world.connect();
    expect(await third.join('duel', 1)).toMatchObject({ ok: false, error: { code: 'seat-taken' } });
    expect(await third.join('duel', 2)).toMatchObject({ ok: false, error: { code: 'game-full' } });
    expect(world.lines.filter(({ level }) => level === 'warn')).toEqual([]);
    await Promise.all([one.settle(), two.settle()]);
    expect(one.heard('pyodide_game_ready')).toHaveLength(1);
    expect(world.server.stats).toMatchObject({ games: 1, players: 2 });
  });

  it('answers `not-joined` to a refused player whose messages follow right behind its join', async () => {
    const world = await startWorld();
    await startPair(world);
    const third = await world.connect();
    const signal = { game_id: 'duel', target_player_id: 1, type: 'offer', payload: {} };
    const lost = { game_id: 'duel', player_id: 2 };
    const replies = [
      third.join('duel', 2),
      third.ask('webrtc_signal', signal),
      third.ask('game_data', { game_id: 'duel', data: 1 }),
      third.ask('p2p_connection_lost', lost),
    ];
    expect(await Promise.all(replies)).toMatchObject(
      ['game-full', 'not-joined', 'not-joined', 'not-joined'].map((code) => ({ error: { code } })),
    );
  });

  it('seats as many players as the option says', async () => {
    const world = await startWorld({ playersPerGame: 3 });
    const clients = await Promise.all([world.connect(), world.connect(), world.connect()]);
    for (const [id, client] of clients.entries()) await client.join('duel', id);
    for (const client of clients) {
      expect(await client.hears('pyodide_game_ready')).toMatchObject([{ players: [0, 1, 2] }]);
    }
  });

  it('refuses a seat that another socket holds, even under the same id written differently', async () => {
    const world = await startWorld();
    const [one] = await startPair(world, 'duel', [1, 2]);
    const thief = await world.connect();
    for (const [id, token] of [
      [1, undefined],
      ['1', undefined],
      [1, 'guess'],
      [1, ''],
      [1, null],
    ]) {
      expect(await thief.join('duel', id, token)).toMatchObject({ ok: false, error: { code: 'seat-taken' } });
    }
    await one.settle();
    expect(one.socket.connected).toBe(true);
  });

  it('does not accept the token of another seat', async () => {
    const world = await startWorld();
    const [one, two] = [await world.connect(), await world.connect()];
    const { resume_token: token } = await one.join('duel', 1);
    await two.join('duel', 2);
    const thief = await world.connect();
    expect(await thief.join('duel', 2, token)).toMatchObject({ ok: false, error: { code: 'seat-taken' } });
  });

  it('answers a repeated join of the same socket with the same seat', async () => {
    const world = await startWorld();
    const [one] = await startPair(world);
    const again = await one.join('duel', 0);
    expect(again).toMatchObject({ ok: true, resumed: true });
    expect(await one.hears('pyodide_game_ready', 2)).toHaveLength(2);
    expect(world.server.stats.players).toBe(2);
  });

  it('frees the former seat when a socket joins elsewhere', async () => {
    const world = await startWorld();
    const [one, two] = await startPair(world);
    expect(await one.join('another', 0)).toMatchObject({ ok: true, players: [0] });
    expect(
      await two.ask('webrtc_signal', { game_id: 'duel', target_player_id: 0, type: 'offer', payload: {} }),
    ).toMatchObject({ ok: false, error: { code: 'player-away' } });
    expect(world.server.stats).toMatchObject({ games: 2, players: 2 });
  });

  it('limits the number of games, and evicts abandoned ones first', async () => {
    const world = await startWorld({ maxGames: 2 });
    const [one, two, three] = await Promise.all([world.connect(), world.connect(), world.connect()]);
    await one.join('a', 0);
    await two.join('b', 0);
    expect(await three.join('c', 0)).toMatchObject({ ok: false, error: { code: 'server-full' } });
    expect(world.lines.filter(({ level }) => level === 'warn')).toMatchObject([
      { message: 'message refused', fields: { socket: three.socket.id, code: 'server-full' } },
    ]);
    two.socket.close();
    await eventually(() => expect(world.server.stats.players).toBe(1));
    expect(await three.join('c', 0)).toMatchObject({ ok: true });
    expect(world.server.stats.games).toBe(2);
  });

  it('closes a socket that never joins', async () => {
    const timers = stopTimers();
    const world = await startWorld({ joinTimeoutMs: 1_000 });
    const player = await world.connect();
    await player.join('duel', 0);
    const idle = await world.connect();
    timers.pass(1_000);
    expect(await idle.gone).toBe('io server disconnect');
    await player.settle();
    expect(player.socket.connected).toBe(true);
  });

  it('refuses connections above its limit', async () => {
    const world = await startWorld({ maxUnjoinedSockets: 1, now: () => 0 });
    const first = await world.connect();
    await expect(world.connect()).rejects.toThrow();
    await first.join('duel', 0);
    await expect(world.connect()).resolves.toBeDefined();
  });
});

describe('resuming', () => {
  it('gives the seat back to the token, notifies only that player, and closes the old socket', async () => {
    const world = await startWorld();
    const [old, other] = [await world.connect(), await world.connect()];
    const { resume_token: token } = await old.join('duel', 0);
    await other.join('duel', 1);
    await other.hears('pyodide_game_ready');
    const reloaded = await world.connect();
    const gone = old.gone;
    const resumed = await reloaded.join('duel', 0, token);
    expect(resumed).toEqual({ ok: true, resume_token: token, players: [0, 1], resumed: true });
    expect(await gone).toBe('io server disconnect');
    expect(await reloaded.hears('pyodide_game_ready')).toMatchObject([{ players: [0, 1] }]);
    await other.ask('webrtc_signal', { game_id: 'duel', target_player_id: 0, type: 'offer', payload: 1 });
    expect(await reloaded.hears('webrtc_signal')).toMatchObject([{ from_player_id: 1, payload: 1 }]);
    expect(other.heard('pyodide_game_ready')).toHaveLength(1);
  });

  it('reserves the seat of a socket that is gone for its token', async () => {
    const world = await startWorld();
    const player = await world.connect();
    const { resume_token: token } = await player.join('duel', 0);
    player.socket.close();
    await eventually(() => expect(world.server.stats.players).toBe(0));
    const thief = await world.connect();
    expect(await thief.join('duel', 0)).toMatchObject({ ok: false, error: { code: 'seat-taken' } });
    const back = await world.connect();
    expect(await back.join('duel', 0, token)).toMatchObject({ ok: true, resumed: true });
  });

  it('gives the seat back for a token that the player chose and no reply confirmed, even if the old socket seems alive', async () => {
    const world = await startWorld();
    const [cutOff, back] = [await world.connect(), await world.connect()];
    const token = 'a secret of the player';
    cutOff.emit('join_game', { game_id: 'duel', player_id: 0, resume_token: token });
    await cutOff.settle();
    const gone = cutOff.gone;
    expect(await back.join('duel', 0, token)).toEqual({
      ok: true,
      resume_token: token,
      players: [0],
      resumed: true,
    });
    expect(await gone).toBe('io server disconnect');
  });

  it('gives a reserved seat to nobody who chooses another token', async () => {
    const world = await startWorld();
    const [player, thief] = [await world.connect(), await world.connect()];
    await player.join('duel', 0, 'a secret of the player');
    player.socket.close();
    await eventually(() => expect(world.server.stats.players).toBe(0));
    for (const _ of [1, 2])
      expect(await thief.join('duel', 0, 'a secret of the thief')).toMatchObject({
        error: { code: 'seat-taken' },
      });
  });

  it.each([
    { length: 15, isTaken: false },
    { length: 16, isTaken: true },
  ])('accepts a token of $length characters that a player chooses: $isTaken', async ({ length, isTaken }) => {
    const world = await startWorld();
    const [player, other] = [await world.connect(), await world.connect()];
    const named = 'x'.repeat(length);
    const { resume_token: token } = await player.join('duel', 0, named);
    expect(token === named).toBe(isTaken);
    expect(await other.join('duel', 0, named)).toMatchObject({ ok: isTaken });
    expect(await other.join('duel', 0, token)).toMatchObject({ ok: true, resumed: true });
  });

  it('recognizes the token of a page that joins again after the server forgot it', async () => {
    const world = await startWorld({ seatHoldMs: 20 });
    const player = await world.connect();
    const { resume_token: token } = await player.join('duel', 0);
    player.socket.close();
    await eventually(() => expect(world.server.stats.games).toBe(0));
    const back = await world.connect();
    expect(await back.join('duel', 0, token)).toMatchObject({ resume_token: token, resumed: false });
  });

  it('frees the seat when its hold has run out, which is two minutes', async () => {
    let now = 0;
    const world = await startWorld({ now: () => now });
    const [player, other] = await startPair(world);
    player.socket.close();
    await eventually(() => expect(world.server.stats.players).toBe(1));
    const next = await world.connect();
    now = 119_999;
    expect(await next.join('duel', 0)).toMatchObject({ ok: false });
    now = 120_000;
    expect(await next.join('duel', 0, 'a token of the past')).toMatchObject({ ok: true, resumed: false });
    expect(await other.hears('pyodide_game_ready', 2)).toHaveLength(2);
    expect(await next.hears('pyodide_game_ready')).toHaveLength(1);
  });

  it('waits for a player who dropped out before the game was ready', async () => {
    const world = await startWorld();
    const [one, two] = [await world.connect(), await world.connect()];
    const { resume_token: token } = await one.join('duel', 0);
    one.socket.close();
    await eventually(() => expect(world.server.stats.players).toBe(0));
    await two.join('duel', 1);
    await two.settle();
    expect(two.heard('pyodide_game_ready')).toEqual([]);
    const back = await world.connect();
    await back.join('duel', 0, token);
    await Promise.all([two.hears('pyodide_game_ready'), back.hears('pyodide_game_ready')]);
  });

  it('forgets games in which nobody is left', async () => {
    const world = await startWorld({ seatHoldMs: 20 });
    const [one, two] = await startPair(world);
    one.socket.close();
    two.socket.close();
    await eventually(() => expect(world.server.stats).toMatchObject({ games: 0, players: 0, sockets: 0 }));
  });
});

describe('the log', () => {
  it('names a player and its socket when it comes and goes, and the socket whose message is refused', async () => {
    const world = await startWorld();
    const player = await world.connect();
    const who = { game: 'duel', player: 0, socket: player.socket.id };
    await player.join('duel', 0);
    await player.ask('game_data', { game_id: '' });
    player.socket.close();
    await eventually(() => expect(world.server.stats.players).toBe(0));
    expect(world.lines.map(({ message, fields }) => [message, fields])).toEqual([
      ['player joined', { ...who, resumed: false }],
      ['message refused', expect.objectContaining({ socket: who.socket, code: 'bad-payload' })],
      ['player left', { ...who, why: 'client namespace disconnect' }],
    ]);
  });

  it('has at most five hundred lines at once about players who come and go', async () => {
    const rates = { join_game: { perSecond: 1_000, burst: 1_000 } };
    const world = await startWorld({ rates, now: () => 0 });
    const hopper = await world.connect();
    for (let n = 0; n < 600; n += 1) hopper.emit('join_game', { game_id: n, player_id: 0 });
    await hopper.settle();
    expect(world.lines).toHaveLength(500);
  });

  it('reports at once that a socket joined no game in time, and at the end how many more did not', async () => {
    const world = await startWorld({ joinTimeoutMs: 50 });
    const idlers = await Promise.all([1, 2, 3].map(() => world.connect()));
    await Promise.all(idlers.map(({ gone }) => gone));
    await world.server.close();
    const line = { level: 'warn', message: 'socket closed' };
    expect(world.lines).toEqual([
      { ...line, fields: { why: 'joined no game in time', count: 1 } },
      { ...line, fields: { why: 'joined no game in time', count: 2 } },
    ]);
  });

  it('does not report a socket that left in time: its timer is gone', async () => {
    stopTimers();
    const world = await startWorld({ joinTimeoutMs: 10 * DEADLINE_MS });
    const timers = vi.getTimerCount();
    const client = await world.connect();
    client.socket.close();
    await eventually(() => expect(world.server.stats.sockets).toBe(0));
    expect(vi.getTimerCount()).toBe(timers);
  });

  it('comes with the end of such a connection, even if its client does not close it', async () => {
    const world = await startWorld({ joinTimeoutMs: 50, penaltyMs: 50 });
    const client = await connectRawly(world);
    await eventually(() => expect(client.isClosed).toBe(true));
  });

  it('does not report that a player left when another page of that player took the seat', async () => {
    const world = await startWorld();
    const [before, after] = [await world.connect(), await world.connect()];
    const { resume_token: token } = await before.join('duel', 0);
    await after.join('duel', 0, token);
    await before.gone;
    await eventually(() => expect(world.server.stats.sockets).toBe(1));
    expect(world.lines.map(({ message }) => message)).toEqual(['player joined', 'player joined']);
  });
});
