import { describe, expect, it, vi } from 'vitest';
import type { Link } from '../../src/peer/link';
import { fakeRacer, startRace } from './fake-racers';
import {
  beat,
  configOf,
  connectPair,
  factsOf,
  forget,
  loseAll,
  memberOf,
  numbersOf,
  openOf,
  pass,
  STUN,
  TURN,
} from './links-pair';

describe('a racer', () => {
  async function race() {
    const pair = await connectPair();
    pair.lose = loseAll;
    pair.a.links.startAttempt('rebuild');
    await pass(10);
    return pair;
  }

  it('that nobody answers is closed after 15 s', async () => {
    const pair = await race();
    await beat(pair, 14_600);
    expect(openOf(pair.a)).toHaveLength(2);
    await beat(pair, 600);
    expect(openOf(pair.a)).toHaveLength(1);
  });

  it('on which nothing was heard loses as soon as the link is up', async () => {
    const pair = await race();
    pair.a.links.settle();
    expect(openOf(pair.a)).toEqual([pair.a.links.current?.pc]);
  });

  it.each([
    [
      'ICE fails',
      ({ pc }: Link) => {
        Object.defineProperty(pc, 'connectionState', { configurable: true, get: () => 'failed' });
        pc.onconnectionstatechange?.(new Event('connectionstatechange'));
      },
    ],
    ['channel closes', ({ game }: Link) => void game?.onclose?.(new Event('close'))],
  ])('whose %s loses, and no other: the machine receives no fact', async (_, end) => {
    const { a } = await race();
    a.links.startAttempt('rebuild');
    await pass(10);
    forget(a);
    const [, racer] = a.links.race.all;
    if (racer) end(racer);
    expect([a.links.race.all.map(({ number }) => number), a.facts]).toEqual([[1, 3], []]);
  });

  it('announces at once that it took over, which replaces an echo that the other end misses', async () => {
    const { a, b } = await connectPair();
    const heard = [a, b].map(({ links }) => vi.spyOn(links.race, 'moved'));
    a.links.startAttempt('rebuild');
    await pass(150);
    expect(b.links.current?.number).toBe(2);
    for (const moved of heard) expect(moved).toHaveBeenCalled();
  });

  it('takes over once bytes went both ways, and announces it until the other end does, too', async () => {
    const pair = await connectPair();
    const { a, b } = pair;
    a.links.current?.game?.onclose?.(new Event('close'));
    a.links.startAttempt('rebuild');
    await pass(300);
    expect([a.links.current?.number, b.links.current?.number]).toEqual([2, 2]);
    // The loser is listened to for a second.
    expect([openOf(a).length, openOf(b).length]).toEqual([2, 2]);
    await beat(pair, 800);
    expect([openOf(a).length, openOf(b).length]).toEqual([2, 2]);
    await beat(pair, 600);
    expect([openOf(a), openOf(b)]).toEqual([[a.pcs[1]], [b.pcs[1]]]);
  });

  it('beside a relayed link has no relays, and its offer says so', async () => {
    const pair = await connectPair({}, [STUN, TURN]);
    for (const { links } of [pair.a, pair.b]) links.tryDirect();
    await pass(300);
    expect([pair.a.pcs.length, pair.b.pcs.length]).toEqual([2, 2]);
    for (const { pcs } of [pair.a, pair.b])
      expect(configOf(pcs[1])).toEqual({ iceServers: [STUN], iceTransportPolicy: 'all' });
    const [offer] = pair.a.sent.filter(({ type }) => type === 'offer');
    expect(offer && memberOf(offer)).toMatchObject({ connection: 2, path: 'direct' });
    expect(numbersOf(pair.b)).toEqual([]);
  });

  it('of an ordinary rebuild does not mention its path', async () => {
    const { a } = await connectPair();
    a.links.startAttempt('rebuild');
    await pass(100);
    expect(a.sent.filter(({ type }) => type === 'offer').map((each) => 'path' in memberOf(each))).toEqual([
      false,
    ]);
  });
});

describe('the old path', () => {
  it('that is heard again after another took over shows that the outage healed by itself', async () => {
    const { a, b } = await connectPair();
    const old = b.links.current;
    a.links.startAttempt('rebuild');
    a.links.current?.suspect();
    await pass(300);
    forget(a);
    old?.control.ping();
    await pass(10);
    expect(factsOf(a)).toEqual(['life.back']);
  });

  it('that is heard again while in doubt restores the link', async () => {
    const { a, b } = await connectPair();
    a.links.suspect();
    await pass(0);
    b.links.probe();
    await pass(10);
    expect(factsOf(a)).toEqual(['life.back']);
  });

  it('carries messages until it is closed: none is lost in the change', async () => {
    const { a, b } = await connectPair();
    const old = b.links.current;
    a.links.startAttempt('rebuild');
    await pass(300);
    old?.send('sent before the change was known');
    await pass(10);
    expect(a.messages).toEqual(['sent before the change was known']);
  });
});

