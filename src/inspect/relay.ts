import type { PlayerId } from '../../machines';
import type { SocketLike } from '../signaling/socket-io-transport';
import type { InspectMessage } from './envelope';
import type { Recorder } from './recorder';
import { serveRecords } from './source';

/** The Socket.IO event in both directions, with `{game_id, message}`. */
export const RELAY_EVENT = 'holdfast_inspect';

export interface RelayOptions {
  /** The game that the socket has joined. */
  gameId: PlayerId;
}

/** The socket also carries signals and the game's own messages, so records are sent in larger batches and the backlog is small. */
const GATHER_MS = 250;
const PER_MESSAGE = 25;
const MAX_BACKLOG = 400;
/** One message of {@link PER_MESSAGE} records per this interval is at most about 25 kB/s besides the session, a tenth of what the server allows. */
const PACE_MS = 500;
const MAX_WAITING = 40;

/**
 * Sends a recorder's records to viewers on other devices through the relay server of the game, which forwards them only if it was started
 * with `--inspect`. Sends a little at a time and drops records that a slow connection cannot take, which leaves a gap in `seq`. Viewers
 * cannot control a game this way.
 *
 * @param socket a socket that has joined the game; the caller keeps ownership
 * @returns a function that stops it.
 */
export function relay(recorder: Recorder, socket: SocketLike, { gameId }: RelayOptions): () => void {
  const pace = paced((message) => {
    // While disconnected, Socket.IO would buffer everything until it reconnects.
    if (socket.connected !== false) socket.emit(RELAY_EVENT, { game_id: gameId, message });
  });
  const stopServing = serveRecords({
    recorder,
    port: {
      post: pace.post,
      listen(handler) {
        const onMessage = (packet: unknown) => {
          if (typeof packet === 'object' && packet !== null && 'message' in packet) handler(packet.message);
        };
        socket.on(RELAY_EVENT, onMessage);
        return () => void socket.off?.(RELAY_EVENT, onMessage);
      },
    },
    gatherMs: GATHER_MS,
    perMessage: PER_MESSAGE,
    maxBacklog: MAX_BACKLOG,
  });
  return () => {
    stopServing();
    pace.stop();
  };
}

/** Sends one message at a time and drops the oldest if too many wait. `stop` still sends the last one, the `bye`. */
function paced(send: (message: InspectMessage) => void) {
  let waiting: InspectMessage[] = [];
  let timer: ReturnType<typeof setTimeout> | null = null;
  const next = () => {
    timer = null;
    const message = waiting.shift();
    if (!message) return;
    send(message);
    timer = setTimeout(next, PACE_MS);
  };
  return {
    post(message: InspectMessage) {
      waiting = [...waiting, message].slice(-MAX_WAITING);
      if (timer === null) next();
    },
    stop() {
      if (timer !== null) clearTimeout(timer);
      const last = waiting.pop();
      if (last) send(last);
    },
  };
}
