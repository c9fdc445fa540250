import type { ConnectionContext } from '../../../machines';
import { WebRTCManager, type WebRTCManagerOptions } from '../../../src';
import type { Census, Step } from './census';
import type { Happening, Note } from './notes';
import type { Seat } from './seat';
import type { VirtualTime } from './virtual-time';

export interface HoldfastPlayerOptions {
  manager: WebRTCManagerOptions;
  /** Upstream's game asks for a restart from inside `onConnectionLost`. */
  asksOnLost: boolean;
}

interface Surroundings {
  gameId: string;
  time: VirtualTime;
  census: Census;
  noted(player: HoldfastPlayer, note: Note): void;
}

const TOLD = ['open', 'lost', 'restored', 'close', 'failed', 'closed'] as const;

/** A manager on one load of a page, the game around it, and a record of what both did. */
export class HoldfastPlayer {
  readonly kind = 'holdfast';
  readonly seat: Seat;
  readonly tab: Seat['tab'];
  readonly manager: WebRTCManager;
  readonly notes: Note[] = [];
  readonly heard: string[] = [];
  /** Messages that came while no link was announced as open, each with the state. */
  readonly strays: string[] = [];
  /** Lines logged as errors, for example because a callback threw. */
  readonly errors: string[] = [];
  context: ConnectionContext | null = null;
  status = 'active';
  /** The last connection on which it was connected, and to whom. */
  lastUp: { pc: unknown; other: unknown } | null = null;
  readonly #surroundings: Surroundings;
  readonly #listenersBefore: number;
  #asked = 0;
  #connectedAtMs = Number.POSITIVE_INFINITY;

  constructor(seat: Seat, { manager, asksOnLost }: HoldfastPlayerOptions, surroundings: Surroundings) {
    this.#surroundings = surroundings;
    this.seat = seat;
    this.tab = seat.tab;
    this.#listenersBefore = seat.socket.listenerCount();
    const ignore = () => {};
    const error = (...line: unknown[]) => void this.errors.push(line.map(String).join(' '));
    this.manager = new WebRTCManager(seat.socket, surroundings.gameId, seat.playerId, {
      environment: seat.environment,
      logger: { debug: ignore, info: ignore, warn: ignore, error },
      inspect: surroundings.census.watch((step) => this.#step(step)),
      ...manager,
    });
    let isOpen = false;
    for (const name of TOLD)
      this.manager.on(name, () => {
        isOpen = name === 'open' || (isOpen && name !== 'close');
        this.note({ name });
      });
    this.manager.on('state', ({ previous: from, state: to }) => {
      if (to === 'connected') this.#connectedAtMs = surroundings.time.nowMs;
      this.note({ name: 'state', from, to });
    });
    this.manager.on('message', (data) => {
      this.heard.push(String(data));
      if (!isOpen) this.strays.push(`${data} in ${this.state}`);
    });
    if (asksOnLost) this.manager.onConnectionLost = () => this.ask();
  }

  get state() {
    return this.manager.state;
  }

  /** What is still alive of the manager: timers, listeners, connections. */
  get alive() {
    const { seat, tab } = this;
    return {
      timers: tab.timers,
      listeners: tab.listeners + seat.socket.listenerCount() - this.#listenersBefore,
      connections: seat.openConnections.length,
    };
  }

  connect(to: Seat): void {
    this.tab.run(() => {
      // After the peer left, this would start a second life, which no promise here is about.
      if (this.state === 'closed') return;
      // Out of *failed* this counts as a request.
      if (this.state === 'failed') this.#noteAsk(true);
      void this.manager.connectToPeer(to.playerId);
    });
  }

  ask(): void {
    this.tab.run(() => {
      const number = this.#noteAsk();
      void this.manager.attemptIceRestart().then((isAccepted) => {
        this.note({ name: 'answer', number, isAccepted });
      });
    });
  }

  send(text: string): void {
    this.tab.run(() => void this.manager.send(text));
  }

  close(): void {
    this.tab.run(() => {
      this.note({ name: 'close()' });
      this.manager.close();
    });
  }

  note(happening: Happening): void {
    const note = { ...happening, atMs: this.#surroundings.time.nowMs };
    this.notes.push(note);
    this.#surroundings.noted(this, note);
  }

  #noteAsk(isAccepted?: boolean): number {
    this.#asked += 1;
    this.note({ name: 'ask', number: this.#asked });
    if (isAccepted) this.note({ name: 'answer', number: this.#asked, isAccepted });
    return this.#asked;
  }

  #step({ context, event, status }: Step): void {
    const from = this.context?.attempts ?? 0;
    this.context = context;
    this.status = status;
    if (context.attempts === from) return;
    const { maxIceRestarts: max, stableMs } = context.timings;
    const isStable = this.#surroundings.time.nowMs - this.#connectedAtMs >= stableMs;
    this.note({ name: 'attempts', from, to: context.attempts, max, on: event, isStable });
  }
}
