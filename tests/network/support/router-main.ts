/** Runs in the router's namespace: the relay and the pages on one port. Its settings are a JSON argument. */
import { createRelayServer } from '../../../server/src/index.js';
import { servePages } from './page-server.js';
import { attachStubRelay } from './stub-relay.js';

export interface RouterSettings {
  readonly port: number;
  readonly staticDir: string;
  /** The project's relay, or the stub that has no limits. */
  readonly relay: 'real' | 'stub';
  readonly pingIntervalMs?: number;
  readonly pingTimeoutMs?: number;
  readonly seatHoldMs?: number;
}

const settings: RouterSettings = JSON.parse(process.argv[2] ?? '{}');

if (settings.relay === 'real') await createRelayServer(settings).listen(settings.port, '0.0.0.0');
else attachStubRelay((await servePages(settings)).http);
console.log('listening');