describe('a racer that enters', () => {
  it('replaces a racer of the same number: so the answerer yields when both ends have offered', () => {
    const [unanswered, accepted] = [fakeRacer(2), fakeRacer(2)];
    const world = startRace(fakeRacer(1));
    world.enter(unanswered, accepted);
    expect([unanswered.isClosed, accepted.isClosed]).toEqual([true, false]);
  });
});

describe('a racer that wins', () => {
  it('closes silent older racers, keeps listening to heard ones as losers, and lets younger ones race on', () => {
    const [first, silent, heard] = [
      fakeRacer(1),
      fakeRacer(2, { isUp: true }),
      fakeRacer(3, { hasHeard: true, isUp: true }),
    ];
    const [winner, younger] = [fakeRacer(4, { hasHeard: true }), fakeRacer(5)];
    const world = startRace(first);
    world.enter(silent, heard, winner, younger);
    world.win(winner);
    expect(world.race.current?.number).toBe(4);
    expect([first, silent, heard, younger].map(({ isClosed }) => isClosed)).toEqual([
      false,
      true,
      false,
      false,
    ]);
    expect([first, heard, winner, younger].map(world.hasLost)).toEqual([true, true, false, false]);
    expect(world.numbers).toEqual([4, 5, 3, 1]);
  });

  it('keeps listening to the three newest losers', () => {
    const racers = [1, 2, 3, 4, 5].map((number) => fakeRacer(number, { hasHeard: true }));
    const [first, ...others] = racers;
    const world = startRace(first ?? fakeRacer(1));
    for (const racer of others) {
      world.enter(racer);
      world.win(racer);
    }
    expect(racers.map(({ isClosed }) => isClosed)).toEqual([true, false, false, false, false]);
    expect(world.numbers).toEqual([5, 2, 3, 4]);
  });

  it('announces that it moved until the other end has, and closes the losers a second later', () => {
    const [loser, winner] = [fakeRacer(1), fakeRacer(2, { hasHeard: true })];
    const world = startRace(loser);
    world.enter(winner);
    world.win(winner);
    world.race.prune();
    world.moved(loser);
    world.race.prune();
    expect([winner.frames, loser.frames]).toEqual([['moved', 'moved'], []]);
    world.moved(winner);
    world.clock.nowMs = 999;
    world.race.prune();
    expect([winner.frames.length, loser.isClosed]).toEqual([2, false]);
    world.clock.nowMs = 1_000;
    world.race.prune();
    expect([winner.frames.length, loser.isClosed, world.numbers]).toEqual([2, true, [2]]);
  });

  it('gives the next loser its time, too: the other end has moved once, and has to again', () => {
    const [first, second, third] = [
      fakeRacer(1),
      fakeRacer(2, { hasHeard: true }),
      fakeRacer(3, { hasHeard: true }),
    ];
    const world = startRace(first);
    world.enter(second);
    world.win(second);
    world.moved(second);
    world.clock.nowMs = 1_000;
    world.race.prune();
    world.enter(third);
    world.win(third);
    world.race.prune();
    expect([first, second].map(({ isClosed }) => isClosed)).toEqual([true, false]);
    expect(third.frames).toEqual(['moved']);
  });

  it('announces nothing as long as nobody has lost', () => {
    const only = fakeRacer(1, { hasHeard: true });
    startRace(only).race.prune();
    expect(only.frames).toEqual([]);
  });

  it('closes a racer on which nothing was heard for 15 s', () => {
    const [silent, heard] = [fakeRacer(2), fakeRacer(3, { hasHeard: true })];
    const world = startRace(fakeRacer(1));
    world.enter(silent, heard);
    world.clock.nowMs = 15_000;
    world.race.prune();
    expect(world.numbers).toEqual([1, 2, 3]);
    world.clock.nowMs = 15_001;
    world.race.prune();
    expect([world.numbers, silent.isClosed, heard.isClosed]).toEqual([[1, 3], true, false]);
  });
});

describe('a race that was closed because the other page reloaded', () => {
  it('starts again: nobody has lost, and no move is announced', () => {
    const [winner, racer] = [fakeRacer(2, { hasHeard: true }), fakeRacer(3, { hasHeard: true })];
    const next = fakeRacer(4);
    const world = startRace(fakeRacer(1));
    world.enter(winner, racer);
    world.win(winner);
    world.race.close();
    world.enter(next);
    world.race.prune();
    expect([world.numbers, next.frames]).toEqual([[4], []]);
  });
});
