import {
  ARENA_HEIGHT,
  ARENA_WIDTH,
  BARRIER_HALF_HEIGHT,
  BARRIER_HALF_WIDTH,
  BOLT_FRAMES,
  BOLT_RADIUS,
  BOLT_SPEED,
  barriersAt,
  ENERGY_FULL,
  ENERGY_PER_BOLT,
  FIRE_COOLDOWN,
  MAX_BOLTS,
  OVER_FRAMES,
  READY_FRAMES,
  SAFE_FRAMES,
  SHIELDS,
  SHIP_DRAG,
  SHIP_MARGIN,
  SHIP_RADIUS,
  SHIP_START,
  SHIP_THRUST,
  SHIP_TOP_SPEED,
  SHIP_ZONE,
} from './arena';

export type Seat = 0 | 1;
export const SEATS: readonly Seat[] = [0, 1];

/** The bits of one player's input in one frame. */
export const Input = { up: 1, down: 2, left: 4, right: 8, fire: 16 } as const;

export interface Ship {
  x: number;
  y: number;
  vx: number;
  vy: number;
  shields: number;
  energy: number;
  cooldown: number;
  /** Frames left in which this ship cannot be hit again. */
  safe: number;
}

export interface Bolt {
  owner: Seat;
  x: number;
  y: number;
  vx: number;
  vy: number;
  life: number;
}

export interface DuelState {
  frame: number;
  phase: 'ready' | 'play' | 'over';
  /** Remaining frames in `ready` and `over`, elapsed frames in `play`. */
  phaseFrames: number;
  round: number;
  wins: [number, number];
  lastWinner: Seat | null;
  ships: [Ship, Ship];
  bolts: Bolt[];
}

export function createState(wins: readonly [number, number] = [0, 0]): DuelState {
  return {
    frame: 0,
    phase: 'ready',
    phaseFrames: READY_FRAMES,
    round: wins[0] + wins[1] + 1,
    wins: [wins[0], wins[1]],
    lastWinner: null,
    ships: [freshShip(0), freshShip(1)],
    bolts: [],
  };
}

/** Advances the state by one frame. The same state and inputs give the same result on every machine. */
export function step(state: DuelState, inputs: readonly [number, number]): void {
  state.frame += 1;
  for (const seat of SEATS) moveShip(state.ships[seat], seat, inputs[seat]);
  if (state.phase === 'play') {
    state.phaseFrames += 1;
    for (const seat of SEATS) fire(state, seat, inputs[seat]);
    moveBolts(state);
    settle(state);
    return;
  }
  if (state.phase === 'over') moveBolts(state);
  state.phaseFrames -= 1;
  if (state.phaseFrames > 0) return;
  if (state.phase === 'ready') enter(state, 'play', 0);
  else nextRound(state);
}

/** FNV-1a over every number of the state. Different hashes on the two sides mean a desync. */
export function hashState(state: DuelState): number {
  let hash = 0x811c9dc5;
  const add = (value: number): void => {
    for (let shift = 0; shift < 32; shift += 8) {
      hash = Math.imul(hash ^ ((value >>> shift) & 0xff), 0x01000193);
    }
  };
  const phase = state.phase === 'ready' ? 0 : state.phase === 'play' ? 1 : 2;
  for (const value of [state.frame, phase, state.phaseFrames, state.round, ...state.wins]) add(value);
  add(state.lastWinner ?? 2);
  for (const s of state.ships)
    for (const v of [s.x, s.y, s.vx, s.vy, s.shields, s.energy, s.cooldown, s.safe]) add(v);
  add(state.bolts.length);
  for (const b of state.bolts) for (const v of [b.owner, b.x, b.y, b.vx, b.vy, b.life]) add(v);
  return hash >>> 0;
}

function freshShip(seat: Seat): Ship {
  const x = SHIP_START;
  return {
    x: seat === 0 ? x : ARENA_WIDTH - x,
    y: ARENA_HEIGHT / 2,
    vx: 0,
    vy: 0,
    shields: SHIELDS,
    energy: ENERGY_FULL,
    cooldown: 0,
    safe: 0,
  };
}

