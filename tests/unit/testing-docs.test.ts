import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { root } from '../support/root';

const read = (path: string) => readFile(join(root, path), 'utf8');

describe('docs/TESTING-A-GAME.md', () => {
  it.each(['game.mjs', 'pause-and-resume.test.mjs'])('shows %s as it runs', async (file) => {
    const code = await read(`examples/testing-a-game/${file}`);
    expect(await read('docs/TESTING-A-GAME.md')).toContain(`\`\`\`js\n${code.trimEnd()}\n\`\`\``);
  });

  it('names everything that holdfast/testing exports', async () => {
    const entry = await read('src/testing/index.ts');
    const names = [...entry.matchAll(/export (?:type )?\{([^}]*)\}/g)]
      .flatMap(([, list = '']) => list.split(','))
      .map((name) => name.replace(/\btype\b/, '').trim())
      .filter(Boolean);
    const page = await read('docs/TESTING-A-GAME.md');
    expect(names.length).toBeGreaterThan(10);
    expect(names.filter((name) => !page.includes(`\`${name}`))).toEqual([]);
  });
});
