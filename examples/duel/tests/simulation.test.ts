import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ARENA_HEIGHT, ARENA_WIDTH, MAX_BOLTS, READY_FRAMES, SHIELDS } from '../src/arena';
import { createState, type DuelState, hashState, Input, step } from '../src/simulation';

const inputs = fc.array(fc.tuple(fc.integer({ min: 0, max: 31 }), fc.integer({ min: 0, max: 31 })), {
  maxLength: 900,
});

function play(moves: readonly (readonly [number, number])[]): DuelState {
  const state = createState();
  for (const move of moves) step(state, move);
  return state;
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

  it('holds whole numbers inside the arena and a bounded number of bolts', () => {
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

  it('is fair: mirrored inputs keep the ships mirrored until the mirrors are in play', () => {
    const state = play(
      Array.from({ length: READY_FRAMES }, () => [Input.up | Input.right, Input.up | Input.left]),
    );
    const [left, right] = state.ships;
    expect({ x: left.x, y: left.y }).toEqual({ x: ARENA_WIDTH - right.x, y: right.y });
  });

  it('tells any two different frames apart', () => {
    const state = createState();
    const before = hashState(state);
    step(state, [0, 0]);
    expect(hashState(state)).not.toBe(before);
  });

  it('gives the round to the ship that is left and begins the next one', () => {
    const state = createState();
    while (state.phase === 'ready') step(state, [0, 0]);
    state.ships[1].shields = 1;
    state.bolts.push({
      owner: 0,
      x: state.ships[1].x - 4000,
      y: state.ships[1].y,
      vx: 1792,
      vy: 0,
      life: 50,
    });
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

  it('lets a bolt come back from a mirror and hit the ship that fired it', () => {
    const state = createState();
    while (state.phase === 'ready') step(state, [0, 0]);
    const own = state.ships[0];
    state.bolts.push({ owner: 0, x: own.x + 6000, y: own.y, vx: -1792, vy: 0, life: 50 });
    for (let i = 0; i < 10; i += 1) step(state, [0, 0]);
    expect(own.shields).toBe(SHIELDS - 1);
  });
});
