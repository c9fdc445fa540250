import type { Logger } from '../log/logger';
import type { SignalingTransport } from './transport';

/** A healthy relay answers within a round trip; a dead WebSocket calls itself connected for half a minute. */
const PING_TIMEOUT_MS = 1_000;
/** The first ping only asks whether the server knows pings, and a busy page or server must not be taken for one that does not. */
const FIRST_PING_TIMEOUT_MS = 10_000;

export interface SignalingWatch {
  /** Once: where no sign of life comes, reconnect. */
  ask(): void;
  /** The link is suspect: ask the server for signs of life, and reconnect at once where none comes. */
  watch(): void;
  rest(): void;
  stop(): void;
}

export interface SignalingWatchOptions {
  /** The game takes its seat again. */
  reidentify(): unknown;
  /** One that never says so is not waited for any longer: its signals may be refused, or not. */
  providerTimeoutMs: number;
  logger: Logger;
  changed(isUp: boolean): void;
}

/**
 * Says when signaling goes up and down. After a reconnect the socket is a stranger to the server, so `reidentify` comes before *up*.
 * The first ping only learns whether the server knows pings: one that does not is left alone for good.
 */
export function watchSignaling(
  transport: SignalingTransport,
  { reidentify, providerTimeoutMs, logger, changed }: SignalingWatchOptions,
): SignalingWatch {
  let isUrgent = false;
  let isPinging = false;
  let timer: ReturnType<typeof setTimeout> | undefined;

  const ping = async () => {
    if (isPinging) return;
    isPinging = true;
    const answer = await transport.ping(PING_TIMEOUT_MS);
    isPinging = false;
    if (!isUrgent || answer === 'unsupported') return;
    timer = setTimeout(ping, PING_TIMEOUT_MS);
    // Last: the game hears of it at once, and may close the link.
    if (answer === 'silent') transport.reconnect();
  };

  const learn = () => void transport.ping(FIRST_PING_TIMEOUT_MS);
  let patience: ReturnType<typeof setTimeout> | undefined;
  /** Settles, whatever the game does; one that the next has overtaken need not. */
  const reidentified = () =>
    new Promise((resolve) => {
      clearTimeout(patience);
      patience = setTimeout(resolve, providerTimeoutMs);
      void Promise.resolve()
        .then(reidentify)
        // Signaling counts as up all the same: the server may know us.
        .catch((error) => logger.warn('[WebRTC] reidentify failed', error))
        .then(resolve);
    });

  let changes = 0;
  const onUpChange = async (isUp: boolean) => {
    changes += 1;
    const change = changes;
    if (isUp) await reidentified();
    // It went down meanwhile, and the socket that came since is a stranger still.
    if (change !== changes) return;
    if (isUp) learn();
    changed(isUp);
  };
  const stopListening = transport.onUpChange((isUp) => void onUpChange(isUp));
  if (transport.isUp) learn();
  else changed(false);

  const rest = () => {
    isUrgent = false;
    clearTimeout(timer);
    transport.rest();
  };

  return {
    async ask() {
      const answer = await transport.ping(PING_TIMEOUT_MS);
      if (answer === 'silent') transport.reconnect();
    },
    watch() {
      isUrgent = true;
      clearTimeout(timer);
      void ping();
    },
    rest,
    stop() {
      rest();
      changes += 1;
      clearTimeout(patience);
      stopListening();
    },
  };
}
