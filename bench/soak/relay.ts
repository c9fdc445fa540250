/** The relay in a process of its own, which tells its memory when asked. */
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { createRelayServer, type RelayStats } from '../../server/src/index';

export interface RelaySettings {
  readonly dataDir: string;
}
export interface RelayReport extends RelayStats {
  readonly port: number;
  readonly rssBytes: number;
  /** After a collection: what is really held. */
  readonly heapBytes: number;
  readonly externalBytes: number;
  /** CPU time so far, in ms. */
  readonly cpuMs: number;
}

setFlagsFromString('--expose-gc');
const collect: unknown = runInNewContext('gc');

const settings: RelaySettings = JSON.parse(process.argv[2] ?? '{}');
const relay = createRelayServer({ dataDir: settings.dataDir });
const { port } = await relay.listen(0);

function report(): RelayReport {
  if (typeof collect === 'function') collect();
  const { rss: rssBytes, heapUsed: heapBytes, external: externalBytes } = process.memoryUsage();
  const { user, system } = process.cpuUsage();
  return { ...relay.stats, port, rssBytes, heapBytes, externalBytes, cpuMs: (user + system) / 1_000 };
}

process.on('message', (order: 'report' | 'end') => {
  if (order === 'report') process.send?.(report());
  else void relay.close().then(() => process.exit());
});
process.on('disconnect', () => process.exit());
process.send?.(report());
