import { createRelayServer } from '@holdfast/server';
import { io } from 'socket.io-client';
import { afterEach, describe, expect, it } from 'vitest';
import { Session } from '../src/session';

const silent = { debug() {}, info() {}, warn() {}, error() {} };
const undo: (() => unknown)[] = [];
afterEach(async () => {
  for (const each of undo.splice(0).reverse()) await each();
});

async function openRelay(): Promise<string> {
  const server = createRelayServer({ logger: silent });
  const { port } = await server.listen(0, '127.0.0.1');
  undo.push(() => server.close());
  return `http://127.0.0.1:${port}`;
}

/** Joins a game, and resolves with the seat that was held when the game was ready. */
function joinOver(transport: 'polling' | 'websocket', url: string): Promise<string | null> {
  return new Promise((resolve) => {
    const socket = io(url, { transports: [transport], forceNew: true });
    undo.push(() => socket.disconnect());
    const session: Session = new Session({
      socket,
      gameId: 'game',
      wanted: null,
      onPhase: () => {},
      onReady: () => resolve(session.playerId),
      onData: () => {},
    });
  });
}

describe('a session', () => {
  // Over long polling the acknowledgement of the join and the news that all are there come in one response.
  it.each(['polling', 'websocket'] as const)(
    'is ready only once it has its seat, over %s',
    async (transport) => {
      const url = await openRelay();
      const seats = await Promise.all([joinOver(transport, url), joinOver(transport, url)]);
      expect([...seats].sort()).toEqual(['1', '2']);
    },
  );
});