function moveShip(ship: Ship, seat: Seat, input: number): void {
  ship.vx = steer(ship.vx, axis(input, Input.left, Input.right));
  ship.vy = steer(ship.vy, axis(input, Input.up, Input.down));
  const near = seat === 0 ? SHIP_MARGIN : ARENA_WIDTH - SHIP_ZONE;
  const far = seat === 0 ? SHIP_ZONE : ARENA_WIDTH - SHIP_MARGIN;
  [ship.x, ship.vx] = within(ship.x + ship.vx, ship.vx, near, far);
  [ship.y, ship.vy] = within(ship.y + ship.vy, ship.vy, SHIP_MARGIN, ARENA_HEIGHT - SHIP_MARGIN);
  ship.energy = Math.min(ENERGY_FULL, ship.energy + 1);
  ship.cooldown = Math.max(0, ship.cooldown - 1);
  ship.safe = Math.max(0, ship.safe - 1);
}

function axis(input: number, minus: number, plus: number): number {
  return ((input & plus) === 0 ? 0 : 1) - ((input & minus) === 0 ? 0 : 1);
}

function steer(speed: number, thrust: number): number {
  if (thrust === 0) return Math.trunc((speed * SHIP_DRAG.keep) / SHIP_DRAG.of);
  return Math.max(-SHIP_TOP_SPEED, Math.min(SHIP_TOP_SPEED, speed + thrust * SHIP_THRUST));
}

function within(position: number, speed: number, low: number, high: number): [number, number] {
  if (position < low) return [low, 0];
  if (position > high) return [high, 0];
  return [position, speed];
}

function fire(state: DuelState, seat: Seat, input: number): void {
  const ship = state.ships[seat];
  const ready = ship.cooldown === 0 && ship.energy >= ENERGY_PER_BOLT && state.bolts.length < MAX_BOLTS;
  if ((input & Input.fire) === 0 || !ready) return;
  ship.cooldown = FIRE_COOLDOWN;
  ship.energy -= ENERGY_PER_BOLT;
  const way = seat === 0 ? 1 : -1;
  state.bolts.push({
    owner: seat,
    x: ship.x + way * (SHIP_RADIUS + 2 * BOLT_RADIUS),
    y: ship.y,
    vx: way * BOLT_SPEED,
    vy: Math.trunc(ship.vy / 2),
    life: BOLT_FRAMES,
  });
}

function moveBolts(state: DuelState): void {
  for (const bolt of state.bolts) {
    bolt.x += bolt.vx;
    bolt.y += bolt.vy;
    bolt.life -= 1;
    if (bolt.y < BOLT_RADIUS || bolt.y > ARENA_HEIGHT - BOLT_RADIUS) {
      bolt.y = Math.max(BOLT_RADIUS, Math.min(ARENA_HEIGHT - BOLT_RADIUS, bolt.y));
      bolt.vy = -bolt.vy;
    }
    for (const barrier of barriersAt(state.frame)) bounce(bolt, barrier.x, barrier.y);
    for (const seat of SEATS) hit(state.ships[seat], bolt);
  }
  state.bolts = state.bolts.filter(
    (b) => b.life > 0 && b.x > -BOLT_RADIUS && b.x < ARENA_WIDTH + BOLT_RADIUS,
  );
}

function bounce(bolt: Bolt, x: number, y: number): void {
  const reach = BARRIER_HALF_WIDTH + BOLT_RADIUS;
  if (Math.abs(bolt.x - x) >= reach || Math.abs(bolt.y - y) >= BARRIER_HALF_HEIGHT + BOLT_RADIUS) return;
  bolt.x = bolt.vx > 0 ? x - reach : x + reach;
  bolt.vx = -bolt.vx;
}

function hit(ship: Ship, bolt: Bolt): void {
  const dx = ship.x - bolt.x;
  const dy = ship.y - bolt.y;
  const reach = SHIP_RADIUS + BOLT_RADIUS;
  if (bolt.life <= 0 || dx * dx + dy * dy >= reach * reach) return;
  bolt.life = 0;
  if (ship.safe > 0 || ship.shields === 0) return;
  ship.shields -= 1;
  ship.safe = SAFE_FRAMES;
}

function settle(state: DuelState): void {
  const [left, right] = state.ships;
  if (left.shields > 0 && right.shields > 0) return;
  state.lastWinner = left.shields > 0 ? 0 : right.shields > 0 ? 1 : null;
  if (state.lastWinner !== null) state.wins[state.lastWinner] += 1;
  enter(state, 'over', OVER_FRAMES);
}

function nextRound(state: DuelState): void {
  state.round += 1;
  state.ships = [freshShip(0), freshShip(1)];
  state.bolts = [];
  enter(state, 'ready', READY_FRAMES);
}

function enter(state: DuelState, phase: DuelState['phase'], phaseFrames: number): void {
  state.phase = phase;
  state.phaseFrames = phaseFrames;
}
