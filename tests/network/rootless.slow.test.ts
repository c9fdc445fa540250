import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { requires } from '../support/requirements';
import { Loopback } from './support/loopback.js';
import { Match, type MatchOptions, PEERS } from './support/match.js';

const PATIENCE_MS = 20_000;
const ONE_WAY_MS = 200;
const HOLE_MS = 5_000;
const LOSSY_MS = 10_000;

const wait = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

/** For contributors without root: the library between two browsers, through a stretch of bad UDP. */
describe.skipIf(!requires('chromium'))('a match on loopback', () => {
  let ground: Loopback;
  let match: Match<Loopback> | undefined;

  beforeEach(async () => {
    ground = await Loopback.open();
  });
  afterEach(async () => {
    await (match ?? ground).close();
    match = undefined;
  });

  async function open(options: Partial<MatchOptions> = {}): Promise<Match<Loopback>> {
    const opened = await Match.open(ground, { browsers: 'cc', manager: { preset: 'rollback' }, ...options });
    match = opened;
    return opened;
  }

  async function told(opened: Match<Loopback>, sinceMs: number): Promise<string[][]> {
    const records = await Promise.all(PEERS.map((peer) => opened.drive(peer, 'records')));
    return records.map((own) =>
      own
        .filter(({ source, wallMs }) => source === 'callback' && wallMs >= sinceMs)
        .map(({ name }) => name)
        .filter((name) => /Lost|Restored|Failed|Close/.test(name)),
    );
  }

  it(`connects through ${ONE_WAY_MS} ms of delay each way, and all traffic takes that way`, async () => {
    ground.udp.set({ delayMs: ONE_WAY_MS });
    const opened = await open();
    const since = Date.now();
    expect(await opened.untilFresh(since, PATIENCE_MS)).toBe(true);
    for (const peer of PEERS)
      expect(await opened.drive(peer, 'freshAfter', since)).toBeGreaterThanOrEqual(ONE_WAY_MS);
  });

  it(`recovers from a black hole of ${HOLE_MS / 1000} s, with paired announcements and data`, async () => {
    const opened = await open();
    const faultAtMs = Date.now();
    ground.udp.blackHole();
    await wait(HOLE_MS);
    ground.udp.heal();
    const healedAtMs = Date.now();
    expect(await opened.untilFresh(healedAtMs, PATIENCE_MS)).toBe(true);
    expect(await opened.until('connected', PATIENCE_MS)).toBe(true);
    expect(await told(opened, faultAtMs)).toEqual([
      ['onConnectionLost', 'onConnectionRestored'],
      ['onConnectionLost', 'onConnectionRestored'],
    ]);
    for (const peer of PEERS)
      expect((await opened.account(peer, faultAtMs, healedAtMs)).unheardRestores).toBe(0);
  });

  it('survives when one side appears from new ports', async () => {
    const opened = await open();
    const faultAtMs = Date.now();
    await ground.udp.rebind('a');
    expect(await opened.untilFresh(Date.now(), PATIENCE_MS)).toBe(true);
    expect(await opened.until('connected', PATIENCE_MS)).toBe(true);
    expect((await told(opened, faultAtMs)).flat()).not.toContain('onConnectionFailed');
  });

  it.each([
    { game: 'a game of 60 messages a second', hz: 60 },
    { game: 'an idle game', hz: 0 },
  ])('announces no loss to $game through 30 % loss and jitter at an RTT of 200 ms', async ({ hz }) => {
    const opened = await open({ hz, manager: {} });
    const faultAtMs = Date.now();
    ground.udp.set({ delayMs: 100, jitterMs: 10, loss: 0.3 });
    await wait(LOSSY_MS);
    expect(await told(opened, faultAtMs)).toEqual([[], []]);
  });
});
