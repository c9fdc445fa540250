import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { buildDuel, buildVisualizer, temporaryFolder } from '../support/built-pages';
import { tooYoungFor } from '../support/oldest-browsers';

/** Scripts and styles of a built page, by name without the hash, including those inside the page itself. */
async function codeOf(folder: string): Promise<Map<string, string>> {
  const names = (await readdir(folder, { recursive: true })).filter((name) => /\.(?:js|css)$/.test(name));
  const files = names.map(async (name) => {
    const code = await readFile(join(folder, name), 'utf8');
    return [name.replace(/^assets\/|-[\w-]{8}(?=\.\w+$)/g, ''), code] as const;
  });
  const page = await readFile(join(folder, 'index.html'), 'utf8');
  const inside = [...page.matchAll(/<(script type="module"|style)>(.*?)<\/(?:script|style)>/gs)];
  return new Map([
    ...(await Promise.all(files)),
    ...inside.map(([, tag, code = '']) => [tag === 'style' ? 'page.css' : 'page.js', code] as const),
  ]);
}

describe('the built pages', () => {
  let folder: Awaited<ReturnType<typeof temporaryFolder>>;
  beforeEach(async () => {
    folder = await temporaryFolder();
  });
  afterEach(() => folder.remove());

  it.each([
    // The recorder: Duel works without it.
    ['Duel', buildDuel, ['index.js', 'index.css'], ['watch.js']],
    ['the visualizer', buildVisualizer, ['page.js', 'page.css'], []],
  ] as const)('suit the oldest browsers that they name: %s', async (_, build, parts, younger) => {
    await build(folder.path);
    const code = await codeOf(folder.path);
    expect([...code.keys()]).toEqual(expect.arrayContaining([...parts]));
    expect([await tooYoungFor('safari15.4', code), await tooYoungFor('safari16.4', code)]).toEqual([
      younger,
      [],
    ]);
  });
});
