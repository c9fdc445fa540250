import { parseArgs } from 'node:util';
import { launchChromium } from '../../tests/support/chromium';
import { bundle } from '../../tests/support/page-bundles';
import { startPageServer } from '../../tests/support/page-server';
import { productionLibrary } from './library';

/** Runs `run` in a fresh Chromium page that has the production library and the script of `entry`. */
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

/** The same in several browsers, one after another, each a fresh one: the ratio that one gives is good to some 0.05. `-- --browsers 12` makes it twelve. */
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
