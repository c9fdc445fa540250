import type { SignalingTransport } from './transport';

/** A healthy relay answers within a round trip; a dead WebSocket calls itself connected for half a minute. */
const PING_TIMEOUT_MS = 1_000;
/** The first ping only asks whether the server knows pings, and a busy page or server must not be taken for one that does not. */
const FIRST_PING_TIMEOUT_MS = 10_000;

export interface SignalingWatch {
  /** The link is suspect: ask the server for signs of life, and reconnect at once where none comes. */
  watchClosely(): void;
  rest(): void;
  stop(): void;
}

/**
 * Says when signaling goes up and down. After a reconnect the socket is a stranger to the server, so `reidentify` comes before *up*.
 * The first ping only learns whether the server knows pings: one that does not is left alone for good.
 */
export function watchSignaling(
  transport: SignalingTransport,
  reidentify: () => unknown,
  tell: (isUp: boolean) => void,
): SignalingWatch {
  let isClose = false;
  let isPinging = false;
  let isStopped = false;

  const ping = async () => {
    if (isPinging || isStopped) return;
    isPinging = true;
    const answer = transport.isUp ? await transport.ping(PING_TIMEOUT_MS) : 'silent';
    isPinging = false;
    if (isStopped || !isClose || answer === 'unsupported') return;
    if (answer === 'silent') transport.reconnect();
    timer = setTimeout(ping, PING_TIMEOUT_MS);
  };
  let timer: ReturnType<typeof setTimeout> | undefined;

  const onUpChange = async (isUp: boolean) => {
    if (isUp)
      await Promise.resolve()
        .then(reidentify)
        .catch(() => {});
    if (!isStopped && transport.isUp === isUp) tell(isUp);
  };
  const stopListening = transport.onUpChange((isUp) => void onUpChange(isUp));
  if (transport.isUp) void transport.ping(FIRST_PING_TIMEOUT_MS);
  else tell(false);

  return {
    watchClosely() {
      isClose = true;
      clearTimeout(timer);
      void ping();
    },
    rest() {
      isClose = false;
      clearTimeout(timer);
    },
    stop() {
      isStopped = true;
      clearTimeout(timer);
      stopListening();
    },
  };
}
