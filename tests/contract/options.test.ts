import type { RecoveryPolicy } from 'holdfast';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import {
  connectPlayers,
  createPlayer,
  createPlayers,
  HANDSHAKE_MS,
  namesOf,
  pass,
  refusalsOf,
  startWorld,
} from './players';

const holdfastOf = (payload: unknown) => Object(Object(payload).holdfast);

describe('the option inspect', () => {
  it('receives events and snapshots of the machines', async () => {
    const shown: { type: string }[] = [];
    await connectPlayers({}, {}, { inspect: (event) => shown.push(event) });
    const events = shown
      .filter(({ type }) => type === '@xstate.event')
      .map((each) => Reflect.get(each, 'event'));
    expect(events.map(({ type }) => type)).toEqual(
      expect.arrayContaining(['connect', 'channel.opened', 'link.up']),
    );
    expect(shown.map(({ type }) => type)).toContain('@xstate.snapshot');
  });
});

describe('the option recovery', () => {
  const hopeless: RecoveryPolicy = { plan: () => null };
  const tireless: RecoveryPolicy = {
    plan: () => ({ kind: 'ice-restart', delayMs: 0, deadlineMs: 5_000, renewMs: 1_000 }),
  };

  it('decides how an outage is recovered instead of the library, separately for each manager', async () => {
    const world = startWorld();
    // The browser's random source, as in a game: managers without options share it.
    const environmentOf = (end: typeof world.a) => ({ ...end.environment, random: Math.random });
    const a = createPlayer(world, world.a, { environment: environmentOf(world.a), recovery: tireless });
    const b = createPlayer(world, world.b, { environment: environmentOf(world.b), recovery: hopeless });
    void a.manager.connectToPeer(2);
    void b.manager.connectToPeer(1);
    await pass(HANDSHAKE_MS);
    const kinds = new Set<unknown>();
    a.manager.on('status', ({ kind }) => kinds.add(kind));
    world.network.cut();
    await pass(10_000);
    expect([a.manager.state, b.manager.state]).toEqual(['restarting', 'failed']);
    expect(kinds).toEqual(new Set([null, 'ice-restart']));
    expect(namesOf(b.heard).slice(-2)).toEqual(['onDataChannelClose', 'onConnectionFailed']);
  });

  it('falls back to the policy of the library when it throws, and logs the error', async () => {
    const recovery: RecoveryPolicy = {
      plan: () => {
        throw new Error('of the game');
      },
    };
    const { world, a } = await connectPlayers({}, {}, { recovery });
    world.network.cut();
    await pass(20_000);
    world.network.heal();
    await pass(2_000);
    expect(namesOf(a.heard)).toEqual(['onConnectionLost', 'onConnectionRestored']);
    expect(a.lines.filter(({ level }) => level === 'error').map(({ line }) => line[0])).toContain(
      '[WebRTC] recovery.plan failed',
    );
  });

  const PLAN = { kind: 'rebuild', delayMs: 0, deadlineMs: 5_000, renewMs: 1_000 };
  it.each<[what: string, plan: () => unknown]>([
    ['nothing', () => undefined],
    ['a promise', async () => PLAN],
    ['only a kind', () => ({ kind: 'rebuild' })],
    ['NaN as a time', () => ({ ...PLAN, renewMs: Number.NaN })],
    ['an infinite time', () => ({ ...PLAN, deadlineMs: Number.POSITIVE_INFINITY })],
    ['a renewal time of 0', () => ({ ...PLAN, renewMs: 0 })],
    ['a time as a string', () => ({ ...PLAN, delayMs: '5' })],
    ['an unknown kind', () => ({ ...PLAN, kind: 'restart' })],
  ])('falls back when it returns %s, logs an error, and makes no endless attempts', async (_, plan) => {
    const { world, a } = await connectPlayers({}, {}, { recovery: { plan: plan as RecoveryPolicy['plan'] } });
    world.network.cut();
    await pass(20_000);
    expect(a.end.peerConnections.length).toBeLessThan(40);
    world.network.heal();
    await pass(2_000);
    expect(namesOf(a.heard)).toEqual(['onConnectionLost', 'onConnectionRestored']);
    expect(a.lines.find(({ level }) => level === 'error')?.line).toEqual([
      '[WebRTC] recovery.plan failed',
      new TypeError('neither a plan nor null'),
    ]);
  });

  it('refuses offers of the peer in failed when it has no plan, and logs that', async () => {
    const { world, a, b } = await connectPlayers({}, {}, { recovery: hopeless });
    world.network.cut();
    await pass(12_000);
    expect([a.manager.state, b.manager.state]).toEqual(['failed', 'restarting']);
    a.lines.length = 0;
    await pass(1_000);
    expect([a.manager.state, refusalsOf(a)]).toEqual(['failed', ['debug unexpected']]);
  });

  it('answers a restart of the game with failed when it has no plan, and counts no attempt', async () => {
    const { world, a } = await connectPlayers({}, {}, { recovery: hopeless });
    world.network.cut();
    await pass(3_000);
    expect(a.manager.state).toBe('disconnected');
    expect(await a.manager.attemptIceRestart()).toBe(true);
    expect(a.heard.at(-1)).toEqual([
      'onConnectionFailed',
      expect.objectContaining({ reason: expect.any(String) }),
    ]);
    expect([a.manager.state, a.manager.iceRestartAttempts]).toEqual(['failed', 0]);
  });
});

describe('the option environment', () => {
  it('gives each manager its own random source for the pauses between attempts', async () => {
    const world = startWorld();
    const dice = [vi.fn(() => 0.1), vi.fn(() => 0.9)] as const;
    const [a, b] = [world.a, world.b].map((end, index) =>
      createPlayer(world, end, { environment: { ...end.environment, random: dice[index === 0 ? 0 : 1] } }),
    );
    void a?.manager.connectToPeer(2);
    void b?.manager.connectToPeer(1);
    await pass(HANDSHAKE_MS);
    for (const throws of dice) throws.mockClear();
    world.network.cut();
    world.relay.loss = 1;
    await pass(40_000);
    for (const throws of dice) expect(throws).toHaveBeenCalled();
  });
});

describe('the session of a page', () => {
  const sessionsOf = ({ relay }: { relay: { signals: readonly { message: Record<string, unknown> }[] } }) =>
    new Set(relay.signals.map(({ message }) => holdfastOf(message.payload).session).filter(Boolean));

  it('is different on each page although their random sources give the same numbers', async () => {
    const world = startWorld();
    for (const end of [world.a, world.b]) {
      const { manager } = createPlayer(world, end, {
        environment: { ...end.environment, random: () => 0.5 },
      });
      void manager.connectToPeer(end === world.a ? 2 : 1);
    }
    await pass(HANDSHAKE_MS);
    expect(sessionsOf(world).size).toBe(2);
  });

  it.each([
    ['a page without HTTPS, whose crypto has no randomUUID', {}, 1],
    ['a runtime without crypto, such as React Native', undefined, 2],
  ])('comes from the random source on %s', async (_, crypto, seed) => {
    vi.stubGlobal('crypto', crypto);
    onTestFinished(() => void vi.unstubAllGlobals());
    const { world, a, b } = createPlayers({}, { seed });
    void a.manager.connectToPeer(2);
    void b.manager.connectToPeer(1);
    await pass(HANDSHAKE_MS);
    expect([a.manager.state, b.manager.state]).toEqual(['connected', 'connected']);
    expect(sessionsOf(world).size).toBe(2);
  });
});
