import { createRecorder, parseMessage, relay } from 'holdfast/inspect';
import { describe, expect, it, onTestFinished } from 'vitest';
import { readCliOptions } from '../src/cli-options';
import type { RelayServerOptions } from '../src/options';
import { type Client, eventually, startPair, startWorld, stopTimers } from './world';

const hello = { holdfast: 1, type: 'hello' };
const mark = { v: 1, link: 'x', seq: 1, atMs: 0, wallMs: 0, kind: 'mark', text: 'fault' };
const told = { holdfast: 1, type: 'records', isControllable: false, records: [mark] };
const inGame = (message: unknown, gameId = 'duel') => ({ game_id: gameId, message });
const heardBy = (client: Client) => client.heard('holdfast_inspect');

async function startWatched(options: RelayServerOptions = {}) {
  const world = await startWorld({ inspect: true, ...options });
  const [zero, one] = await startPair(world);
  const watcher = await world.connect();
  expect(await watcher.ask('holdfast_watch', { game_id: 'duel' })).toEqual({ ok: true });
  return { world, zero, one, watcher };
}

describe('watching a game', () => {
  it('is off unless the server was started for it', async () => {
    const world = await startWorld();
    const [zero, one] = await startPair(world);
    const watcher = await world.connect();
    watcher.socket.emit('holdfast_watch', { game_id: 'duel' });
    zero.socket.emit('holdfast_inspect', inGame(told));
    watcher.socket.emit('holdfast_inspect', inGame(hello));
    await Promise.all([zero.settle(), one.settle(), watcher.settle()]);
    expect([zero, one, watcher].flatMap(heardBy)).toEqual([]);
  });

  it('forwards the records of a player to the watchers, and to nobody else', async () => {
    const { zero, one, watcher } = await startWatched();
    expect(await zero.ask('holdfast_inspect', inGame(told))).toEqual({ ok: true });
    const { isControllable: _, ...passed } = told;
    expect(await watcher.hears('holdfast_inspect')).toEqual([{ game_id: 'duel', message: passed }]);
    expect([zero, one].flatMap(heardBy)).toEqual([]);
  });

  it('forwards the hello of a watcher to the players', async () => {
    const { world, zero, one, watcher } = await startWatched();
    const others = await startPair(world, 'other');
    expect(await watcher.ask('holdfast_inspect', inGame(hello))).toEqual({ ok: true });
    for (const player of [zero, one]) expect(await player.hears('holdfast_inspect')).toEqual([inGame(hello)]);
    await Promise.all(others.map((other) => other.settle()));
    expect([watcher, ...others].flatMap(heardBy)).toEqual([]);
  });

  it('keeps games apart', async () => {
    const { world, zero, watcher } = await startWatched();
    const [other] = await startPair(world, 'other');
    await other.ask('holdfast_inspect', inGame(told, 'other'));
    expect(await other.ask('holdfast_inspect', inGame(told))).toMatchObject({ error: { code: 'not-yours' } });
    expect(await watcher.ask('holdfast_inspect', inGame(hello, 'other'))).toMatchObject({
      error: { code: 'not-yours' },
    });
    await zero.ask('holdfast_inspect', inGame({ holdfast: 1, type: 'bye', link: 'x' }));
    expect(await watcher.hears('holdfast_inspect')).toEqual([
      { game_id: 'duel', message: { holdfast: 1, type: 'bye', link: 'x' } },
    ]);
  });

  it.each([
    ['a control', { holdfast: 1, type: 'control', link: 'x', event: { type: 'close' } }],
    ['a message of an unknown type', { holdfast: 1, type: 'eval', code: 'x' }],
    ['too many records', { ...told, records: Array(101).fill(mark) }],
    ['too large a record', { ...told, records: [{ ...mark, text: 'x'.repeat(140_000) }] }],
    ['no message', null],
  ])('forwards %s to nobody', async (_what, message) => {
    const { zero, one, watcher } = await startWatched();
    for (const sender of [zero, watcher])
      expect(await sender.ask('holdfast_inspect', inGame(message))).toMatchObject({
        error: { code: 'bad-payload' },
      });
    await Promise.all([zero.settle(), one.settle(), watcher.settle()]);
    expect([zero, one, watcher].flatMap(heardBy)).toEqual([]);
  });

  it('refuses records from a watcher, and anything from a stranger', async () => {
    const { world, watcher } = await startWatched();
    const stranger = await world.connect();
    expect(await watcher.ask('holdfast_inspect', inGame(told))).toMatchObject({ ok: false });
    expect(await stranger.ask('holdfast_inspect', inGame(told))).toMatchObject({
      error: { code: 'not-joined' },
    });
  });

  it('ends for a watcher who takes a seat', async () => {
    const { zero, watcher } = await startWatched();
    await watcher.join('other', 0);
    await zero.ask('holdfast_inspect', inGame(told));
    await watcher.settle();
    expect(heardBy(watcher)).toEqual([]);
    expect(await watcher.ask('holdfast_watch', { game_id: 'duel' })).toMatchObject({
      error: { code: 'not-yours' },
    });
  });

  it('has room for eight watchers of a game, and for another when one of them goes', async () => {
    const { world, watcher } = await startWatched();
    const watch = async (gameId: string) => {
      const next = await world.connect();
      return [next, await next.ask('holdfast_watch', { game_id: gameId })] as const;
    };
    for (let count = 1; count < 8; count += 1) expect((await watch('duel'))[1]).toEqual({ ok: true });
    const [ninth, reply] = await watch('duel');
    expect(reply).toMatchObject({ error: { code: 'game-full' } });
    expect((await watch('other'))[1]).toEqual({ ok: true });
    expect(await watcher.ask('holdfast_watch', { game_id: 'duel' })).toEqual({ ok: true });
    watcher.socket.close();
    await eventually(() => expect(world.server.stats.sockets).toBe(11));
    expect(await ninth.ask('holdfast_watch', { game_id: 'duel' })).toEqual({ ok: true });
  });

  it('counts as having joined: no newcomer takes the place of a watcher', async () => {
    const world = await startWorld({ inspect: true, maxUnjoinedSockets: 1, now: () => 0 });
    await (await world.connect()).ask('holdfast_watch', { game_id: 'duel' });
    await expect(world.connect()).resolves.toBeDefined();
    await expect(world.connect()).rejects.toThrow();
  });

  it('lets a watcher stay although it never joins', async () => {
    const timers = stopTimers();
    const world = await startWorld({ inspect: true, joinTimeoutMs: 1_000 });
    const watcher = await world.connect();
    await watcher.ask('holdfast_watch', { game_id: 'duel' });
    const idle = await world.connect();
    timers.pass(1_000);
    await idle.gone;
    await watcher.settle();
  });

  it('refuses a flood of records, and goes on carrying signals', async () => {
    const { zero, one, watcher } = await startWatched({ now: () => 0 });
    const replies = await Promise.all(
      Array.from({ length: 100 }, () => zero.ask('holdfast_inspect', inGame(told))),
    );
    expect(replies.some((reply) => JSON.stringify(reply).includes('rate-limited'))).toBe(true);
    const signal = { game_id: 'duel', target_player_id: 1, type: 'offer', payload: {} };
    expect(await zero.ask('webrtc_signal', signal)).toEqual({ ok: true });
    expect(await one.hears('webrtc_signal')).toHaveLength(1);
    expect(heardBy(watcher).length).toBeLessThan(100);
    expect(zero.socket.connected).toBe(true);
  });

  it('shows a late watcher everything that a recorder has', async () => {
    const world = await startWorld({ inspect: true });
    const [zero] = await startPair(world);
    const recorder = createRecorder({ label: 'zero' });
    recorder.mark('before anybody watched');
    onTestFinished(relay(recorder, zero.socket, { gameId: 'duel' }));
    const watcher = await world.connect();
    await watcher.ask('holdfast_watch', { game_id: 'duel' });
    await watcher.ask('holdfast_inspect', inGame(hello));
    const records = () =>
      heardBy(watcher).flatMap((packet) => {
        const message = parseMessage(Reflect.get(Object(packet), 'message'));
        return message?.type === 'records' ? message.records : [];
      });
    await eventually(() => expect(records()).toEqual(recorder.records));
  });

  it('is switched on by a flag', () => {
    expect(readCliOptions(['--inspect', '1'], {})?.server.inspect).toBe(true);
    expect(readCliOptions([], { INSPECT: '1' })?.server.inspect).toBe(true);
    expect(readCliOptions([], {})?.server.inspect).toBeUndefined();
  });
});
