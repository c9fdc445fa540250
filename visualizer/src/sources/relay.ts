import { RELAY_EVENT } from 'holdfast/inspect';
import { io } from 'socket.io-client';
import { handleMessage, type SourceListener } from './source';

const WATCH_TIMEOUT_MS = 5_000;

/** Watches a game on another device through the relay that serves this page. Controls are not possible there. @returns a function that stops it. */
export function watchRelay(gameId: string, listener: SourceListener): () => void {
  // The relay serves this page one level below its own path, which may be anywhere behind a proxy.
  const socket = io({ path: new URL('../socket.io', location.href).pathname });
  listener.state('connecting');
  const watch = async () => {
    const reply: unknown = await socket
      .timeout(WATCH_TIMEOUT_MS)
      .emitWithAck('holdfast_watch', { game_id: gameId })
      .catch(() => null);
    if (!isAccepted(reply)) return listener.state(isFull(reply) ? 'full' : 'refused');
    listener.state('open');
    socket.emit(RELAY_EVENT, { game_id: gameId, message: { holdfast: 1, type: 'hello' } });
  };
  socket.on('connect', () => void watch());
  socket.on('connect_error', () => listener.state('unreachable'));
  socket.on('disconnect', () => listener.state('unreachable'));
  socket.on(RELAY_EVENT, (packet: unknown) => {
    if (typeof packet === 'object' && packet !== null && 'message' in packet)
      handleMessage(packet.message, listener, null);
  });
  return () => void socket.disconnect();
}

function isFull(reply: unknown): boolean {
  const error = typeof reply === 'object' && reply !== null && 'error' in reply ? reply.error : null;
  return typeof error === 'object' && error !== null && 'code' in error && error.code === 'game-full';
}

const isAccepted = (reply: unknown): boolean =>
  typeof reply === 'object' && reply !== null && 'ok' in reply && reply.ok === true;
