import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { PRESETS } from '../../machines';
import { resolveOptions } from '../../src/controller/options';
import { root } from '../support/root';

interface Row {
  readonly names: string[];
  readonly byDefault: string;
  readonly rollback: string;
}

async function readRows(): Promise<Row[]> {
  const page = await readFile(join(root, 'docs/MIGRATING.md'), 'utf8');
  const section = page.split('\n## Options\n')[1]?.split('\n### ')[0] ?? '';
  return section
    .split('\n')
    .filter((line) => line.startsWith('| `'))
    .map((line) => {
      const [, names = '', byDefault = '', rollback = ''] = line.split('|').map((cell) => cell.trim());
      return { names: names.split(', ').map((name) => name.replaceAll('`', '')), byDefault, rollback };
    });
}

/** `15 000` is written with a non-breaking space, or with a plain one. */
const toNumber = (cell: string) => Number(cell.replace(/\s/g, ''));

describe('the options in docs/MIGRATING.md', () => {
  it('are complete', async () => {
    const { timings, ...others } = resolveOptions({});
    const named = (await readRows()).flatMap(({ names }) => names);
    expect(named.sort()).toEqual(['preset', ...Object.keys(timings), ...Object.keys(others)].sort());
  });

  it('have the same defaults as the code, in both presets', async () => {
    const { providerTimeoutMs } = resolveOptions({});
    const inCode = (preset: keyof typeof PRESETS) => ({ ...PRESETS[preset], providerTimeoutMs });
    const inDocs = { default: {}, rollback: {} };
    for (const { names, byDefault, rollback } of await readRows())
      for (const name of names.filter((each) => each in inCode('default'))) {
        Object.assign(inDocs.default, { [name]: toNumber(byDefault) });
        Object.assign(inDocs.rollback, { [name]: toNumber(rollback || byDefault) });
      }
    expect(inDocs).toEqual({ default: inCode('default'), rollback: inCode('rollback') });
  });
});
