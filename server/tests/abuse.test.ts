import { readFile } from 'node:fs/promises';
import { get, type IncomingMessage } from 'node:http';
import { connect } from 'node:net';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { event, frame, ping } from '../../tests/support/raw-web-socket';
import { consoleLogger } from '../src/logger';
import type { RelayServerOptions } from '../src/options';
import { DEFAULT_RATES } from '../src/rate-limit';
import { logFileName } from '../src/research-log';
import { connectRaw, connectRawly } from './raw-client';
import { DEADLINE_MS, eventually, startPair, startWorld, type World } from './world';

const times = (count: number) => Array.from({ length: count }, (_, index) => index);

describe('a socket that goes from game to game', () => {
  it('leaves one empty seat behind, not a trail of them', async () => {
    const world = await startWorld({ rates: { join_game: { perSecond: 1000, burst: 1000 } } });
    const hopper = await world.connect();
    for (const n of times(50)) await hopper.join(`game-${n}`, 0);
    expect(world.server.stats).toMatchObject({ games: 2, players: 1 });
    const other = await world.connect();
    expect(await other.join('game-48', 0)).toMatchObject({ error: { code: 'seat-taken' } });
    expect(await other.join('game-47', 0)).toMatchObject({ ok: true, resumed: false });
  });

  it("takes no other player's seat", async () => {
    const world = await startWorld();
    const [zero, one] = [await world.connect(), await world.connect()];
    await zero.join('a', 0);
    await one.join('a', 1);
    for (const game of ['b', 'c', 'd']) await zero.join(game, 0);
    await one.settle();
    expect(world.server.stats).toMatchObject({ players: 2, games: 3 });
    expect(await zero.join('a', 0)).toMatchObject({ ok: true, players: [1, 0] });
  });

  it('may join once a second, after a burst of twenty', async () => {
    let now = 0;
    const world = await startWorld({ now: () => now });
    const hopper = await world.connect();
    const seatsOf = async (count: number) => {
      const replies = [];
      for (const n of times(count)) replies.push(await hopper.join(`game-${n}`, 0));
      return replies.filter(({ ok }) => ok).length;
    };
    expect(await seatsOf(40)).toBe(20);
    now += 5_000;
    expect(await seatsOf(10)).toBe(5);
  });
});

describe('games that started and were left', () => {
  it('give way to new ones when there are too many, the first one left first', async () => {
    const world = await startWorld({ maxGames: 2 });
    for (const game of ['left-first', 'left-then']) {
      const players = await startPair(world, game);
      for (const { socket } of players) socket.close();
      await eventually(() => expect(world.server.stats.players).toBe(0));
    }
    const newcomer = await world.connect();
    expect(await newcomer.join('new', 0)).toMatchObject({ ok: true });
    const back = await world.connect();
    expect(await back.join('left-then', 0)).toMatchObject({ error: { code: 'seat-taken' } });
  });
});

