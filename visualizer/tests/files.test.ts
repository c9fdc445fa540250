import { expect, it } from 'vitest';
import { fileStem, linesOf } from '../src/app/files';
import { readLines } from '../src/model/lines';
import { Workspace } from '../src/model/workspace';
import { linesOf as lineByLine } from './support/lines';
import { recordOutage } from './support/recordings';

it('a saved recording contains the records of all links, in order of time, and opens unchanged', async () => {
  const { recorders } = await recordOutage(3_000);
  const [one, two] = recorders.map(({ records }) => lineByLine(records));
  const workspace = new Workspace();
  workspace.open('both', readLines(`${one}${two}`).links);
  const saved = linesOf(workspace.links);
  const times = saved
    .trimEnd()
    .split('\n')
    .map((line): number => JSON.parse(line).wallMs);
  expect(times).toEqual([...times].sort((a, b) => a - b));
  const { links, badLines } = readLines(saved);
  expect(badLines).toEqual([]);
  const reopened = recorders.map(({ link }) =>
    links
      .get(link)
      ?.lines.map((line) => `${line}\n`)
      .join(''),
  );
  expect(reopened).toEqual([one, two]);
});

it('a saved recording is named after the local date and time', () => {
  expect(fileStem(new Date(2026, 1, 3, 4, 5, 9, 999).getTime())).toBe('holdfast-2026-02-03-04-05-09');
});
