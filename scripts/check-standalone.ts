import { copyFile, mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { runInNewContext } from 'node:vm';

/**
 * Checks that the two files for pages without a bundler are self-contained and export what the package exports. The module is loaded from
 * an empty folder, in which no import could be resolved, the other file as a script.
 */
async function check(): Promise<void> {
  const namesOf = (exports: object) => Object.keys(exports).sort().join(' ');
  const folder = await mkdtemp(join(tmpdir(), 'holdfast-'));
  try {
    const copy = join(folder, 'standalone.mjs');
    await copyFile('dist/standalone.js', copy);
    const standalone = await import(pathToFileURL(copy).href);
    const script = runInNewContext(`${await readFile('dist/index.global.js', 'utf8')}\nHoldfast`);
    const wanted = namesOf(await import(pathToFileURL('dist/index.js').href));
    for (const [file, found] of Object.entries({ 'standalone.js': standalone, 'index.global.js': script }))
      if (namesOf(found) !== wanted)
        throw new Error(`dist/${file} exports ${namesOf(found)}; expected: ${wanted}`);
    console.log(
      `dist/standalone.js and dist/index.global.js are self-contained, with ${wanted.split(' ').length} exports each`,
    );
  } finally {
    await rm(folder, { recursive: true });
  }
}

await check();
