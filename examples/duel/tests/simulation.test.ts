import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  ARENA_HEIGHT,
  ARENA_WIDTH,
  barriersAt,
  ENERGY_FULL,
  ENERGY_PER_BOLT,
  FIRE_COOLDOWN,
  MAX_BOLTS,
  READY_FRAMES,
  SAFE_FRAMES,
  SHIELDS,
} from '../src/arena';
import { type Bolt, createState, type DuelState, hashState, Input, type Seat, step } from '../src/simulation';

const inputs = fc.array(fc.tuple(fc.integer({ min: 0, max: 31 }), fc.integer({ min: 0, max: 31 })), {
  maxLength: 900,
});

function play(moves: readonly (readonly [number, number])[]): DuelState {
  const state = createState();
  for (const move of moves) step(state, move);
  return state;
}

/** A state after the start. */
function begun(): DuelState {
  const state = createState();
  while (state.phase === 'ready') step(state, [0, 0]);
  return state;
}

/** A bolt that is about to hit this ship. */
function boltAt({ ships }: DuelState, seat: Seat): Bolt {
  return { owner: seat, x: ships[seat].x - 4_000, y: ships[seat].y, vx: 1_792, vy: 0, life: 50 };
}

function numbersOf(state: DuelState): number[] {
  return [...state.ships, ...state.bolts].flatMap((thing) => Object.values(thing));
}

