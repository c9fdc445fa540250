import { beforeAll, vi } from 'vitest';
import { describeTable } from '../support/browser-table/describe-table';
import { FakeLaboratory } from '../support/browser-table/fake-laboratory';
import { type Told, tellAll } from '../support/browser-table/stories';

/** Bounds a hang: fifteen minutes of fake time take a busy machine some seconds. */
vi.setConfig({ hookTimeout: 60_000 });

const told: Partial<Record<'chromium' | 'firefox', Told>> = {};

for (const browser of ['chromium', 'firefox'] as const) {
  beforeAll(async () => {
    const laboratory = new FakeLaboratory(browser);
    told[browser] = await tellAll(laboratory).finally(() => laboratory.close());
  });

  describeTable({
    name: `a fake ${browser}`,
    browser,
    hasTimes: true,
    told: () => told[browser] ?? { seen: {}, failures: {} },
  });
}
