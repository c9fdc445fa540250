import type { Server } from 'node:http';
import type { Socket } from 'node:net';

/** For Node's HTTP server, in ms: who opens a connection asks for something soon, or is cut off. */
export const HTTP_LIMITS = {
  headersTimeout: 10_000,
  requestTimeout: 15_000,
  connectionsCheckingInterval: 2_000,
} as const;

const SWEEP_MS = 1_000;
/** How much one connection may leave unread, and for how many sweeps in a row: TCP alone would wait for many minutes. */
const MAX_UNREAD_BYTES = 64 * 1024;
const MAX_UNREAD_SWEEPS = 20;

/**
 * Cuts off clients that do not read, since what is written to them waits in memory. `destroyAll` cuts every connection off, for the end of the relay:
 * the closing handshake of a WebSocket would wait for a client that does not answer.
 */
export function watchConnections(http: Server): { destroyAll(): void; stop(): void } {
  /** Sweeps in a row at which too much was unread. */
  const connections = new Map<Socket, number>();
  http.on('connection', (connection) => {
    connections.set(connection, 0);
    connection.once('close', () => connections.delete(connection));
  });
  const sweep = () => {
    for (const [connection, sweeps] of connections) {
      const isBehind = connection.writableLength > MAX_UNREAD_BYTES;
      if (isBehind && sweeps >= MAX_UNREAD_SWEEPS) connection.destroy();
      else if (isBehind || sweeps > 0) connections.set(connection, isBehind ? sweeps + 1 : 0);
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
