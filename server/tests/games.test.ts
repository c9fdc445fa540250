import { describe, expect, it } from 'vitest';
import { Games } from '../src/games';
import type { Id } from '../src/ids';

const HOLD_MS = 1_000;

/** Games of two players, on a clock that the test advances. */
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
  it('may return to the seat that it left last, with its token, and is found there', () => {
    const { games, join, tokenOf } = startGames();
    join('hopper', 'a', 0);
    const token = tokenOf('hopper');
    join('hopper', 'b', 0);
    expect(join('hopper', 'a', 0, token)).toMatchObject({ ok: true, resumed: true });
    const seat = games.seatOf('hopper');
    expect(seat && games.find(seat.game, 0)).toBe(seat);
  });

  it('keeps the seat it left reserved for its token, even if it had joined there twice', () => {
    const { join, tokenOf } = startGames();
    join('hopper', 'a', 0);
    join('hopper', 'a', 0);
    const token = tokenOf('hopper');
    join('hopper', 'b', 0);
    expect(join('thief', 'a', 0)).toEqual({ ok: false, reason: 'seat-taken' });
    expect(join('reloaded', 'a', 0, token)).toMatchObject({ ok: true, resumed: true });
  });

  it('does not touch its former seat once another socket has taken it over', () => {
    const { games, join, tokenOf } = startGames();
    join('hopper', 'a', 0);
    const token = tokenOf('hopper');
    join('hopper', 'b', 0);
    join('successor', 'a', 0, token);
    join('hopper', 'c', 0);
    const seat = games.seatOf('successor');
    expect(seat && games.find(seat.game, 0)).toBe(seat);
  });

  it('does not touch its former seat once that ran out and another player has it', () => {
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

  it('does not touch a game that others opened under the id of one that was evicted', () => {
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

  it('lets a game that others opened under that id, and left, give way', () => {
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

describe('a game that one player left', () => {
  it('gives way to no other game while somebody sits in it', () => {
    const { games, join } = startGames({ maxGames: 1 });
    join('one', 'a', 0);
    join('two', 'a', 1);
    games.leave('one');
    expect(join('newcomer', 'b', 0)).toEqual({ ok: false, reason: 'server-full' });
  });
});

describe('a game that all players left', () => {
  it('gives way to no other game once somebody is back', () => {
    const { games, join, tokenOf } = startGames({ maxGames: 1 });
    join('one', 'a', 0);
    const token = tokenOf('one');
    games.leave('one');
    join('one again', 'a', 0, token);
    expect(join('newcomer', 'b', 0)).toEqual({ ok: false, reason: 'server-full' });
    games.leave('one again');
    expect(join('newcomer', 'b', 0)).toMatchObject({ ok: true });
  });

  it('gives way later than a game that never started, even if that was left after it', () => {
    const { games, join, tokenOf } = startGames({ maxGames: 2 });
    join('one', 'begun', 0);
    join('two', 'begun', 1);
    const token = tokenOf('one');
    join('three', 'never begun', 0);
    for (const holder of ['one', 'two', 'three']) games.leave(holder);
    expect(join('newcomer', 'c', 0)).toMatchObject({ ok: true });
    expect(join('one again', 'begun', 0, token)).toMatchObject({ ok: true, resumed: true });
  });

  it('gives way only once: there are never more games than allowed', () => {
    const { games, join } = startGames({ maxGames: 1 });
    for (const game of ['a', 'b', 'c']) {
      expect(join(`of ${game}`, game, 0)).toMatchObject({ ok: true });
      games.leave(`of ${game}`);
    }
    expect(games.size).toBe(1);
  });

  it('is held for its players from the moment they left, however long the relay has been running', () => {
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
  it('is no longer paused when it starts, whoever sits in it then', () => {
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
