import { describe, expect, it } from 'vitest';
import { Games } from '../src/games';
import type { Id } from '../src/ids';

const HOLD_MS = 1_000;

/** Games of two players, on a clock that is led by hand. */
function startGames({ maxGames = 10 } = {}) {
  let now = 0;
  const games = new Games({ playersPerGame: 2, maxGames, seatHoldMs: HOLD_MS }, () => now);
  const join = (holder: string, gameId: string, playerId: Id, resumeToken: string | null = null) =>
    games.join({ holder, gameId, playerId, resumeToken });
  return {
    games,
    join,
    tokenOf: (holder: string) => games.seatOf(holder)?.resumeToken ?? null,
    pass: (ms: number) => {
      now += ms;
      games.reap();
    },
  };
}

describe('a socket that moves from seat to seat', () => {
  it('may go back to the one that it left last, with its token, and is found there', () => {
    const { games, join, tokenOf } = startGames();
    join('hopper', 'a', 0);
    const token = tokenOf('hopper');
    join('hopper', 'b', 0);
    expect(join('hopper', 'a', 0, token)).toMatchObject({ ok: true, resumed: true });
    const seat = games.seatOf('hopper');
    expect(seat && games.find(seat.game, 0)).toBe(seat);
  });

  it('leaves a seat behind for its token, also where it had joined there twice', () => {
    const { join, tokenOf } = startGames();
    join('hopper', 'a', 0);
    join('hopper', 'a', 0);
    const token = tokenOf('hopper');
    join('hopper', 'b', 0);
    expect(join('thief', 'a', 0)).toEqual({ ok: false, reason: 'seat-taken' });
    expect(join('reloaded', 'a', 0, token)).toMatchObject({ ok: true, resumed: true });
  });

  it('leaves the seat alone that another socket took over from it', () => {
    const { games, join, tokenOf } = startGames();
    join('hopper', 'a', 0);
    const token = tokenOf('hopper');
    join('hopper', 'b', 0);
    join('successor', 'a', 0, token);
    join('hopper', 'c', 0);
    const seat = games.seatOf('successor');
    expect(seat && games.find(seat.game, 0)).toBe(seat);
  });

  it('leaves the seat alone that another player has since its own ran out', () => {
    const { games, join, pass } = startGames();
    join('hopper', 'a', 0);
    join('other', 'a', 1);
    join('hopper', 'b', 0);
    pass(HOLD_MS);
    expect(join('newcomer', 'a', 0)).toMatchObject({ ok: true, resumed: false, announce: 'everyone' });
    join('hopper', 'c', 0);
    const seat = games.seatOf('newcomer');
    expect(seat && games.find(seat.game, 0)).toBe(seat);
  });

  it('leaves the game alone that others opened under the id of one that had to give way', () => {
    const { games, join } = startGames({ maxGames: 3 });
    join('hopper', 'a', 0);
    join('hopper', 'b', 0);
    join('one', 'c', 0);
    join('two', 'd', 0);
    games.leave('one');
    join('newcomer', 'a', 0);
    games.leave('two');
    expect(join('hopper', 'e', 0)).toMatchObject({ ok: true });
    expect(join('second', 'a', 1)).toMatchObject({ ok: true, announce: 'everyone' });
  });

  it('lets the game give way that others opened under that id, and left', () => {
    const { games, join } = startGames({ maxGames: 3 });
    join('hopper', 'a', 0);
    join('hopper', 'b', 0);
    join('one', 'c', 0);
    join('two', 'd', 0);
    games.leave('one');
    join('newcomer', 'a', 0);
    games.leave('newcomer');
    join('hopper', 'd', 1);
    for (const game of ['e', 'f']) expect(join(`of ${game}`, game, 0)).toMatchObject({ ok: true });
  });
});

describe('a game that was left by one', () => {
  it('gives way to no other while somebody sits in it', () => {
    const { games, join } = startGames({ maxGames: 1 });
    join('one', 'a', 0);
    join('two', 'a', 1);
    games.leave('one');
    expect(join('newcomer', 'b', 0)).toEqual({ ok: false, reason: 'server-full' });
  });
});

describe('a game that was left by all', () => {
  it('gives way to no other once somebody is back', () => {
    const { games, join, tokenOf } = startGames({ maxGames: 1 });
    join('one', 'a', 0);
    const token = tokenOf('one');
    games.leave('one');
    join('one again', 'a', 0, token);
    expect(join('newcomer', 'b', 0)).toEqual({ ok: false, reason: 'server-full' });
    games.leave('one again');
    expect(join('newcomer', 'b', 0)).toMatchObject({ ok: true });
  });

  it('gives way later than one that never began, though that was left after it', () => {
    const { games, join, tokenOf } = startGames({ maxGames: 2 });
    join('one', 'begun', 0);
    join('two', 'begun', 1);
    const token = tokenOf('one');
    join('three', 'never begun', 0);
    for (const holder of ['one', 'two', 'three']) games.leave(holder);
    expect(join('newcomer', 'c', 0)).toMatchObject({ ok: true });
    expect(join('one again', 'begun', 0, token)).toMatchObject({ ok: true, resumed: true });
  });

  it('gives way once: never are there more than may be', () => {
    const { games, join } = startGames({ maxGames: 1 });
    for (const game of ['a', 'b', 'c']) {
      expect(join(`of ${game}`, game, 0)).toMatchObject({ ok: true });
      games.leave(`of ${game}`);
    }
    expect(games.size).toBe(1);
  });

  it('is held for its players from when they left it, however long the relay runs', () => {
    const { games, join, tokenOf, pass } = startGames();
    pass(10 * HOLD_MS);
    join('one', 'a', 0);
    const token = tokenOf('one');
    games.leave('one');
    pass(HOLD_MS - 1);
    expect(join('one again', 'a', 0, token)).toMatchObject({ ok: true, resumed: true });
  });
});

describe('a game that was paused', () => {
  it('is so no more when it begins, with whoever sits in it then', () => {
    const { games, join, pass } = startGames();
    const pause = (holder: string) => {
      const seat = games.seatOf(holder);
      seat?.game.paused.set(seat, holder);
    };
    join('one', 'a', 0);
    const game = games.seatOf('one')?.game;
    pause('one');
    join('two', 'a', 1);
    expect(game).toMatchObject({ ready: true, paused: new Map() });
    pause('one');
    pause('two');
    games.leave('two');
    pass(HOLD_MS);
    expect(game?.paused.size).toBe(1);
    join('three', 'a', 1);
    expect(game).toMatchObject({ ready: true, paused: new Map() });
  });
});
