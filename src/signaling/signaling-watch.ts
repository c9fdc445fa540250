import type { Logger } from '../log/logger';
import type { SignalingTransport } from './transport';

/** A healthy relay answers within a round trip; a dead WebSocket calls itself connected for half a minute. */
const PING_TIMEOUT_MS = 1_000;
/** The first ping only asks whether the server knows pings, and a busy page or server must not be taken for one that does not. */
const FIRST_PING_TIMEOUT_MS = 10_000;

export interface SignalingWatch {
  /** For one sign of life: where none comes, reconnect, and ask on until one does. */
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
  /** What ends the questions: a sign of life, or nothing but rest; null where none are asked. */
  let until: 'alive' | 'rest' | null = null;
  let isPinging = false;
  /** How often signaling went up or down. */
  let changes = 0;
  let timer: ReturnType<typeof setTimeout> | undefined;

  const ping = async () => {
    if (isPinging) return;
    isPinging = true;
    const change = changes;
    const answer = await transport.ping(PING_TIMEOUT_MS);
    isPinging = false;
    if (until === null || answer === until || answer === 'unsupported') return;
    timer = setTimeout(ping, PING_TIMEOUT_MS);
    // One that came meanwhile was not asked.
    const isOfAnother = change !== changes && transport.isUp;
    // Last: the game hears of it at once, and may close the link.
    if (answer === 'silent' && !isOfAnother) transport.reconnect();
  };

  const pingUntil = (end: typeof until) => {
    until = end;
    clearTimeout(timer);
    void ping();
  };

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

  const onUpChange = async (isUp: boolean) => {
    changes += 1;
    const change = changes;
    if (isUp) await reidentified();
    // It went down meanwhile, and the socket that came since is a stranger still.
    if (change !== changes) return;
    if (isUp) void transport.ping(FIRST_PING_TIMEOUT_MS);
    changed(isUp);
  };
  const stopListening = transport.onUpChange((isUp) => void onUpChange(isUp));
  if (transport.isUp) void transport.ping(FIRST_PING_TIMEOUT_MS);
  else changed(false);

  const rest = () => {
    until = null;
    clearTimeout(timer);
    transport.rest();
  };

  return {
    ask: () => pingUntil('alive'),
    watch: () => pingUntil('rest'),
    rest,
    stop() {
      rest();
      changes += 1;
      clearTimeout(patience);
      stopListening();
    },
  };
}