describe('the door', () => {
  it('disconnects the longest-waiting socket that has not joined, so that a newcomer can', async () => {
    let now = 0;
    const never = 10 * DEADLINE_MS;
    const world = await startWorld({ maxUnjoinedSockets: 1, joinTimeoutMs: never, now: () => now });
    const idle = await world.connect();
    await expect(world.connect()).rejects.toThrow();
    now = 3_000;
    const newcomer = await world.connect();
    expect(await newcomer.join('duel', 0)).toMatchObject({ ok: true });
    await idle.gone;
    expect(newcomer.socket.connected).toBe(true);
  });

  it('disconnects nobody who sits in a game, however long', async () => {
    let now = 0;
    const world = await startWorld({ maxUnjoinedSockets: 1, now: () => now });
    const player = await world.connect();
    await player.join('duel', 0);
    await world.connect();
    now = 3_000;
    await world.connect();
    await player.settle();
    expect(world.server.stats).toMatchObject({ sockets: 2, players: 1 });
  });

  it.each<[string, number, RelayServerOptions]>([
    ['all addresses together', 2, { maxSockets: 2 }],
    ['one address', 1, { maxSocketsPerAddress: 1 }],
    ['one address', 2, { maxSocketsPerAddress: 2 }],
    ['sockets that joined no game', 2, { maxUnjoinedSockets: 2, now: () => 0 }],
  ])('limits %s to %i at a time, and admits one more when one of them goes', async (_, count, options) => {
    const world = await startWorld(options);
    const [one] = await Promise.all(times(count).map(() => world.connect()));
    await expect(world.connect()).rejects.toThrow();
    one?.socket.close();
    await eventually(() => expect(world.server.stats.sockets).toBe(count - 1));
    await expect(world.connect()).resolves.toBeDefined();
    await expect(world.connect()).rejects.toThrow();
  });

  it.each<[string, RelayServerOptions]>([
    ['all addresses together', { maxSockets: 2 }],
    ['one address', { maxSocketsPerAddress: 2 }],
    ['sockets that joined no game', { maxUnjoinedSockets: 2, now: () => 0 }],
  ])('limits %s even when many connections are requested in one packet', async (_, options) => {
    const world = await startWorld(options);
    const tcp = connect(world.server.address?.port ?? 0, '127.0.0.1');
    onTestFinished(() => void tcp.destroy());
    let answers = '';
    tcp.on('data', (data) => {
      answers += data.toString();
    });
    tcp.write('GET /socket.io/?EIO=4&transport=polling HTTP/1.1\r\nHost: x\r\n\r\n'.repeat(50));
    await eventually(() => expect(answers.split('HTTP/1.1 ')).toHaveLength(1 + 50));
    expect(world.server.stats.sockets).toBe(2);
  });

  it('counts each address separately', async () => {
    const world = await startWorld({ maxSocketsPerAddress: 1 });
    const knock = (localAddress: string) =>
      new Promise<number | undefined>((resolve, reject) => {
        const url = `${world.url}/socket.io/?EIO=4&transport=polling`;
        get(url, { localAddress, agent: false }, (answer) => {
          answer.resume();
          resolve(answer.statusCode);
        }).once('error', reject);
      });
    const answers = [];
    for (const address of ['127.0.0.1', '127.0.0.2', '127.0.0.1']) answers.push(await knock(address));
    expect(answers).toEqual([200, 200, 403]);
  });

  it('counts by what `addressOf` returns, for a relay behind a proxy', async () => {
    let next = 0;
    const world = await startWorld({ maxSocketsPerAddress: 1, addressOf: () => `player-${next}` });
    await world.connect();
    await expect(world.connect()).rejects.toThrow();
    next += 1;
    await expect(world.connect()).resolves.toBeDefined();
  });

  it('refuses a request for which `addressOf` throws, and goes on serving others', async () => {
    const addressOf = ({ headers }: IncomingMessage): string => {
      if (headers['x-real-ip'] === undefined) throw new TypeError('no header');
      return String(headers['x-real-ip']);
    };
    const { url } = await startWorld({ addressOf, maxSocketsPerAddress: 9 });
    const knock = (headers: Record<string, string>) =>
      fetch(`${url}/socket.io/?EIO=4&transport=polling`, { headers }).then(({ status }) => status);
    expect(await knock({})).toBe(403);
    expect(await knock({ 'x-real-ip': '192.0.2.1' })).toBe(200);
  });

  it('spends no handshakes on an address that already has all its connections', async () => {
    let address = 'many';
    const world = await startWorld({
      maxSocketsPerAddress: 1,
      addressOf: () => address,
      handshakes: { perSecond: 0.001, burst: 2 },
    });
    await world.connect();
    for (const _ of times(3)) await expect(world.connect()).rejects.toThrow();
    address = 'another';
    await expect(world.connect()).resolves.toBeDefined();
  });

  it('admits only so many connections a second', async () => {
    const world = await startWorld({ handshakes: { perSecond: 0.001, burst: 2 } });
    await world.connect();
    await world.connect();
    await expect(world.connect()).rejects.toThrow();
  });
});

