/** Records the sample sessions in tests/inspect/fixtures: real managers over the fake world, with a clock that this script advances. */
import { writeFile } from 'node:fs/promises';
import { recordWorld } from './recorded-world';

const FOLDER = new URL('../tests/inspect/fixtures/', import.meta.url);

const [outage] = await recordWorld('outage', async ({ world, recorders: [recorder], pass }) => {
  recorder.mark('fault: all packets are dropped');
  world.network.cut();
  await pass(20_000);
  world.network.heal();
  recorder.mark('fault over');
  await pass(10_000);
});
await writeFile(new URL('outage.ndjson', FOLDER), outage);

const [failure] = await recordWorld('failure', async ({ world, recorders: [recorder], pass }) => {
  recorder.mark('fault: the other page is gone without a word');
  world.b.kill();
  await pass(35_000);
});
await writeFile(new URL('failure.ndjson', FOLDER), failure);
