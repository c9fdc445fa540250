import { afterAll, beforeAll, describe } from 'vitest';
import { describeTable, printFigures } from '../support/browser-table/describe-table';
import { RealLaboratory } from '../support/browser-table/real-laboratory';
import { type Told, tellAll } from '../support/browser-table/stories';
import { requires } from '../support/requirements';

const BROWSERS = ['chromium', 'firefox'] as const;

describe.skipIf(!requires('chromium', 'firefox', 'coturn'))('real browsers', () => {
  const told: Partial<Record<'chromium' | 'firefox', Told>> = {};

  // Both at once: nearly all of the time is waiting.
  beforeAll(async () => {
    await Promise.all(
      BROWSERS.map(async (browser) => {
        const laboratory = await RealLaboratory.start(browser);
        told[browser] = await tellAll(laboratory).finally(() => laboratory.close());
      }),
    );
  });

  afterAll(() => {
    for (const browser of BROWSERS) {
      const own = told[browser];
      if (own) console.log(printFigures(browser, own));
    }
  });

  for (const browser of BROWSERS)
    describeTable({
      name: `a real ${browser}`,
      browser,
      hasTimes: false,
      told: () => told[browser] ?? { seen: {}, failures: {} },
    });
});
