import { copyFile, mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { runInNewContext } from 'node:vm';

/**
 * Whether the two files for pages without a bundler stand alone, and export what the package does: the module is loaded from a folder
 * in which nothing else could be found, the other one as a script.
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
        throw new Error(`dist/${file} exports ${namesOf(found)}; wanted: ${wanted}`);
    console.log(
      `dist/standalone.js and dist/index.global.js stand alone, with ${wanted.split(' ').length} exports each`,
    );
  } finally {
    await rm(folder, { recursive: true });
  }
}

await check();
