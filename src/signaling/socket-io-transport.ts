import type { Browser } from '../../machines';
import { loggableText } from '../log/loggable';
import { type ReconnectingManager, restoreReconnects, speedUpReconnects } from './reconnect-speed';
import type { Delivery, OutgoingSignal, SignalingTransport } from './transport';
import { isRecord } from './wire';

type Listener = (...args: unknown[]) => void;

/** The part of a Socket.IO client socket (4.x) that is used; the caller hands it in and keeps it. */
export interface SocketLike {
  on(event: string, listener: Listener): unknown;
  /** `undefined`, which is never handed in, is here for sockets whose events are typed: Socket.IO allows it, and without it they would not fit. */
  off?(event: string | undefined, listener: Listener): unknown;
  emit(event: string, ...args: unknown[]): unknown;
  connect?(): unknown;
  disconnect?(): unknown;
  readonly connected?: boolean;
  /** False where it does not come back by itself: it left, or the server sent it away. */
  readonly active?: boolean;
  readonly io?: ManagerLike;
}

interface ManagerLike extends ReconnectingManager {
  readonly engine?: { close(): unknown } | undefined;
}

/** How long an offer's acknowledgement is waited for: a relay gives it in one round trip, or never. */
const ACK_TIMEOUT_MS = 1_000;
/** On a slow path an answer may take this many round trips. The same for a ping and an offer: an offer must not count before a ping has shown that its socket is dead. */
const ANSWER_ROUND_TRIPS = 4;
/** The longest round trip that is believed: an answer that took longer says more of a busy page than of the path. */
const MAX_ROUND_TRIP_MS = 1_000;
/** The last part of any wait, in a timer of its own. After a page stood still, Firefox runs the timers first: what came meanwhile is then heard before this one. */
const CATCH_UP_MS = 50;

/** The relay's word for why it refused; empty where it did not. */
const refusalCode = (answer: unknown) =>
  isRecord(answer) && answer.ok === false ? loggableText(isRecord(answer.error) && answer.error.code) : '';

/** Socket.IO behind the seam. Emits nothing while the socket is down: its own buffer would flood the peer with stale signals. */
export function socketIoTransport(
  socket: SocketLike,
  browser: Browser = 'other',
  log: (line: string) => void = () => {},
): SignalingTransport {
  const cleanups: (() => void)[] = [];
  /** For each question that waits for its answer, what stops its timer. */
  const pendingStops = new Set<() => void>();
  /** The server has answered a ping once: it knows pings. */
  let hasAnsweredPing = false;
  /** Why the last offer was refused; each reason is logged once. */
  let lastRefusal = '';
  /** The round trip to the server that was seen last, in ms. */
  let roundTripMs = 0;

  const listen = (event: string, listener: Listener) => {
    socket.on(event, listener);
    const stop = () => void socket.off?.(event, listener);
    cleanups.push(stop);
    return stop;
  };

  /** Resolves with the acknowledgement; with undefined after `timeoutMs`, or later on a slow path. */
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
      // With Socket.IO's option `ackTimeout` null comes before the answer, or an error in place of it.
      socket.emit(event, payload, (first: unknown, answer: unknown = first) => {
        if (answer instanceof Error) return;
        roundTripMs = Math.min(MAX_ROUND_TRIP_MS, performance.now() - sentAtMs);
        settle({ answer });
      });
    });
  const restorePace = () => {
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
      // The game may listen to what goes out (`onAnyOutgoing`): what such a listener throws, Socket.IO throws here.
      const reply = await emitWithAck(timeoutMs, 'holdfast_ping', {}).catch(() => undefined);
      if (!reply) return hasAnsweredPing ? 'silent' : 'unsupported';
      hasAnsweredPing = true;
      return 'alive';
    },
    reconnect() {
      const isFirstCall = socket.io && speedUpReconnects(socket.io, cleanups, { browser, roundTripMs });
      if (socket.connected) socket.io?.engine?.close();
      else if (isFirstCall && socket.active) {
        // It may be in a long pause of its own, or in a try that hangs. This ends both, and tells nobody.
        socket.disconnect?.();
        socket.connect?.();
      }
    },
    restorePace,
    onSignal: (listener) => listen('webrtc_signal', listener),
    onUpChange(listener) {
      const stopUp = listen('connect', () => {
        restorePace();
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
      restorePace();
    },
  };
}
