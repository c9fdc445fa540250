/** The relay in its own process, which reports its memory on request. */
import { setTimeout as wait } from 'node:timers/promises';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { createRelayServer, type RelayStats } from '../../server/src/index';

export interface RelaySettings {
  readonly dataDir: string;
}
/** A `glance` reads the memory without garbage collection, which would stop the relay for a while and distort the measurement. */
export type RelayOrder = 'glance' | 'report' | 'end';
export interface RelayReport extends RelayStats {
  readonly port: number;
  readonly rssBytes: number;
  /** In a `report`, measured after garbage collections, so only live memory. */
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

/** Memory of buffers outside the heap is freed only after the collection that finds them, so one collection is not enough. */
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
