/** Positions and speeds are integers in units of 1/256, because integer arithmetic gives the same results in every browser. */
export const SUB = 256;

export const ARENA_WIDTH = 640 * SUB;
export const ARENA_HEIGHT = 400 * SUB;

export const SHIP_RADIUS = 15 * SUB;
export const SHIP_THRUST = 88;
export const SHIP_TOP_SPEED = 4 * SUB;
/** A ship keeps 15/16 of its speed per frame while nobody thrusts on that axis. */
export const SHIP_DRAG = { keep: 15, of: 16 } as const;
/** How far a ship may fly from its own edge towards the middle. */
export const SHIP_ZONE = 220 * SUB;
export const SHIP_MARGIN = 26 * SUB;
/** How far from its own edge a ship starts a round. */
export const SHIP_START = 96 * SUB;
export const SHIELDS = 3;
export const SAFE_FRAMES = 60;

export const ENERGY_FULL = 120;
export const ENERGY_PER_BOLT = 24;
export const FIRE_COOLDOWN = 11;
export const BOLT_SPEED = 7 * SUB;
export const BOLT_RADIUS = 4 * SUB;
export const BOLT_FRAMES = 210;
/** Limits the size of the state. Shots beyond it are not fired. */
export const MAX_BOLTS = 24;

export const READY_FRAMES = 75;
export const OVER_FRAMES = 110;

export const BARRIER_HALF_WIDTH = 5 * SUB;
export const BARRIER_HALF_HEIGHT = 38 * SUB;
const BARRIER_TRAVEL = 280;
const BARRIER_TOP = 60;

export interface Barrier {
  readonly x: number;
  readonly y: number;
}

/** Two mirrors move up and down in opposite directions. Their position depends only on the frame. */
export function barriersAt(frame: number): readonly [Barrier, Barrier] {
  const phase = frame % (2 * BARRIER_TRAVEL);
  const travelled = phase < BARRIER_TRAVEL ? phase : 2 * BARRIER_TRAVEL - phase;
  const y = (BARRIER_TOP + travelled) * SUB;
  return [
    { x: 296 * SUB, y },
    { x: 344 * SUB, y: ARENA_HEIGHT - y },
  ];
}
