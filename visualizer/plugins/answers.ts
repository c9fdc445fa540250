import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { ElkNode } from 'elkjs/lib/elk-api';

/** Elk's answers by what it was asked. */
export type Answers = Record<string, ElkNode>;

/** An answer is found by its question, so that it cannot be out of date; another elk may answer otherwise. */
const CACHE = fileURLToPath(
  new URL(`../../node_modules/.cache/holdfast-visualizer/elk-${versionOfElk()}.json`, import.meta.url),
);

function versionOfElk(): string {
  const { version } = createRequire(import.meta.url)('elkjs/package.json');
  return String(version);
}

/** Hands out the answers that are known, and keeps those that are added: elk takes seconds. */
export async function withAnswers<Made>(make: (answers: Answers) => Promise<Made>): Promise<Made> {
  const answers = await readAnswers();
  const known = Object.keys(answers).length;
  const made = await make(answers);
  if (Object.keys(answers).length > known) await keepAnswers(answers);
  return made;
}

async function readAnswers(): Promise<Answers> {
  try {
    return JSON.parse(await readFile(CACHE, 'utf8'));
  } catch {
    return {};
  }
}

/** By way of a rename: two builds may run at once. */
async function keepAnswers(answers: Answers): Promise<void> {
  const draft = `${CACHE}.${process.pid}`;
  try {
    await mkdir(dirname(CACHE), { recursive: true });
    await writeFile(draft, JSON.stringify(answers));
    await rename(draft, CACHE);
  } catch {
    // A folder that cannot be written only costs the next build its seconds.
  }
}
