import {
  ARENA_HEIGHT,
  ARENA_WIDTH,
  BARRIER_HALF_HEIGHT,
  BARRIER_HALF_WIDTH,
  BOLT_RADIUS,
  barriersAt,
  ENERGY_FULL,
  SHIELDS,
  SHIP_RADIUS,
  SHIP_ZONE,
  SUB,
} from './arena';
import { type Bolt, createState, type DuelState, SEATS, type Seat, type Ship } from './simulation';
import { Sparks } from './sparks';

const COLOURS = ['#67d8ff', '#ffb45c'] as const;
const LINE = '#1b2547';
const MIRROR = '#c9d3ff';
const WIDTH = ARENA_WIDTH / SUB;
const HEIGHT = ARENA_HEIGHT / SUB;
const RADIUS = SHIP_RADIUS / SUB;
const LABEL_SIZE = 13;
/** Minimum size in px of the screen, because on a phone the arena is drawn at less than half its size. */
const MIN_LABEL_PX = 11;

/** Draws a state without changing it. Visual effects live here and not in the simulation. */
export class View {
  readonly #canvas: HTMLCanvasElement;
  readonly #context: CanvasRenderingContext2D;
  readonly #sparks = new Sparks();
  readonly #empty = createState();
  readonly #still: MediaQueryList;
  #shields: [number, number] = [SHIELDS, SHIELDS];
  #labelSize = LABEL_SIZE;
  #ratio = 0;

  constructor(canvas: HTMLCanvasElement, context: CanvasRenderingContext2D) {
    this.#canvas = canvas;
    this.#context = context;
    this.#still = matchMedia('(prefers-reduced-motion: reduce)');
    new ResizeObserver(() => this.#resize()).observe(canvas);
  }

  /** Without a match it draws only the ships. `isCovered` leaves out text that would shine through a screen. */
  draw(match: DuelState | null, us: Seat | null, isCovered: boolean): void {
    const state = match ?? this.#empty;
    // A window that moves to another screen may change its pixel ratio, which the observer does not notice.
    if (this.#ratio !== devicePixelRatio) this.#resize();
    const c = this.#context;
    const scale = this.#canvas.width / WIDTH;
    c.setTransform(scale, 0, 0, scale, 0, 0);
    c.clearRect(0, 0, WIDTH, HEIGHT);
    drawGround(c);
    for (const { x, y } of barriersAt(state.frame)) drawMirror(c, x / SUB, y / SUB);
    for (const bolt of state.bolts) drawBolt(c, bolt);
    for (const seat of SEATS) this.#drawShip(state, seat, seat === us);
    this.#burst(state);
    this.#sparks.draw(c);
    if (match?.phase === 'ready' && !isCovered) drawReady(c, state.phaseFrames);
  }

  #resize(): void {
    this.#ratio = devicePixelRatio;
    const ratio = Math.min(2, devicePixelRatio);
    this.#canvas.width = Math.max(1, Math.round(this.#canvas.clientWidth * ratio));
    this.#canvas.height = Math.max(1, Math.round(this.#canvas.clientHeight * ratio));
    this.#labelSize = Math.max(LABEL_SIZE, MIN_LABEL_PX / (this.#canvas.width / ratio / WIDTH));
  }

  /** Shows a hit wherever a shield was lost since the last frame. */
  #burst(state: DuelState): void {
    for (const seat of SEATS) {
      const ship = state.ships[seat];
      if (ship.shields < this.#shields[seat] && !this.#still.matches) {
        this.#sparks.burst(ship.x / SUB, ship.y / SUB, COLOURS[seat], ship.shields === 0 ? 70 : 22);
      }
      this.#shields[seat] = ship.shields;
    }
  }

