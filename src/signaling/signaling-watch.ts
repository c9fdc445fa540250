import type { Logger } from '../log/logger';
import type { SignalingTransport } from './transport';

/** How long a ping may take. A healthy relay answers within a round trip; a dead WebSocket claims to be connected for half a minute. */
const PING_TIMEOUT_MS = 1_000;
/** The first ping only finds out whether the server answers pings. It may take longer, so that a busy server is not mistaken for one that does not. */
const FIRST_PING_TIMEOUT_MS = 10_000;

export interface SignalingWatch {
  /** Pings the server until it answers; reconnects if it does not. */
  ask(): void;
  /** The link is suspect: pings the server until {@link rest}; reconnects if it does not answer. */
  watch(): void;
  /** The link is up, or was given up: stops pinging. */
  rest(): void;
  /** Stops the watch for good. */
  stop(): void;
}

export interface SignalingWatchOptions {
  /** The game's option: joins the game again. */
  reidentify(): unknown;
  /** How long to wait for `reidentify`, in ms, because it may never settle. After that signaling counts as up. */
  providerTimeoutMs: number;
  logger: Logger;
  onChange(isUp: boolean): void;
}

/**
 * Reports when signaling goes up or down. After a reconnect the server does not know the socket, so `reidentify` runs before *up* is reported.
 * A server that has never answered a ping does not support them: its silence causes no reconnect.
 */
export function watchSignaling(
  transport: SignalingTransport,
  { reidentify, providerTimeoutMs, logger, onChange }: SignalingWatchOptions,
): SignalingWatch {
  /** What ends the pinging: an answer (`alive`) or only `rest()`; null while no pings are sent. */
  let stopsOn: 'alive' | 'rest' | null = null;
  let isPinging = false;
  /** Counts ups and downs, to detect one during an `await`. */
  let changeCount = 0;
  let timer: ReturnType<typeof setTimeout> | undefined;

  const ping = async () => {
    if (isPinging) return;
    isPinging = true;
    const changesBefore = changeCount;
    const answer = await transport.ping(PING_TIMEOUT_MS);
    isPinging = false;
    if (stopsOn === null || answer === stopsOn || answer === 'unsupported') return;
    timer = setTimeout(ping, PING_TIMEOUT_MS);
    // A socket that connected during the ping was not pinged, so it must not be closed for the missing answer.
    const hasNewSocket = changesBefore !== changeCount && transport.isUp;
    // Must come last: the game sees the disconnect inside this call and may close the link.
    if (answer === 'silent' && !hasNewSocket) transport.reconnect();
  };

  const pingUntil = (end: typeof stopsOn) => {
    stopsOn = end;
    clearTimeout(timer);
    void ping();
  };

  let reidentifyTimer: ReturnType<typeof setTimeout> | undefined;
  /** Runs `reidentify`. Resolves when it has settled or takes too long. A newer call replaces the timeout of an older one, whose result is then ignored. */
  const reidentifyInTime = () =>
    new Promise((resolve) => {
      clearTimeout(reidentifyTimer);
      reidentifyTimer = setTimeout(resolve, providerTimeoutMs);
      void Promise.resolve()
        .then(reidentify)
        // Signaling still counts as up, because the server may know us anyway.
        .catch((error) => logger.warn('[WebRTC] reidentify failed', error))
        .then(resolve);
    });

  const onUpChange = async (isUp: boolean) => {
    changeCount += 1;
    const changesBefore = changeCount;
    if (isUp) await reidentifyInTime();
    // Signaling changed meanwhile. If a new socket is up, it runs `reidentify` itself.
    if (changesBefore !== changeCount) return;
    if (isUp) void transport.ping(FIRST_PING_TIMEOUT_MS);
    onChange(isUp);
  };
  const stopListening = transport.onUpChange((isUp) => void onUpChange(isUp));
  if (transport.isUp) void transport.ping(FIRST_PING_TIMEOUT_MS);
  else onChange(false);

  const rest = () => {
    stopsOn = null;
    clearTimeout(timer);
    transport.rest();
  };

  return {
    ask: () => pingUntil('alive'),
    watch: () => pingUntil('rest'),
    rest,
    stop() {
      rest();
      changeCount += 1;
      clearTimeout(reidentifyTimer);
      stopListening();
    },
  };
}
