import type { Server } from 'node:http';
import type { Socket } from 'node:net';

/** For Node's HTTP server, in ms: a connection that sends no request in time is closed. */
export const HTTP_LIMITS = {
  headersTimeout: 10_000,
  requestTimeout: 15_000,
  connectionsCheckingInterval: 2_000,
} as const;

const SWEEP_MS = 1_000;
/** In how many sweeps in a row a connection may read nothing, or leave this many bytes unread. TCP alone would wait for many minutes. */
const MAX_UNREAD_SWEEPS = 20;
const MAX_UNREAD_BYTES = 64 * 1024;

interface Reading {
  /** Bytes handed to the network so far. */
  taken: number;
  /** Consecutive sweeps in which it was behind. */
  sweeps: number;
}

/**
 * Destroys connections of clients that do not read: the data for them waits in memory, and a served file stays open. `destroyAll` destroys every connection
 * when the relay closes, because the closing handshake of a WebSocket would wait for a client that does not answer.
 */
export function watchConnections(http: Server): { destroyAll(): void; stop(): void } {
  const connections = new Map<Socket, Reading>();
  http.on('connection', (connection) => {
    connections.set(connection, { taken: 0, sweeps: 0 });
    connection.once('close', () => connections.delete(connection));
  });
  const sweep = () => {
    for (const [connection, reading] of connections) {
      const { writableLength } = connection;
      const taken = connection.bytesWritten - writableLength;
      const isStuck = writableLength > 0 && taken === reading.taken;
      const isBehind = isStuck || writableLength > MAX_UNREAD_BYTES;
      if (isBehind && reading.sweeps >= MAX_UNREAD_SWEEPS) connection.destroy();
      reading.taken = taken;
      reading.sweeps = isBehind ? reading.sweeps + 1 : 0;
    }
  };
  const timer = setInterval(sweep, SWEEP_MS);
  timer.unref();
  return {
    destroyAll: () => {
      for (const connection of connections.keys()) connection.destroy();
    },
    stop: () => clearInterval(timer),
  };
}
