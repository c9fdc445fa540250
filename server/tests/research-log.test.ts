import type * as Files from 'node:fs/promises';
import { mkdtemp, readdir, readFile, rename, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it, onTestFinished, vi } from 'vitest';
import { logFileName, ResearchLog } from '../src/research-log';
import { recordingLogger } from './world';

const disk = vi.hoisted(() => ({
  beforeOpen: async (_path: string): Promise<void> => {},
  /** Of one that was closed the number is -1. */
  opened: [] as { readonly fd: number }[],
}));

vi.mock('node:fs/promises', async (importOriginal) => {
  const files = await importOriginal<typeof Files>();
  const open = async (path: string, flags: string, mode: number) => {
    await disk.beforeOpen(path);
    const handle = await files.open(path, flags, mode);
    disk.opened.push(handle);
    return handle;
  };
  return { ...files, open };
});

it('begins a file anew with a record, though the one before is moved away while it is about to be written, and leaves none open', async () => {
  const directory = await mkdtemp(join(tmpdir(), 'holdfast-log-'));
  onTestFinished(() => rm(directory, { recursive: true }));
  const log = new ResearchLog({ directory, logger: recordingLogger([]) });
  const say = (n: number) => {
    log.append('p2p_health_report', 'duel', 0, { n });
    return log.flush();
  };
  await say(1);
  disk.beforeOpen = (path) => rename(path, `${path}.kept`);
  await say(2);
  const file = logFileName('duel');
  expect(await readdir(directory)).toEqual([file, `${file}.kept`]);
  expect(await readFile(join(directory, file), 'utf8')).toMatch(/^\{.*"n":2\}\n$/);
  expect(disk.opened.map(({ fd }) => fd)).toEqual([-1, -1]);
});
