import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { build, type Options } from 'tsup';
import configuration from '../../tsup.config';

const isForScripts = ({ format }: Options) => format === 'iife';

/** The minified library with the global `Holdfast`, built from the current sources as for a release. */
export async function productionLibrary(): Promise<string> {
  const script = [configuration].flat().find((one) => typeof one === 'object' && isForScripts(one));
  if (script === undefined || typeof script === 'function')
    throw new Error('tsup.config.ts has no IIFE build');
  const outDir = await mkdtemp(join(tmpdir(), 'holdfast-bench-'));
  try {
    await build({ ...script, config: false, outDir, sourcemap: false, silent: true });
    return await readFile(join(outDir, 'index.global.js'), 'utf8');
  } finally {
    await rm(outDir, { recursive: true, force: true });
  }
}
