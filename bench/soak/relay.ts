/** The relay in a process of its own, which tells its memory when asked. */
import { setTimeout as wait } from 'node:timers/promises';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { createRelayServer, type RelayStats } from '../../server/src/index';

export interface RelaySettings {
  readonly dataDir: string;
}
/** A `glance` takes the memory as it is: a collection stops the relay for as long as it takes, and is none of the attack's doing. */
export type RelayOrder = 'glance' | 'report' | 'end';
export interface RelayReport extends RelayStats {
  readonly port: number;
  readonly rssBytes: number;
  /** In a `report`, after collections: what is really held. */
  readonly heapBytes: number;
  readonly externalBytes: number;
  /** CPU time so far, in ms. */
  readonly cpuMs: number;
}

const COLLECTIONS = 3;
const COLLECTION_PAUSE_MS = 200;

setFlagsFromString('--expose-gc');
const collect: unknown = runInNewContext('gc');

const settings: RelaySettings = JSON.parse(process.argv[2] ?? '{}');
const relay = createRelayServer({ dataDir: settings.dataDir });
const { port } = await relay.listen(0);

/** What a buffer holds outside of the heap is freed after the collection that found it, so one is not enough. */
async function tidy(): Promise<void> {
  for (let round = 0; round < COLLECTIONS; round += 1) {
    if (typeof collect === 'function') collect();
    await wait(COLLECTION_PAUSE_MS);
  }
}

function report(): RelayReport {
  const { rss: rssBytes, heapUsed: heapBytes, external: externalBytes } = process.memoryUsage();
  const { user, system } = process.cpuUsage();
  return { ...relay.stats, port, rssBytes, heapBytes, externalBytes, cpuMs: (user + system) / 1_000 };
}

process.on('message', async (order: RelayOrder) => {
  if (order === 'end') return relay.close().then(() => process.exit());
  if (order === 'report') await tidy();
  process.send?.(report());
});
process.on('disconnect', () => process.exit());
process.send?.(report());
