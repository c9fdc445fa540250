import { parseArgs } from 'node:util';
import { launchChromium } from '../../tests/support/chromium';
import { bundle } from '../../tests/support/page-bundles';
import { startPageServer } from '../../tests/support/page-server';
import { productionLibrary } from './library';

/** Runs `run` in a new Chromium page with the production build of the library and the script of `entry`. */
export async function inBenchPage<Argument, Result>(
  entry: string,
  run: (argument: Argument) => Promise<Result>,
  argument: Argument,
): Promise<Result> {
  const [library, script, pages] = await Promise.all([
    productionLibrary(),
    bundle({ entry, format: 'iife' }),
    startPageServer({ isolated: true }),
  ]);
  const browser = await launchChromium();
  try {
    const page = await browser.newPage();
    await page.goto(pages.blankUrl);
    for (const code of [library, script]) await page.evaluate(addScript, code);
    return await page.evaluate(run, argument);
  } finally {
    await Promise.all([browser.close(), pages.close()]);
  }
}

/** The same in several new browsers, one after another, because the ratio of one browser is accurate only to about 0.05. `-- --browsers 12` uses twelve. */
export async function inEachBenchPage<Argument, Result>(
  ...work: Parameters<typeof inBenchPage<Argument, Result>>
): Promise<Result[]> {
  const { values } = parseArgs({ options: { browsers: { type: 'string', default: '5' } } });
  const results: Result[] = [];
  for (let browser = 0; browser < Number(values.browsers); browser += 1)
    results.push(await inBenchPage(...work));
  return results;
}

function addScript(code: string): void {
  const script = document.createElement('script');
  script.textContent = code;
  document.head.append(script);
}