  #drawShip(state: DuelState, seat: Seat, own: boolean): void {
    const ship = state.ships[seat];
    if (ship.shields === 0) return;
    const c = this.#context;
    const blink = ship.safe > 0 && !this.#still.matches && Math.floor(ship.safe / 5) % 2 === 0;
    c.save();
    c.translate(ship.x / SUB, ship.y / SUB);
    drawShields(c, ship, seat);
    drawEnergy(c, ship, seat);
    if (own) drawLabel(c, 'you', ship.y / SUB, this.#labelSize);
    c.scale(seat === 0 ? 1 : -1, 1);
    c.rotate(ship.vy / SUB / 16);
    c.globalAlpha = blink || (ship.safe > 0 && this.#still.matches) ? 0.4 : 1;
    drawFlame(c, (seat === 0 ? 1 : -1) * ship.vx);
    drawHull(c, COLOURS[seat]);
    c.restore();
  }
}

function drawGround(c: CanvasRenderingContext2D): void {
  c.strokeStyle = LINE;
  c.lineWidth = 1;
  c.beginPath();
  for (let x = 40; x < WIDTH; x += 40) line(c, x, 0, x, HEIGHT);
  for (let y = 40; y < HEIGHT; y += 40) line(c, 0, y, WIDTH, y);
  c.stroke();
  const zone = SHIP_ZONE / SUB;
  c.setLineDash([4, 8]);
  [zone, WIDTH - zone].forEach((x, seat) => {
    c.strokeStyle = `${COLOURS[seat === 0 ? 0 : 1]}66`;
    c.beginPath();
    line(c, x, 0, x, HEIGHT);
    c.stroke();
  });
  c.setLineDash([]);
}

function line(c: CanvasRenderingContext2D, x1: number, y1: number, x2: number, y2: number): void {
  c.moveTo(x1, y1);
  c.lineTo(x2, y2);
}

function drawMirror(c: CanvasRenderingContext2D, x: number, y: number): void {
  const w = BARRIER_HALF_WIDTH / SUB;
  const h = BARRIER_HALF_HEIGHT / SUB;
  c.fillStyle = '#27335f';
  c.strokeStyle = MIRROR;
  c.lineWidth = 1.5;
  c.beginPath();
  // Not roundRect(), which is newer than everything else that the game needs.
  c.arc(x, y - h + w, w, Math.PI, 0);
  c.arc(x, y + h - w, w, 0, Math.PI);
  c.closePath();
  c.fill();
  c.stroke();
}

function drawBolt(c: CanvasRenderingContext2D, bolt: Bolt): void {
  const x = bolt.x / SUB;
  const y = bolt.y / SUB;
  c.strokeStyle = COLOURS[bolt.owner];
  c.lineCap = 'round';
  c.lineWidth = 2;
  c.globalAlpha = 0.45;
  c.beginPath();
  line(c, x, y, x - (bolt.vx / SUB) * 3, y - (bolt.vy / SUB) * 3);
  c.stroke();
  c.globalAlpha = 1;
  c.fillStyle = '#ffffff';
  c.strokeStyle = COLOURS[bolt.owner];
  c.beginPath();
  c.arc(x, y, BOLT_RADIUS / SUB - 1, 0, 2 * Math.PI);
  c.fill();
  c.stroke();
}

function drawHull(c: CanvasRenderingContext2D, colour: string): void {
  c.fillStyle = colour;
  c.beginPath();
  c.moveTo(RADIUS, 0);
  c.lineTo(-RADIUS * 0.8, -RADIUS * 0.85);
  c.lineTo(-RADIUS * 0.4, 0);
  c.lineTo(-RADIUS * 0.8, RADIUS * 0.85);
  c.closePath();
  c.fill();
  c.fillStyle = '#0a0f1f';
  c.beginPath();
  c.arc(RADIUS * 0.1, 0, 3, 0, 2 * Math.PI);
  c.fill();
}

function drawFlame(c: CanvasRenderingContext2D, forward: number): void {
  if (forward <= 0) return;
  const length = 4 + (forward / SUB) * 3;
  c.fillStyle = '#fff1c9';
  c.beginPath();
  c.moveTo(-RADIUS * 0.5, -4);
  c.lineTo(-RADIUS * 0.5 - length, 0);
  c.lineTo(-RADIUS * 0.5, 4);
  c.fill();
}

/** One arc for each remaining shield, on the side that faces the other ship. */
function drawShields(c: CanvasRenderingContext2D, ship: Ship, seat: Seat): void {
  const middle = seat === 0 ? 0 : Math.PI;
  const spread = 0.62;
  c.lineWidth = 3;
  c.lineCap = 'round';
  for (let i = 0; i < SHIELDS; i += 1) {
    const at = middle + (i - (SHIELDS - 1) / 2) * spread;
    c.strokeStyle = i < ship.shields ? COLOURS[seat] : '#33406b';
    c.beginPath();
    c.arc(0, 0, RADIUS + 8, at - spread * 0.38, at + spread * 0.38);
    c.stroke();
  }
}

function drawEnergy(c: CanvasRenderingContext2D, ship: Ship, seat: Seat): void {
  const height = 28;
  const x = (seat === 0 ? -1 : 1) * (RADIUS + 10);
  const filled = (ship.energy / ENERGY_FULL) * height;
  c.fillStyle = '#33406b';
  c.fillRect(x - 1.5, -height / 2, 3, height);
  c.fillStyle = '#ffffff';
  c.fillRect(x - 1.5, height / 2 - filled, 3, filled);
}

function drawLabel(c: CanvasRenderingContext2D, text: string, y: number, size: number): void {
  c.fillStyle = '#eef2ff';
  c.font = `600 ${size}px system-ui, sans-serif`;
  c.textAlign = 'center';
  c.fillText(text, 0, y > HEIGHT - 60 ? -RADIUS - 14 : RADIUS + 11 + size);
}

function drawReady(c: CanvasRenderingContext2D, framesLeft: number): void {
  c.fillStyle = '#eef2ff';
  c.font = '700 34px system-ui, sans-serif';
  c.textAlign = 'center';
  c.lineWidth = 10;
  c.lineJoin = 'round';
  c.strokeStyle = '#070b18';
  const text = framesLeft > 20 ? 'Get ready' : 'Go!';
  c.strokeText(text, WIDTH / 2, HEIGHT / 2);
  c.fillText(text, WIDTH / 2, HEIGHT / 2);
}
