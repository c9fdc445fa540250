import type { Server } from 'node:http';
import type { Socket } from 'node:net';

/** For Node's HTTP server, in ms: who opens a connection asks for something soon, or is cut off. */
export const HTTP_LIMITS = {
  headersTimeout: 10_000,
  requestTimeout: 15_000,
  connectionsCheckingInterval: 2_000,
} as const;

const SWEEP_MS = 1_000;
/** For how many sweeps in a row one connection may take nothing of what waits for it, or leave so much unread: TCP alone would wait for many minutes. */
const MAX_UNREAD_SWEEPS = 20;
const MAX_UNREAD_BYTES = 64 * 1024;

interface Reading {
  /** Bytes that the network has taken. */
  taken: number;
  /** Sweeps in a row at which it was behind. */
  sweeps: number;
}

/**
 * Cuts off clients that do not read, since what is written to them waits in memory, and the rest of a file in an open one. `destroyAll` cuts every
 * connection off, for the end of the relay: the closing handshake of a WebSocket would wait for a client that does not answer.
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
