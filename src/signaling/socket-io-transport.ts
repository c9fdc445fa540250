import type { Browser } from '../../machines';
import { wordOf } from '../log/name-of';
import { calm, hurry, type ReconnectingManager } from './haste';
import type { Delivery, OutgoingSignal, SignalingTransport } from './transport';
import { isRecord } from './wire';

type Listener = (...args: unknown[]) => void;

/** The part of a Socket.IO client socket (4.x) that is used; the caller hands it in and keeps it. */
export interface SocketLike {
  on(event: string, listener: Listener): unknown;
  /** Socket.IO may be told of no event; where it must be, a socket whose events are typed does not fit. */
  off?(event: string | undefined, listener: Listener): unknown;
  emit(event: string, ...args: unknown[]): unknown;
  connect?(): unknown;
  disconnect?(): unknown;
  readonly connected?: boolean;
  /** False once it left, or was sent away: it stays away then. */
  readonly active?: boolean;
  readonly io?: ManagerLike;
}

interface ManagerLike extends ReconnectingManager {
  readonly engine?: { close(): unknown } | undefined;
}

/** A relay answers in one round trip; one that acknowledges nothing is `unknown` after this. */
const ACK_TIMEOUT_MS = 1_000;
/** A path is given this many of its round trips to answer: a ping, and an offer as long, which must not count before its socket is known to be dead. */
const PATIENT_ROUND_TRIPS = 4;
/** An answer that took longer says more of a page that was busy than of a path. */
const MAX_ROUND_TRIP_MS = 1_000;
/** The last of any patience, in a timer of its own: of a page that stood still, Firefox runs the timers first, and then tells what came. */
const CATCH_UP_MS = 50;

/** The relay's word for why; empty where it refused nothing. */
const refusalOf = (answer: unknown) =>
  isRecord(answer) && answer.ok === false ? wordOf(isRecord(answer.error) && answer.error.code) : '';

/** Socket.IO behind the seam. Emits nothing while the socket is down: its own buffer would flood the peer with stale signals. */
export function socketIoTransport(
  socket: SocketLike,
  browser: Browser = 'other',
  log: (line: string) => void = () => {},
): SignalingTransport {
  const undo: (() => void)[] = [];
  /** What stops each question that waits for its answer. */
  const running = new Set<() => void>();
  let isAnswered = false;
  /** Of the last offer. */
  let refusal = '';
  /** Of the path to the server, as seen last, in ms. */
  let roundTripMs = 0;

  const listen = (event: string, listener: Listener) => {
    socket.on(event, listener);
    const stop = () => void socket.off?.(event, listener);
    undo.push(stop);
    return stop;
  };

  /** Resolves with the acknowledgement, or undefined after `timeoutMs`, later on a slow path. */
  const ask = (timeoutMs: number, event: string, payload: unknown) =>
    new Promise<{ answer: unknown } | undefined>((resolve) => {
      const stop = () => clearTimeout(timer);
      const settle = (reply?: { answer: unknown }) => {
        stop();
        running.delete(stop);
        resolve(reply);
      };
      const patienceMs = Math.max(timeoutMs, PATIENT_ROUND_TRIPS * roundTripMs);
      let timer = setTimeout(() => {
        timer = setTimeout(settle, CATCH_UP_MS);
      }, patienceMs - CATCH_UP_MS);
      running.add(stop);
      const askedAtMs = performance.now();
      socket.emit(event, payload, (answer: unknown) => {
        roundTripMs = Math.min(MAX_ROUND_TRIP_MS, performance.now() - askedAtMs);
        settle({ answer });
      });
    });
  const rest = () => {
    if (socket.io) calm(socket.io, undo);
  };

  return {
    get isUp() {
      return socket.connected !== false;
    },
    async send(signal: OutgoingSignal): Promise<Delivery> {
      if (socket.connected === false) return 'refused';
      const reply =
        signal.type === 'offer'
          ? await ask(ACK_TIMEOUT_MS, 'webrtc_signal', signal)
          : void socket.emit('webrtc_signal', signal);
      if (!reply) return 'unknown';
      const why = refusalOf(reply.answer);
      if (why && why !== refusal) log(`[WebRTC] the relay refused an offer: ${why}`);
      refusal = why;
      return why ? 'refused' : 'relayed';
    },
    async ping(timeoutMs) {
      if (socket.connected === false) return 'silent';
      // Socket.IO throws what a listener of the game on what goes out throws.
      const reply = await ask(timeoutMs, 'holdfast_ping', {}).catch(() => undefined);
      if (!reply) return isAnswered ? 'silent' : 'unsupported';
      isAnswered = true;
      return 'alive';
    },
    reconnect() {
      const isNews = socket.io && hurry(socket.io, undo, { browser, roundTripMs });
      if (socket.connected) socket.io?.engine?.close();
      else if (isNews && socket.active) {
        // It may be in the midst of a pause of its own, or of an attempt that hangs: both are given up, and nobody is told.
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
      const stopDown = listen('disconnect', (why) => {
        log(`[WebRTC] signaling down: ${wordOf(why)}`);
        listener(false);
      });
      return () => {
        stopUp();
        stopDown();
      };
    },
    dispose() {
      for (const stop of undo.splice(0)) stop();
      for (const stop of running) stop();
      rest();
    },
  };
}
