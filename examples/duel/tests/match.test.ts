import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { INPUT_DELAY_FRAMES, Match } from '../src/match';
import { decodePacket, encodePacket, REPEATED_INPUTS } from '../src/packet';
import { hashState, type Seat } from '../src/simulation';

interface Envelope {
  readonly to: Seat;
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly due: number;
}

/** What happens to the next packet: dropped, sent twice, or late by so many ticks. */
interface Fate {
  readonly drop: boolean;
  readonly twice: boolean;
  readonly late: number;
}

const fates = fc.array(
  fc.record({
    drop: fc.integer({ min: 0, max: 9 }).map((n) => n < 4),
    twice: fc.boolean(),
    late: fc.integer({ min: 0, max: 9 }),
  }),
  { minLength: 1, maxLength: 60 },
);

/** Two matches with a bad network between them, driven tick by tick. */
class Arena {
  readonly matches: [Match, Match];
  /** How far each page's clock is behind the arena's; a reload restarts it. */
  readonly clocks: [number, number] = [0, 0];
  readonly desyncs: number[] = [];
  /** The hash of each frame that a side has played. */
  readonly hashes: [Map<number, number>, Map<number, number>] = [new Map(), new Map()];
  readonly #fates: readonly Fate[];
  #flying: Envelope[] = [];
  #sent = 0;
  #seed = 1;
  now = 0;

  constructor(fateList: readonly Fate[] = [{ drop: false, twice: false, late: 0 }]) {
    this.#fates = fateList;
    this.matches = [this.open(0), this.open(1)];
  }

  open(seat: Seat): Match {
    return new Match({
      seat,
      random: () => {
        this.#seed = (Math.imul(this.#seed, 48271) >>> 0) % 0x7fff_ffff;
        return this.#seed / 0x7fff_ffff;
      },
      send: (bytes) => this.#post(seat === 0 ? 1 : 0, bytes),
      onFrame: (state) => void this.hashes[seat].set(state.frame, hashState(state)),
      onDesync: (frame) => void this.desyncs.push(frame),
    });
  }

  run(ticks: number, input: (seat: Seat, tick: number) => number = () => 0): void {
    for (let i = 0; i < ticks; i += 1) {
      this.now += 1;
      this.matches[0].tick(this.#clock(0, 0), input(0, this.now));
      if (this.now % 7 !== 0) this.matches[1].tick(this.#clock(1, 5), input(1, this.now));
      this.#deliver();
    }
  }

  frames(): (number | undefined)[] {
    return this.matches.map((m) => m.state?.frame);
  }

  #clock(seat: Seat, intoTickMs: number): number {
    return this.now * 16 - this.clocks[seat] + intoTickMs;
  }

  #post(to: Seat, bytes: Uint8Array<ArrayBuffer>): boolean {
    const fate = this.#fates[this.#sent++ % this.#fates.length];
    if (fate === undefined || fate.drop) return true;
    this.#flying.push({ to, bytes, due: this.now + fate.late });
    if (fate.twice) this.#flying.push({ to, bytes, due: this.now + fate.late + 3 });
    return true;
  }

  #deliver(): void {
    const due = this.#flying.filter((e) => e.due <= this.now);
    this.#flying = this.#flying.filter((e) => e.due > this.now);
    for (const { to, bytes } of due) this.matches[to].receive(bytes, this.#clock(to, 8));
  }
}

const scramble = (seat: Seat, tick: number): number => Math.imul(tick + seat * 977, 0x9e3779b1) >>> 27;

describe('two matches over a bad network', () => {
  it('stay equal at each frame, with loss, reordering and repeats', () => {
    fc.assert(
      fc.property(fates, (list) => {
        const arena = new Arena(list);
        arena.run(400, scramble);
        expect(arena.desyncs).toEqual([]);
        const [ours, theirs] = arena.hashes;
        for (const [frame, hash] of ours) expect(theirs.get(frame) ?? hash).toBe(hash);
      }),
      { numRuns: 40 },
    );
  });

  it('continue after a long silence, because one packet contains all missing inputs', () => {
    const dead = Array.from({ length: 300 }, () => ({ drop: true, twice: false, late: 0 }));
    const fine = Array.from({ length: 300 }, () => ({ drop: false, twice: false, late: 0 }));
    const arena = new Arena([...fine, ...dead]);
    arena.run(140, scramble);
    const before = arena.frames();
    arena.run(480, scramble);
    expect(arena.desyncs).toEqual([]);
    arena.frames().forEach((frame, seat) => {
      expect(frame).toBeGreaterThan((before[seat] ?? 0) + 100);
    });
    expect(REPEATED_INPUTS).toBeGreaterThanOrEqual(2 * INPUT_DELAY_FRAMES + 2);
  });

  it('measure the round trip with their own packets', () => {
    const arena = new Arena();
    arena.run(120);
    expect(arena.matches[0].rttMs).toBeGreaterThanOrEqual(0);
    expect(arena.matches[0].rttMs).toBeLessThan(40);
  });
});

describe('a page that reloads', () => {
  it('starts a new match with the score that the other page kept', () => {
    const arena = new Arena();
    arena.run(60);
    for (const { state } of arena.matches) if (state !== null) state.wins = [2, 1];
    arena.run(10);
    arena.matches[1] = arena.open(1);
    arena.clocks[1] = arena.now * 16;
    arena.run(60);
    expect(arena.matches.map((m) => m.state?.wins)).toEqual([
      [2, 1],
      [2, 1],
    ]);
    arena.run(60);
    expect(arena.desyncs).toEqual([]);
    for (const match of arena.matches) expect(match.rttMs).not.toBeNull();
  });
});

describe('states that drift apart', () => {
  it('are detected by their hashes, and a new match starts', () => {
    const arena = new Arena();
    arena.run(100);
    const ship = arena.matches[0].state?.ships[0];
    if (ship !== undefined) ship.energy -= 7;
    arena.run(100);
    expect(arena.desyncs.length).toBeGreaterThan(0);
    arena.run(100);
    const [a, b] = arena.matches;
    expect(a.state?.ships[0].energy).toBe(b.state?.ships[0].energy);
    expect(a.state).not.toBeNull();
  });
});

describe('hostile packets', () => {
  it('are counted and change nothing', () => {
    const arena = new Arena();
    arena.run(60);
    const [match] = arena.matches;
    const before = match.state === null ? 0 : hashState(match.state);
    for (const data of ['x', null, new ArrayBuffer(3), new Uint8Array(4000)]) match.receive(data, 0);
    expect(match.refusedPackets).toBe(4);
    const stranger = encodePacket({
      kind: 'inputs',
      match: 1,
      frame: 500,
      inputs: [31],
      hashFrame: 480,
      hash: 1,
      sentAt: 0,
      echo: 0,
      held: 0,
    });
    expect(decodePacket(stranger).kind).toBe('inputs');
    match.receive(stranger, 0);
    expect(match.state === null ? 0 : hashState(match.state)).toBe(before);
    expect(arena.desyncs).toEqual([]);
  });
});
