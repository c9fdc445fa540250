import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { OutgoingSignal, SignalingTransport } from '../../src/signaling/transport';
import { DEADLINE_MS, eventually, settled } from './eventually';

/** Two players of one game, each behind a transport under test, and what can happen to the connection of the first. */
export interface SignalingWorld {
  readonly gameId: string | number;
  readonly ids: readonly [string | number, string | number];
  readonly one: SignalingTransport;
  readonly two: SignalingTransport;
  /** The network to the relay breaks, and the adapter notices. */
  breakOne(): void;
  mendOne(): void;
  /** Nothing arrives any more, and nobody notices. */
  freezeOne(): void;
  /** The connection ends, and the adapter does not reconnect by itself for an hour. */
  loseOneForAnHour(): void;
  /** The reconnection settings of the first, for comparison. */
  settingsOfOne(): unknown;
  /** Listeners on the first's socket that are not the world's own. */
  listenersOfOne(): number;
  /** From now on nothing is acknowledged. */
  silence(): void;
  dispose(): Promise<void>;
}

/** What every adapter of the signaling seam does. */
export function describeSignaling(name: string, createWorld: () => Promise<SignalingWorld>): void {
  describe(`signaling through ${name}`, () => {
    let world: SignalingWorld;
    let heard: unknown[];

    const signal = (type: string, payload: unknown): OutgoingSignal => ({
      game_id: world.gameId,
      target_player_id: world.ids[1],
      type,
      payload,
    });

    beforeEach(async () => {
      world = await createWorld();
      heard = [];
      world.two.onSignal((raw) => heard.push(raw));
    });
    afterEach(() => world.dispose());

    it('carries a signal to the other player, with its sender, and returns relayed', async () => {
      const payload = { type: 'offer', sdp: 'v=0', holdfast: { version: 1, capabilities: ['heartbeat'] } };
      expect(await settled(world.one.send(signal('offer', payload)))).toBe('relayed');
      await eventually(() => expect(heard).toHaveLength(1));
      expect(heard).toEqual([
        { type: 'offer', from_player_id: world.ids[0], game_id: world.gameId, payload },
      ]);
    });

    it('carries signals of other types than offer without asking for an acknowledgement', async () => {
      expect(await world.one.send(signal('bye', { holdfast: {} }))).toBe('unknown');
      await eventually(() => expect(heard).toMatchObject([{ type: 'bye', payload: { holdfast: {} } }]));
    });

    it('keeps the order of signals', async () => {
      for (let index = 0; index < 20; index += 1) void world.one.send(signal('ice-candidate', { index }));
      await eventually(() => expect(heard).toHaveLength(20));
      expect(heard).toMatchObject(Array.from({ length: 20 }, (_, index) => ({ payload: { index } })));
    });

    it('returns refused for a player who is not there', async () => {
      const lost = { ...signal('offer', {}), target_player_id: 'nobody' };
      expect(await settled(world.one.send(lost))).toBe('refused');
    });

    it('delivers nothing to a listener that was removed', async () => {
      const late: unknown[] = [];
      world.two.onSignal((raw) => late.push(raw))();
      await settled(world.one.send(signal('offer', {})));
      await eventually(() => expect(heard).toHaveLength(1));
      expect(late).toEqual([]);
    });

    it('answers a ping with alive', async () => {
      expect(await settled(world.one.ping(5_000))).toBe('alive');
    });

    it('answers a ping with silent on a connection that only seems to be up', async () => {
      await settled(world.one.ping(5_000));
      world.freezeOne();
      expect(world.one.isUp).toBe(true);
      expect(await settled(world.one.ping(200))).toBe('silent');
    });

    it('reports when it goes down and comes back up', async () => {
      const changes: boolean[] = [];
      world.one.onUpChange((isUp) => changes.push(isUp));
      expect(world.one.isUp).toBe(true);
      world.breakOne();
      await eventually(() => expect(changes).toEqual([false]));
      expect(world.one.isUp).toBe(false);
      world.mendOne();
      await eventually(() => expect(changes).toEqual([false, true]));
      expect(world.one.isUp).toBe(true);
    });

    it('refuses a signal while it is down, and does not send it later', async () => {
      world.breakOne();
      await eventually(() => expect(world.one.isUp).toBe(false));
      expect(await settled(world.one.send(signal('offer', { stale: true })))).toBe('refused');
      expect(await settled(world.one.ping(5_000))).toBe('silent');
      world.mendOne();
      await eventually(() => expect(world.one.isUp).toBe(true));
      await vi.waitFor(async () => {
        expect(await settled(world.one.send(signal('offer', { fresh: true })))).toBe('relayed');
      }, DEADLINE_MS);
      await eventually(() => expect(heard).toMatchObject([{ payload: { fresh: true } }]));
    });

    it('drops a dead connection on reconnect(), retries faster, and restores its settings once it is back', async () => {
      const changes: boolean[] = [];
      const calm = world.settingsOfOne();
      world.one.onUpChange((isUp) => changes.push(isUp));
      world.freezeOne();
      world.one.reconnect();
      expect(world.settingsOfOne()).not.toEqual(calm);
      await eventually(() => expect(changes).toEqual([false]));
      world.mendOne();
      await eventually(() => expect(changes).toEqual([false, true]));
      expect(world.settingsOfOne()).toEqual(calm);
    });

    it('is back at once on reconnect(), however long it would have waited by itself', async () => {
      world.loseOneForAnHour();
      await eventually(() => expect(world.one.isUp).toBe(false));
      world.one.reconnect();
      await eventually(() => expect(world.one.isUp).toBe(true));
    });

    it('leaves no listeners and no changed settings after dispose()', async () => {
      const calm = world.settingsOfOne();
      const before = world.listenersOfOne();
      world.one.onSignal(() => {});
      world.one.onUpChange(() => {});
      expect(world.listenersOfOne()).toBe(before + 3);
      world.freezeOne();
      void world.one.ping(60_000);
      world.one.reconnect();
      world.one.dispose();
      expect(world.listenersOfOne()).toBe(before);
      expect(world.settingsOfOne()).toEqual(calm);
    });

    it('returns unknown for a signal and unsupported for a ping when the relay acknowledges nothing', async () => {
      world.silence();
      expect(await settled(world.one.send(signal('offer', {})))).toBe('unknown');
      expect(await settled(world.one.ping(200))).toBe('unsupported');
      expect(heard).toHaveLength(1);
    });
  });
}