describe('a WebSocket that does not behave like a client', () => {
  const penaltyMs = 100;
  const tooMuch = { penaltyMs, rates: { bytes: { perSecond: 1, burst: 200_000 } } };

  const impatient = {
    rates: { other: { perSecond: 0.001, burst: 2 }, refusals: { perSecond: 0.001, burst: 5 } },
  };

  /** The relay no longer reads what it sends, and serves others meanwhile. */
  async function staysOnItsSide(world: World, raw: Awaited<ReturnType<typeof connectRawly>>) {
    await eventually(() => {
      if (!raw.socket.isFull) raw.socket.write(Buffer.alloc(1_000_000));
      expect(raw.socket.isFull).toBe(true);
    });
    const newcomer = await world.connect();
    await newcomer.settle();
    expect([raw.isClosed, raw.socket.isFull]).toEqual([false, true]);
  }

  it('is cut off when it sends too much before it has connected to Socket.IO', async () => {
    const world = await startWorld(tooMuch);
    const raw = await connectRaw(world);
    for (const _ of times(10)) raw.says(`4${'x'.repeat(60_000)}`);
    await eventually(() => expect(raw.isClosed).toBe(true));
    expect(world.server.stats.sockets).toBe(0);
  });

  it('is cut off when it was evicted and does not leave', async () => {
    const world = await startWorld({ penaltyMs, ...impatient });
    const raw = await connectRawly(world);
    for (const _ of times(20)) raw.socket.write(event('flood', {}));
    await eventually(() => expect(raw.isClosed).toBe(true));
    expect(raw.texts.at(-1)).toBe('41');
  });

  it('is held unread before it is cut off: what it sends stays on its side', async () => {
    const world = await startWorld({ penaltyMs: 10 * DEADLINE_MS, ...impatient });
    const raw = await connectRawly(world);
    for (const _ of times(20)) raw.socket.write(event('flood', {}));
    await eventually(() => expect(raw.texts.at(-1)).toBe('41'));
    await staysOnItsSide(world, raw);
  });

  it('is cut off when it floods with pings', async () => {
    const world = await startWorld({ penaltyMs });
    const raw = await connectRawly(world);
    for (const _ of times(100)) raw.socket.write(ping());
    await eventually(() => expect(raw.isClosed).toBe(true));
  });

  const inPieces = (count: number) => [
    frame('428["holdfast_ping"]', 1, false),
    ...times(count - 2).map(() => frame(' ', 0, false)),
    frame(' ', 0, true),
  ];

  it('may send a message in 64 pieces', async () => {
    const raw = await connectRawly(await startWorld());
    for (const data of inPieces(64)) raw.socket.write(data);
    await eventually(() => expect(raw.texts.at(-1)).toBe('438[{"ok":true}]'));
  });

  describe.each<[string, Buffer[]]>([
    ['sends one message in 65 pieces', inPieces(65)],
    ['sends a message above every limit', [frame('x'.repeat(1_000_000))]],
  ])('a WebSocket that %s', (_, offend) => {
    it('is cut off after it has been held', async () => {
      const raw = await connectRawly(await startWorld({ penaltyMs }));
      for (const data of offend) raw.socket.write(data);
      await eventually(() => expect(raw.isClosed).toBe(true));
    });

    it('is first held unread, although its player is gone', async () => {
      const world = await startWorld({ penaltyMs: 10 * DEADLINE_MS });
      const raw = await connectRawly(world);
      for (const data of offend) raw.socket.write(data);
      await eventually(() => expect(world.server.stats.sockets).toBe(0));
      await staysOnItsSide(world, raw);
    });
  });

  it('is refused when its attachments grow too large, and goes on', async () => {
    const world = await startWorld();
    const [zero] = await startPair(world);
    const raw = await connectRawly(world);
    raw.says('42["join_game",{"game_id":"raw","player_id":0}]');
    await eventually(() => expect(world.server.stats.players).toBe(3));
    raw.says('4510-7["game_data",{"game_id":"raw","data":{"_placeholder":true,"num":0}}]');
    for (const _ of times(10)) raw.socket.write(frame(Buffer.alloc(30_000)));
    raw.says('428["holdfast_ping"]');
    await eventually(() => expect(raw.texts.some((text) => text.startsWith('438'))).toBe(true));
    expect(raw.texts.filter((text) => text.startsWith('43'))).toEqual([
      '437[{"ok":false,"error":{"code":"bad-payload","message":"payload: expected at most 81920 bytes"}}]',
      '438[{"ok":true}]',
    ]);
    await zero.settle();
  });

  it('may send attachments that nobody accepts, and goes on', async () => {
    const world = await startWorld();
    const raw = await connectRawly(world);
    raw.says('451-7["game_data",{"game_id":"raw","data":{"_placeholder":true,"num":0}}]');
    raw.socket.write(frame(Buffer.alloc(10)));
    raw.says('428["holdfast_ping"]');
    await eventually(() => expect(raw.texts.some((text) => text.startsWith('438'))).toBe(true));
    expect(raw.texts.filter((text) => text.startsWith('43'))).toEqual([
      '437[{"ok":false,"error":{"code":"not-joined","message":"join a game first"}}]',
      '438[{"ok":true}]',
    ]);
  });
});

