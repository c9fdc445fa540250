import { DesyncDetector } from './desync-detector';
import { type Agreement, Handshake } from './handshake';
import { InputBuffer } from './input-buffer';
import { decodePacket, encodePacket, type Hello, type Inputs, REPEATED_INPUTS } from './packet';
import { RoundTrip } from './round-trip';
import { createState, type DuelState, hashState, type Seat, step } from './simulation';

/** A key press takes effect this many frames (67 ms) later on both sides, which hides up to that much latency. */
export const INPUT_DELAY_FRAMES = 4;
const HELLO_EVERY_TICKS = 12;

export interface MatchOptions {
  readonly seat: Seat;
  readonly send: (bytes: Uint8Array<ArrayBuffer>) => boolean;
  readonly random: () => number;
  readonly onFrame?: (state: DuelState) => void;
  readonly onDesync?: (frame: number) => void;
}

interface Play {
  readonly id: number;
  readonly state: DuelState;
  readonly ours: InputBuffer;
  readonly theirs: InputBuffer;
  readonly recent: number[];
  readonly desync: DesyncDetector;
  newest: number;
  heard: boolean;
}

/** Delay-based lockstep: a frame is played once the inputs of both players have arrived, and is never rolled back. */
export class Match {
  readonly #options: MatchOptions;
  readonly #handshake: Handshake;
  #roundTrip = new RoundTrip();
  #play: Play | null = null;
  #wins: readonly [number, number] = [0, 0];
  #untilHello = 0;
  #stalled = 0;
  #refused = 0;

  constructor(options: MatchOptions) {
    this.#options = options;
    this.#handshake = new Handshake(options.seat, options.random);
  }

  get state(): DuelState | null {
    return this.#play?.state ?? null;
  }

  get rttMs(): number | null {
    return this.#roundTrip.ms;
  }

  /** Consecutive ticks in which the other side's input was missing. */
  get stalledTicks(): number {
    return this.#stalled;
  }

  get refusedPackets(): number {
    return this.#refused;
  }

  pathChanged(): void {
    this.#roundTrip.reset();
  }

  /** Call it 60 times a second while the game is not paused. Sends one packet and plays at most one frame. */
  tick(nowMs: number, input: number): void {
    const play = this.#play;
    if (play === null || !play.heard) this.#sendHelloWhenDue();
    if (play === null) return;
    this.#sample(play, input);
    const drifted = this.#advance(play);
    this.#options.send(encodePacket(this.#inputsPacket(play, nowMs)));
    if (drifted) this.#desynced(play);
  }

  receive(data: unknown, nowMs: number): void {
    const packet = decodePacket(data);
    if (packet.kind === 'refused') this.#refused += 1;
    else if (packet.kind === 'hello') this.#onHello(packet);
    else this.#onInputs(packet, nowMs);
  }

  #sendHelloWhenDue(): void {
    this.#untilHello -= 1;
    if (this.#untilHello > 0) return;
    this.#untilHello = HELLO_EVERY_TICKS;
    this.#options.send(encodePacket(this.#handshake.hello));
  }

  #onHello(hello: Hello): void {
    const { renewed, agreed } = this.#handshake.receive(hello, this.#wins);
    if (renewed) {
      this.#play = null;
      this.#untilHello = 0;
    }
    if (agreed !== null && this.#play?.id !== agreed.match) this.#start(agreed);
  }

  #start({ match, wins }: Agreement): void {
    this.#wins = wins;
    this.#stalled = 0;
    this.#untilHello = 0;
    // The clock of a reloaded page starts again.
    this.#roundTrip = new RoundTrip();
    this.#play = {
      id: match,
      state: createState(wins),
      ours: new InputBuffer(INPUT_DELAY_FRAMES),
      theirs: new InputBuffer(INPUT_DELAY_FRAMES),
      recent: new Array<number>(INPUT_DELAY_FRAMES).fill(0),
      desync: new DesyncDetector(),
      newest: INPUT_DELAY_FRAMES - 1,
      heard: false,
    };
  }

  #sample(play: Play, input: number): void {
    if (play.newest >= play.state.frame + INPUT_DELAY_FRAMES) return;
    play.newest += 1;
    play.ours.put(play.newest, input);
    play.recent.push(input);
    if (play.recent.length > REPEATED_INPUTS) play.recent.shift();
  }

  #advance(play: Play): boolean {
    if (!play.theirs.has(play.state.frame)) {
      this.#stalled += 1;
      return false;
    }
    this.#stalled = 0;
    const ours = play.ours.take() ?? 0;
    const theirs = play.theirs.take() ?? 0;
    step(play.state, this.#options.seat === 0 ? [ours, theirs] : [theirs, ours]);
    this.#wins = [play.state.wins[0], play.state.wins[1]];
    this.#options.onFrame?.(play.state);
    return play.desync.advanced(play.state.frame, () => hashState(play.state));
  }

  #inputsPacket(play: Play, nowMs: number): Inputs {
    const { frame, hash } = play.desync.latest;
    const stamp = this.#roundTrip.stamp(nowMs);
    return {
      kind: 'inputs',
      match: play.id,
      frame: play.newest,
      inputs: play.recent,
      hashFrame: frame,
      hash,
      ...stamp,
    };
  }

  #onInputs(packet: Inputs, nowMs: number): void {
    const play = this.#play;
    if (play === null || packet.match !== play.id) return;
    play.heard = true;
    this.#roundTrip.heard(packet, nowMs);
    const first = packet.frame - packet.inputs.length + 1;
    packet.inputs.forEach((input, i) => {
      play.theirs.put(first + i, input);
    });
    if (play.desync.heard(packet.hashFrame, packet.hash)) this.#desynced(play);
  }

  #desynced(play: Play): void {
    if (this.#play !== play) return;
    this.#play = null;
    this.#untilHello = 0;
    this.#handshake.restart(this.#wins);
    this.#options.onDesync?.(play.state.frame);
  }
}
