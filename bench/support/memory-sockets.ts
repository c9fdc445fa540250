import type { PlayerId, SocketLike } from 'holdfast';

type Listener = (...args: unknown[]) => void;

/** Delivers a message: at once (in a microtask) or later. */
export type Carry = (arrive: () => void) => void;

export interface MemorySocket extends SocketLike {
  /**
   * Number of one-way trips that led to the newest received signal, counted along the chain of causes: 2 for the answer to a first offer.
   * A signal counts as caused by everything that its sender had received before.
   */
  readonly trips: number;
  /** Types of the signals sent so far. */
  readonly sent: readonly string[];
}

interface End extends MemorySocket {
  trips: number;
  receive(message: unknown, trips: number): void;
}

/** The sockets of two players in one page, connected only by `carry`. Every message is acknowledged. */
export function memorySockets(
  ids: readonly [PlayerId, PlayerId],
  carry: Carry,
): readonly [MemorySocket, MemorySocket] {
  const one: End = end(ids[0], carry, () => two);
  const two: End = end(ids[1], carry, () => one);
  return [one, two];
}

function end(id: PlayerId, carry: Carry, other: () => End): End {
  const listeners = new Map<string, Set<Listener>>();
  const sent: string[] = [];
  const self: End = {
    connected: true,
    trips: 0,
    sent,
    on: (event, listener) => listeners.set(event, (listeners.get(event) ?? new Set()).add(listener)),
    off: (event, listener) => event !== undefined && listeners.get(event)?.delete(listener),
    emit(event, message, acknowledge) {
      if (event === 'webrtc_signal' && isSignal(message)) {
        const { type, payload, game_id } = message;
        const trips = self.trips + 1;
        sent.push(type);
        carry(() => other().receive({ type, payload, game_id, from_player_id: id }, trips));
      }
      if (typeof acknowledge === 'function') carry(() => acknowledge({ ok: true }));
    },
    receive(message, trips) {
      self.trips = Math.max(self.trips, trips);
      for (const listener of listeners.get('webrtc_signal') ?? []) listener(message);
    },
  };
  return self;
}

interface SignalMessage {
  readonly type: string;
  readonly payload: unknown;
  readonly game_id: PlayerId;
}

const isSignal = (message: unknown): message is SignalMessage =>
  typeof message === 'object' && message !== null && 'type' in message && 'payload' in message;
