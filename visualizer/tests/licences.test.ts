import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';

const read = (path: string): string => readFileSync(new URL(`../../${path}`, import.meta.url), 'utf8');

describe('a page that is distributed', () => {
  it.each(['visualizer', 'examples/duel'])('names the owners of the code in it: %s', (folder) => {
    const { dependencies } = JSON.parse(read(`${folder}/package.json`));
    const [notice = ''] = /<!--.*?-->/s.exec(read(`${folder}/index.html`)) ?? [];
    const names = [...Object.keys(dependencies), 'xstate'];
    expect(names.filter((name) => !notice.includes(`${name} (c)`))).toEqual([]);
    expect(notice).toContain('https://opensource.org/license/mit');
  });
});
