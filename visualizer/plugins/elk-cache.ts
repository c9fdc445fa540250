import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { ElkNode } from 'elkjs/lib/elk-api';

/** elk's results by a key of their input. */
export type ElkCache = Record<string, ElkNode>;

/** The keys are derived from the input, so that the cache cannot be out of date. Each version of elk has its own file. */
const CACHE = fileURLToPath(
  new URL(`../../node_modules/.cache/holdfast-visualizer/elk-${versionOfElk()}.json`, import.meta.url),
);

function versionOfElk(): string {
  const { version } = createRequire(import.meta.url)('elkjs/package.json');
  return String(version);
}

/** Provides the cached results and saves those that `make` adds, because elk takes seconds. */
export async function withElkCache<Made>(make: (answers: ElkCache) => Promise<Made>): Promise<Made> {
  const answers = await readAnswers();
  const known = Object.keys(answers).length;
  const made = await make(answers);
  if (Object.keys(answers).length > known) await keepAnswers(answers);
  return made;
}

async function readAnswers(): Promise<ElkCache> {
  try {
    return JSON.parse(await readFile(CACHE, 'utf8'));
  } catch {
    return {};
  }
}

/** Writes a draft and renames it, because two builds may run at the same time. */
async function keepAnswers(answers: ElkCache): Promise<void> {
  const draft = `${CACHE}.${process.pid}`;
  try {
    await mkdir(dirname(CACHE), { recursive: true });
    await writeFile(draft, JSON.stringify(answers));
    await rename(draft, CACHE);
  } catch {
    // Without the cache the next build only takes a few seconds longer.
  }
}
