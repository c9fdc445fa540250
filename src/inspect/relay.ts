import type { PlayerId } from '../../machines';
import type { SocketLike } from '../signaling/socket-io-transport';
import type { InspectMessage } from './envelope';
import type { Recorder } from './recorder';
import { serveRecords } from './source';

/** The Socket.IO event of both directions; `{game_id, message}`. */
export const RELAY_EVENT = 'holdfast_inspect';

export interface RelayOptions {
  /** The game that the socket has joined. */
  gameId: PlayerId;
}

/** Signals and the game's own messages go by the same socket: a batch waits for its company, and a backlog stays small. */
const GATHER_MS = 250;
const PER_MESSAGE = 25;
const MAX_BACKLOG = 400;
/** A message of this many records each {@link PACE_MS} is at most 25 kB/s or so beside the session, a tenth of what the server allows. */
const PACE_MS = 500;
const MAX_WAITING = 40;

/**
 * Shows a recorder to viewers on other devices, through the relay server of the game (which passes this on only where it was
 * started for it). Sends little at a time, and drops what a slow line cannot take: a gap in `seq`. Nobody can control a game this way.
 *
 * @param socket one that has joined the game; it stays the caller's
 * @returns its stop.
 */
export function relay(recorder: Recorder, socket: SocketLike, { gameId }: RelayOptions): () => void {
  const pace = paced((message) => {
    // While it is away, Socket.IO would keep everything for the return.
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

/** One message at a time; the oldest of too many are dropped. `stop` sends the last one, the `bye`. */
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
