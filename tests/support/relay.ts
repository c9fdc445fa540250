import type { RelayServerOptions } from '../../server/src/options';
import { createRelayServer } from '../../server/src/server';

export interface RunningRelay {
  readonly url: string;
  readonly port: number;
  /** Stops it and starts it again on the same port; every game is forgotten. */
  restart(): Promise<void>;
  start(): Promise<void>;
  stop(): Promise<void>;
}

export interface RelayOptions extends RelayServerOptions {
  readonly host?: string;
  readonly port?: number;
}

/** A test run has no use for expected complaints (a cut socket, a refused signal). */
const silentLogger = { debug() {}, info() {}, warn() {}, error() {} };

/** The real relay of server/, on a free port. */
export async function startRelay({
  host = '127.0.0.1',
  port = 0,
  ...options
}: RelayOptions = {}): Promise<RunningRelay> {
  const make = () => createRelayServer({ logger: silentLogger, ...options });
  let server = make();
  const address = await server.listen(port, host);
  const stop = () => server.close();
  const start = async () => {
    server = make();
    await server.listen(address.port, host);
  };
  return {
    url: `http://${host}:${address.port}`,
    port: address.port,
    start,
    stop,
    restart: async () => {
      await stop();
      await start();
    },
  };
}