describe('signals to an absent player', () => {
  const signal = { game_id: 'duel', target_player_id: 1, type: 'ice-candidate', payload: {} };
  /** The second message that counts against its sender ends the connection. */
  const strict = { rates: { refusals: { perSecond: 0.001, burst: 1 } } };

  it.each([
    { why: 'player-away', hasJoined: true },
    { why: 'no-such-player', hasJoined: false },
  ])('are refused with $why, and do not count against their sender', async ({ why, hasJoined }) => {
    const world = await startWorld(strict);
    const [honest, other] = [await world.connect(), await world.connect()];
    await honest.join('duel', 0);
    if (hasJoined) await other.join('duel', 1);
    other.socket.close();
    await eventually(() => expect(world.server.stats.sockets).toBe(1));
    for (const _ of times(100))
      expect(await honest.ask('webrtc_signal', signal)).toMatchObject({ error: { code: why } });
    await honest.settle();
    expect(honest.socket.connected).toBe(true);
  });

  it('are limited as all signals are: a flooder is refused, and evicted in the end', async () => {
    const world = await startWorld({ now: () => 0 });
    const [flooder, other] = await startPair(world);
    other.socket.close();
    await eventually(() => expect(world.server.stats.players).toBe(1));
    const { webrtc_signal: signals, refusals } = DEFAULT_RATES;
    const gone = flooder.gone;
    const codes: Record<string, number> = {};
    for (const _ of times(signals.burst + refusals.burst + 1))
      flooder.emit('webrtc_signal', signal, ({ error: { code } }: { error: { code: string } }) => {
        codes[code] = (codes[code] ?? 0) + 1;
      });
    expect(await gone).toBe('io server disconnect');
    expect(codes).toEqual({ 'player-away': signals.burst, 'rate-limited': refusals.burst + 1 });
  });
});

describe('a message that counts against its sender', () => {
  it.each<[string, string, object]>([
    ['sends for another game', 'game_data', { game_id: 'other', data: 1 }],
    ['sends malformed messages', 'game_data', { game_id: 'duel' }],
    ['asks for a seat that is taken', 'join_game', { game_id: 'duel', player_id: 1 }],
  ])('ends the connection of a player who repeatedly %s', async (_, event, message) => {
    const world = await startWorld({ rates: { refusals: { perSecond: 0.001, burst: 5 } } });
    const [player] = await startPair(world);
    const gone = player.gone;
    for (const __ of times(5)) expect(await player.ask(event, message)).toMatchObject({ ok: false });
    expect(player.socket.connected).toBe(true);
    player.emit(event, message);
    expect(await gone).toBe('io server disconnect');
    expect(world.lines).toContainEqual(
      expect.objectContaining({
        message: 'socket closed',
        fields: expect.objectContaining({ why: 'too many refused messages' }),
      }),
    );
  });
});

describe('the names that a stranger chooses', () => {
  /** A line break to some readers, a control sequence to a terminal, letters that run from right to left. */
  const NAME = 'du\u2028el\u0085 \u009b2J \u202eemag \u2066x\u007f';

  it('break no line of a log and move no cursor, whoever reads it', async () => {
    const info = vi.spyOn(console, 'info').mockImplementation(() => {});
    onTestFinished(() => info.mockRestore());
    const world = await startWorld();
    const client = await world.connect();
    await client.join(NAME, 'p');
    await client.ask('p2p_connection_lost', { game_id: NAME, player_id: 'p' });
    expect(await world.records(NAME)).toMatchObject([{ game_id: NAME }]);
    const file = await readFile(join(world.dataDir, logFileName(NAME)), 'utf8');
    consoleLogger().info('player joined', { game: NAME });
    const unprintable = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u;
    expect([file.trimEnd(), ...info.mock.calls.flat()].filter((line) => unprintable.test(line))).toEqual([]);
  });

  it('stay out of the log, the research file and its file name when they are addresses', async () => {
    const world = await startWorld();
    const client = await world.connect();
    const [game, player] = ['203.0.113.7duel', '2001:db8::7'];
    await client.join(game, player);
    await client.ask('p2p_connection_lost', { game_id: game, player_id: player });
    const records = await world.records(game);
    expect(records).toMatchObject([{ game_id: '[redacted]duel', player_id: '[redacted]' }]);
    expect(JSON.stringify([records, world.lines])).not.toMatch(/203\.0\.113|2001:db8/);
  });
});