describe('the simulation', () => {
  it('gives equal states for equal inputs', () => {
    fc.assert(
      fc.property(inputs, (moves) => {
        expect(hashState(play(moves))).toBe(hashState(play(moves)));
      }),
      { numRuns: 40 },
    );
  });

  it('has only whole numbers, ships inside the arena and a limited number of bolts', () => {
    fc.assert(
      fc.property(inputs, (moves) => {
        const state = play(moves);
        expect(numbersOf(state).every(Number.isInteger)).toBe(true);
        expect(state.ships.every((s) => s.x > 0 && s.x < ARENA_WIDTH && s.y > 0 && s.y < ARENA_HEIGHT)).toBe(
          true,
        );
        expect(state.bolts.length).toBeLessThanOrEqual(MAX_BOLTS);
      }),
      { numRuns: 40 },
    );
  });

  it.each<[key: Exclude<keyof typeof Input, 'fire'>, dx: number, dy: number]>([
    ['up', 0, -1],
    ['down', 0, 1],
    ['left', -1, 0],
    ['right', 1, 0],
  ])('flies a ship %s while that is pressed, and then lets it come to rest', (key, dx, dy) => {
    const state = createState();
    const { x, y } = state.ships[1];
    for (let i = 0; i < 10; i += 1) step(state, [0, Input[key]]);
    const ship = state.ships[1];
    expect([Math.sign(ship.x - x), Math.sign(ship.y - y)]).toEqual([dx, dy]);
    for (let i = 0; i < 100; i += 1) step(state, [0, 0]);
    expect([ship.vx, ship.vy].map(Math.abs)).toEqual([0, 0]);
  });

  it('is fair: ships start mirrored, and mirrored inputs keep them so until play starts', () => {
    const state = createState();
    const expectMirrored = () => {
      const [left, right] = state.ships;
      expect({ ...right, x: ARENA_WIDTH - right.x, vx: 0 - right.vx }).toEqual(left);
      expect(left.x).toBeLessThan(right.x);
    };
    expectMirrored();
    for (let i = 0; i < READY_FRAMES; i += 1) {
      step(state, [Input.up | Input.right, Input.up | Input.left]);
      expectMirrored();
    }
  });

  it('continues with the score and the round number with which a match starts', () => {
    const { wins, round, frame } = createState([2, 1]);
    expect({ wins, round, frame }).toEqual({ wins: [2, 1], round: 4, frame: 0 });
  });

  it('gives any two states different hashes, in whichever number they differ', () => {
    const state = begun();
    state.bolts.push(boltAt(state, 0), boltAt(state, 1));
    const others: DuelState[] = [
      { ...structuredClone(state), phase: 'ready' },
      { ...structuredClone(state), phase: 'over' },
      { ...structuredClone(state), lastWinner: 0 },
      { ...structuredClone(state), lastWinner: 1 },
    ];
    const differ = (pick: (copy: DuelState) => object) => {
      for (const [name, value] of Object.entries(pick(state))) {
        if (typeof value !== 'number') continue;
        for (const bit of [0, 8, 16, 24]) {
          const other = structuredClone(state);
          Reflect.set(pick(other), name, value ^ (1 << bit));
          others.push(other);
        }
      }
    };
    const seats: readonly Seat[] = [0, 1];
    for (const pick of [(copy: DuelState) => copy, ({ wins }: DuelState) => wins]) differ(pick);
    for (const seat of seats) differ(({ ships }) => ships[seat]);
    for (const seat of seats) differ(({ bolts }) => bolts[seat] ?? expect.fail('no bolt'));
    const hashes = [state, ...others].map(hashState);
    expect(hashes).toHaveLength(1 + 4 + 4 * (3 + 2 + 2 * 8 + 2 * 6));
    expect(new Set(hashes).size).toBe(hashes.length);
  });

  it('gives the round to the surviving ship and starts the next one', () => {
    const state = begun();
    state.ships[1].shields = 1;
    state.bolts.push(boltAt(state, 1));
    while (state.phase === 'play') step(state, [0, 0]);
    expect({ phase: state.phase, wins: state.wins, lastWinner: state.lastWinner }).toEqual({
      phase: 'over',
      wins: [1, 0],
      lastWinner: 0,
    });
    while (state.round === 1) step(state, [0, 0]);
    expect({ round: state.round, shields: state.ships.map((s) => s.shields), bolts: state.bolts }).toEqual({
      round: 2,
      shields: [SHIELDS, SHIELDS],
      bolts: [],
    });
  });

  it('lets a bolt return from a mirror and hit the ship that fired it', () => {
    const state = begun();
    const own = state.ships[0];
    state.bolts.push({ owner: 0, x: own.x + 6000, y: own.y, vx: -1792, vy: 0, life: 50 });
    for (let i = 0; i < 10; i += 1) step(state, [0, 0]);
    expect(own.shields).toBe(SHIELDS - 1);
  });

  it.each<[way: string, vx: number]>([
    ['right', 1_792],
    ['left', -1_792],
  ])('reflects a bolt that flies %s into either mirror', (_way, vx) => {
    for (const mirror of [0, 1] as const) {
      const state = begun();
      const { x, y } = barriersAt(state.frame + 1)[mirror];
      state.bolts.push({ owner: 0, x: x - vx, y, vx, vy: 0, life: 50 });
      step(state, [0, 0]);
      expect(state.bolts).toMatchObject([{ vx: -vx }]);
      expect(Math.sign((state.bolts[0]?.x ?? x) - x)).toBe(-Math.sign(vx));
    }
  });

  it('gives nobody the round if both ships lose their last shield at once', () => {
    const state = begun();
    for (const ship of state.ships) ship.shields = 1;
    state.bolts.push(boltAt(state, 0), boltAt(state, 1));
    while (state.phase === 'play') step(state, [0, 0]);
    expect({ wins: state.wins, lastWinner: state.lastWinner }).toEqual({ wins: [0, 0], lastWinner: null });
  });

  it('protects a ship for a second after a hit, and removes bolts that hit it meanwhile', () => {
    const state = begun();
    const shieldsAfter = (frames: number) => {
      state.bolts = [];
      for (let i = 0; i < frames; i += 1) step(state, [0, 0]);
      state.bolts = [boltAt(state, 1)];
      step(state, [0, 0]);
      return [state.ships[1].shields, state.bolts.length];
    };
    expect([shieldsAfter(0), shieldsAfter(SAFE_FRAMES - 2), shieldsAfter(0)]).toEqual([
      [SHIELDS - 1, 0],
      [SHIELDS - 1, 0],
      [SHIELDS - 2, 0],
    ]);
  });

  it('lets nobody fire before the start, more often than the gun cools, or without energy', () => {
    const state = createState();
    const fired = (seat: Seat) => state.bolts.filter(({ owner }) => owner === seat).length;
    for (let i = 0; i < READY_FRAMES; i += 1) step(state, [Input.fire, 0]);
    expect([state.phase, state.frame, fired(0)]).toEqual(['play', READY_FRAMES, 0]);
    for (let i = 0; i < FIRE_COOLDOWN; i += 1) step(state, [Input.fire, 0]);
    expect([fired(0), state.ships[0].energy]).toEqual([1, ENERGY_FULL - ENERGY_PER_BOLT + FIRE_COOLDOWN - 1]);
    step(state, [Input.fire, 0]);
    expect(fired(0)).toBe(2);
    state.ships[1].energy = ENERGY_PER_BOLT - 2;
    step(state, [0, Input.fire]);
    expect(fired(1)).toBe(0);
    step(state, [0, Input.fire]);
    expect([fired(1), state.ships[1].energy]).toEqual([1, 0]);
  });
});
