import { describe, expect, it } from 'vitest';
import { requires } from '../support/requirements';
import { soak } from './support/soak/soak';
import { printSoak } from './support/soak/soak-print';

/** One fault, to check the soak itself. `npm run soak` runs it for half an hour. */
const MINUTES = 1 / 3;

describe.skipIf(!requires('chromium'))('two pages that keep playing, with a fault every 20 s', () => {
  it('recover from each, pair every outage in the log, and keep nothing of it', async () => {
    const result = await soak({ minutes: MINUTES, seed: 5 });
    console.log(printSoak(result));
    expect(result.violations).toEqual([]);
  });
});
