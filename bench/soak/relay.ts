/** The relay in a process of its own, which tells its memory when asked. */
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { createRelayServer, type RelayStats } from '../../server/src/index';
import { cpuMs } from './cpu';

export interface RelaySettings {
  readonly dataDir: string;
}
/** A `glance` tells the memory as it is: a collection stops the relay for as long as it takes, and is none of the attack's doing. */
export type RelayOrder = 'glance' | 'report' | 'end';
export interface RelayReport extends RelayStats {
  readonly port: number;
  readonly rssBytes: number;
  /** In a `report` after a collection: what is really held. */
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
  const { rss: rssBytes, heapUsed: heapBytes, external: externalBytes } = process.memoryUsage();
  return { ...relay.stats, port, rssBytes, heapBytes, externalBytes, cpuMs: cpuMs() };
}

process.on('message', (order: RelayOrder) => {
  if (order === 'end') return void relay.close().then(() => process.exit());
  if (order === 'report' && typeof collect === 'function') collect();
  process.send?.(report());
});
process.on('disconnect', () => process.exit());
process.send?.(report());
