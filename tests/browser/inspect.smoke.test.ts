import { parseNdjson } from 'holdfast/inspect';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { TestBrowser } from '../support/browser-page';
import { launchChromium } from '../support/chromium';
import { bundle } from '../support/page-bundles';
import { type PageServer, startPageServer } from '../support/page-server';
import { requires } from '../support/requirements';
import type { RecordedLink } from './inspect.page';

describe.skipIf(!requires('chromium'))('a recorded link in Chromium', () => {
  let pages: PageServer;
  let chromium: TestBrowser;
  let link: RecordedLink;

  beforeAll(async () => {
    [pages, chromium] = await Promise.all([startPageServer(), launchChromium()]);
    const page = await chromium.newPage();
    await page.goto(pages.blankUrl);
    const code = await bundle({ entry: 'tests/browser/inspect.page.ts', format: 'iife' });
    await page.evaluate((text) => {
      const script = document.createElement('script');
      script.textContent = text;
      document.head.append(script);
    }, code);
    link = await page.evaluate<undefined, RecordedLink>(() => window.recordLink(), undefined);
    expect(page.errors).toEqual([]);
  });
  afterAll(() => Promise.all([pages.close(), chromium.close()]));

  it('replays in the page without a divergence', () => {
    expect(link.divergences).toEqual([]);
  });

  it('contains what happened, and is read back completely', () => {
    const { records, refused } = parseNdjson(link.ndjson);
    expect(refused).toBe(0);
    const states = records.flatMap((record) =>
      record.kind === 'transition' && record.machine === 'connection' ? record.to : [],
    );
    expect(states).toEqual(
      expect.arrayContaining(['new', 'connected.steady', 'connected.renewing.offered', 'closed']),
    );
    const [path] = records.flatMap((record) => (record.kind === 'path' ? record.path : []));
    expect(path?.connectionType).toBe('direct');
  });

  it('contains none of the addresses, candidates and passwords in its signals', () => {
    const { signals, ndjson } = link;
    const secrets = [
      ...[...signals.matchAll(/a=ice-(?:ufrag|pwd):([^\\\s]+)/g)].map(([, secret]) => String(secret)),
      ...[...signals.matchAll(/candidate:\d+ 1 udp \d+ (\S+) \d+ typ/g)].map(([, address]) =>
        String(address),
      ),
    ];
    expect(secrets.length).toBeGreaterThanOrEqual(6);
    for (const secret of secrets) expect(ndjson).not.toContain(secret);
    expect(ndjson).not.toMatch(/candidate:|a=|\d+\.\d+\.\d+\.\d+|\.local/);
  });

  it('was shown record by record to a viewer of the same origin', () => {
    expect(link.shown).toEqual(link.recorded);
  });
});
