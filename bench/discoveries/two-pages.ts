import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { buildSync } from 'esbuild';
import { launchChromium } from '../../tests/network/support/chromium.js';
import { launchFirefox } from '../../tests/network/support/firefox.js';
import type { Lab } from '../../tests/network/support/lab.js';
import type { LabPage } from '../../tests/network/support/lab-page.js';
import type { Peer } from '../../tests/network/support/namespaces.js';
import type { Report } from './recovery-page.js';

/** Longest wait for every session's first message. */
const CONNECT_MS = 30_000;

export interface PairReport {
  /** Milliseconds until both ends have heard something fresh, or null. */
  readonly bothMs: number | null;
  readonly a: Report | undefined;
  readonly b: Report | undefined;
}

/** One page per peer, with one session for each name; the value is its strategy. */
export class TwoPages {
  readonly #pages: readonly [LabPage, LabPage];
  readonly #names: readonly string[];

  private constructor(pages: readonly [LabPage, LabPage], names: readonly string[]) {
    this.#pages = pages;
    this.#names = names;
  }

  /** `browsers` is two letters, c(hromium) or f(irefox), A's first. Resolves when all sessions talk. */
  static async open(
    lab: Lab,
    browsers: string,
    strategies: Readonly<Record<string, string>>,
    configuration: RTCConfiguration = {},
  ): Promise<TwoPages> {
    const source = bundle();
    const [a, b] = await Promise.all([openPage(lab, 'a', browsers[0]), openPage(lab, 'b', browsers[1])]);
    const pages = [a, b] as const;
    for (const page of pages) await page.addScript(source);
    await a.evaluate(start, ['a', strategies, configuration] as const);
    await b.evaluate(start, ['b', strategies, configuration] as const);
    const both = async (ask: () => boolean): Promise<void> => {
      const deadline = Date.now() + CONNECT_MS;
      while (!(await Promise.all(pages.map((page) => page.evaluate(ask, null)))).every(Boolean)) {
        if (Date.now() > deadline) throw new Error('the pages did not connect');
        await delay(50);
      }
    };
    await both(() => globalThis.bench.isJoined());
    await a.evaluate(() => globalThis.bench.connect(), null);
    await both(() => globalThis.bench.allHeard());
    return new TwoPages(pages, Object.keys(strategies));
  }

  async forgetReceipts(): Promise<void> {
    await Promise.all(
      this.#pages.map((page) => page.evaluate(() => globalThis.bench.forgetReceipts(), null)),
    );
  }

  async reports(since: number): Promise<Map<string, PairReport>> {
    const [ofA, ofB] = await Promise.all(
      this.#pages.map((page) => page.evaluate((at: number) => globalThis.bench.reports(at), since)),
    );
    return new Map(
      this.#names.map((name) => {
        const [a, b] = [ofA?.[name], ofB?.[name]];
        const [one, other] = [a?.firstFreshMs ?? null, b?.firstFreshMs ?? null];
        return [name, { bothMs: one === null || other === null ? null : Math.max(one, other), a, b }];
      }),
    );
  }

  /** The reports once all sessions have fresh data again, or after the longest wait. */
  async reportsWhenFresh(since: number, patienceMs: number): Promise<Map<string, PairReport>> {
    const deadline = since + patienceMs;
    for (;;) {
      const reports = await this.reports(since);
      if (Date.now() > deadline || [...reports.values()].every(({ bothMs }) => bothMs !== null))
        return reports;
      await delay(250);
    }
  }
}

function bundle(): string {
  const entry = fileURLToPath(new URL('./recovery-page.ts', import.meta.url));
  return (
    buildSync({ entryPoints: [entry], bundle: true, write: false, format: 'iife' }).outputFiles[0]?.text ?? ''
  );
}

function start([role, strategies, configuration]: readonly [
  Peer,
  Record<string, string>,
  RTCConfiguration,
]): void {
  globalThis.bench.start(role, strategies, configuration);
}

async function openPage(lab: Lab, peer: Peer, letter: string | undefined): Promise<LabPage> {
  const namespace = lab.namespaceOf(peer);
  const browser = await (letter === 'f' ? launchFirefox({ namespace }) : launchChromium({ namespace }));
  lab.closeFirst(() => browser.close());
  const page = await browser.newPage();
  await page.goto(`${lab.origin}/blank.html`);
  return page;
}
