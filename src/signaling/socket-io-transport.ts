import type { Browser } from '../../machines';
import { loggableText } from '../log/loggable';
import { type ReconnectingManager, restoreReconnects, speedUpReconnects } from './reconnect-speed';
import type { Delivery, OutgoingSignal, SignalingTransport } from './transport';
import { isRecord } from './wire';

type Listener = (...args: unknown[]) => void;

/** The part of a Socket.IO client socket (4.x) that Holdfast uses. The game owns the socket; Holdfast never closes it for good. */
export interface SocketLike {
  on(event: string, listener: Listener): unknown;
  /** `event` is never undefined; the type allows it so that sockets with typed events match. */
  off?(event: string | undefined, listener: Listener): unknown;
  emit(event: string, ...args: unknown[]): unknown;
  connect?(): unknown;
  disconnect?(): unknown;
  readonly connected?: boolean;
  /** False if the socket will not reconnect by itself, because the page or the server disconnected it. */
  readonly active?: boolean;
  readonly io?: ManagerLike;
}

interface ManagerLike extends ReconnectingManager {
  readonly engine?: { close(): unknown } | undefined;
}

/** How long to wait for the acknowledgement of an offer: a relay gives it within a round trip, or never. */
const ACK_TIMEOUT_MS = 1_000;
/** On a slow path an answer may take this many round trips. Pings and offers share the value: an offer on a dead socket must not count before a ping finds that out. */
const ANSWER_ROUND_TRIPS = 4;
/** The longest round trip that is assumed: a longer one says more about a busy page than about the path. */
const MAX_ROUND_TRIP_MS = 1_000;
/** The last part of each wait is a separate timer. After a page stood still, Firefox runs due timers before it delivers messages; the second timer lets the messages in first. */
const CATCH_UP_MS = 50;

/** The relay's error code; empty if it did not refuse. */
const refusalCode = (answer: unknown) =>
  isRecord(answer) && answer.ok === false ? loggableText(isRecord(answer.error) && answer.error.code) : '';

/** The Socket.IO adapter. Emits nothing while the socket is down, because Socket.IO would buffer it and flood the peer with stale signals later. */
export function socketIoTransport(
  socket: SocketLike,
  browser: Browser = 'other',
  log: (line: string) => void = () => {},
): SignalingTransport {
  const cleanups: (() => void)[] = [];
  /** One function per pending answer, which stops its timer. */
  const pendingStops = new Set<() => void>();
  /** Whether the server has ever answered a ping. */
  let hasAnsweredPing = false;
  /** Why the last offer was refused. A repeated reason is not logged again. */
  let lastRefusal = '';
  /** The last measured round trip to the server, in ms. */
  let roundTripMs = 0;

  const listen = (event: string, listener: Listener) => {
    socket.on(event, listener);
    const stop = () => void socket.off?.(event, listener);
    cleanups.push(stop);
    return stop;
  };

  /** Emits an event. Resolves with its acknowledgement, or with undefined after `timeoutMs` (later on a slow path). */
  const emitWithAck = (timeoutMs: number, event: string, payload: unknown) =>
    new Promise<{ answer: unknown } | undefined>((resolve) => {
      const stop = () => clearTimeout(timer);
      const settle = (reply?: { answer: unknown }) => {
        stop();
        pendingStops.delete(stop);
        resolve(reply);
      };
      const waitMs = Math.max(timeoutMs, ANSWER_ROUND_TRIPS * roundTripMs);
      let timer = setTimeout(() => {
        timer = setTimeout(settle, CATCH_UP_MS);
      }, waitMs - CATCH_UP_MS);
      pendingStops.add(stop);
      const sentAtMs = performance.now();
      // With Socket.IO's option `ackTimeout` the arguments are `(null, answer)`, or an error alone.
      socket.emit(event, payload, (first: unknown, answer: unknown = first) => {
        if (answer instanceof Error) return;
        roundTripMs = Math.min(MAX_ROUND_TRIP_MS, performance.now() - sentAtMs);
        settle({ answer });
      });
    });
  const rest = () => {
    if (socket.io) restoreReconnects(socket.io, cleanups);
  };

  return {
    get isUp() {
      return socket.connected !== false;
    },
    async send(signal: OutgoingSignal): Promise<Delivery> {
      if (socket.connected === false) return 'refused';
      const reply =
        signal.type === 'offer'
          ? await emitWithAck(ACK_TIMEOUT_MS, 'webrtc_signal', signal)
          : void socket.emit('webrtc_signal', signal);
      if (!reply) return 'unknown';
      const reason = refusalCode(reply.answer);
      if (reason && reason !== lastRefusal) log(`[WebRTC] the relay refused an offer: ${reason}`);
      lastRefusal = reason;
      return reason ? 'refused' : 'relayed';
    },
    async ping(timeoutMs) {
      if (socket.connected === false) return 'silent';
      // If a listener of the game (`onAnyOutgoing`) throws, `emit` throws it here.
      const reply = await emitWithAck(timeoutMs, 'holdfast_ping', {}).catch(() => undefined);
      if (!reply) return hasAnsweredPing ? 'silent' : 'unsupported';
      hasAnsweredPing = true;
      return 'alive';
    },
    reconnect() {
      const isFirstCall = socket.io && speedUpReconnects(socket.io, cleanups, { browser, roundTripMs });
      if (socket.connected) socket.io?.engine?.close();
      else if (isFirstCall && socket.active) {
        // Ends a long reconnection pause or a try that hangs. Fires no event, because the socket is down.
        socket.disconnect?.();
        socket.connect?.();
      }
    },
    rest,
    onSignal: (listener) => listen('webrtc_signal', listener),
    onUpChange(listener) {
      const stopUp = listen('connect', () => {
        rest();
        log('[WebRTC] signaling up');
        listener(true);
      });
      const stopDown = listen('disconnect', (reason) => {
        log(`[WebRTC] signaling down: ${loggableText(reason)}`);
        listener(false);
      });
      return () => {
        stopUp();
        stopDown();
      };
    },
    dispose() {
      for (const stop of cleanups.splice(0)) stop();
      for (const stop of pendingStops) stop();
      rest();
    },
  };
}
