import type { Logger } from '../log/logger';
import type { SignalingTransport } from './transport';

/** A healthy relay answers within a round trip; a dead WebSocket calls itself connected for half a minute. */
const PING_TIMEOUT_MS = 1_000;
/** Longer for the first ping, which only asks whether the server knows pings: a busy server must not be taken for one that does not. */
const FIRST_PING_TIMEOUT_MS = 10_000;

export interface SignalingWatch {
  /** Asks the server for a sign of life until one comes; reconnects where none does. */
  ask(): void;
  /** The link is suspect: asks for signs of life until {@link rest}, and reconnects at once where none comes. */
  watch(): void;
  /** The link is well: asks no more. */
  rest(): void;
  /** Ends everything. */
  stop(): void;
}

export interface SignalingWatchOptions {
  /** The game's own: takes its seat again. */
  reidentify(): unknown;
  /** How long `reidentify` is waited for, in ms: some never settle. After that signaling counts as up all the same. */
  providerTimeoutMs: number;
  logger: Logger;
  onChange(isUp: boolean): void;
}

/**
 * Says when signaling goes up and down. After a reconnect the socket is a stranger to the server, so `reidentify` comes before *up*.
 * The first ping only learns whether the server knows pings: one that does not is left alone for good.
 */
export function watchSignaling(
  transport: SignalingTransport,
  { reidentify, providerTimeoutMs, logger, onChange }: SignalingWatchOptions,
): SignalingWatch {
  /** What ends the pings: a sign of life, or nothing but `rest()`; null where none are sent. */
  let stopsOn: 'alive' | 'rest' | null = null;
  let isPinging = false;
  /** How often signaling went up or down: tells whether it did so while something was awaited. */
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
    // A socket that came meanwhile was not asked, and must not be closed for an answer that it does not owe.
    const hasNewSocket = changesBefore !== changeCount && transport.isUp;
    // Last: inside this call the game hears that the socket went down, and may close the link.
    if (answer === 'silent' && !hasNewSocket) transport.reconnect();
  };

  const pingUntil = (end: typeof stopsOn) => {
    stopsOn = end;
    clearTimeout(timer);
    void ping();
  };

  let reidentifyTimer: ReturnType<typeof setTimeout> | undefined;
  /** Resolves when the game has taken its seat again, has failed to, or takes too long. After a newer one was begun nobody waits for it. */
  const reidentifyInTime = () =>
    new Promise((resolve) => {
      clearTimeout(reidentifyTimer);
      reidentifyTimer = setTimeout(resolve, providerTimeoutMs);
      void Promise.resolve()
        .then(reidentify)
        // Signaling counts as up all the same: the server may know us yet.
        .catch((error) => logger.warn('[WebRTC] reidentify failed', error))
        .then(resolve);
    });

  const onUpChange = async (isUp: boolean) => {
    changeCount += 1;
    const changesBefore = changeCount;
    if (isUp) await reidentifyInTime();
    // It went down meanwhile: a socket that came since has to take the seat itself.
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
    transport.restorePace();
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
