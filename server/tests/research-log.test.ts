import type * as Files from 'node:fs/promises';
import { mkdtemp, readdir, readFile, rename, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeEach, expect, it, onTestFinished, vi } from 'vitest';
import { logFileName, ResearchLog } from '../src/research-log';
import { recordingLogger } from './world';

beforeEach(() => {
  disk.beforeOpen = async () => {};
  disk.afterOpen = () => {};
  disk.opened.length = 0;
});

const disk = vi.hoisted(() => ({
  beforeOpen: async (_path: string): Promise<void> => {},
  afterOpen: (_handle: Files.FileHandle): void => {},
  /** The number of a closed one is -1. */
  opened: [] as { readonly fd: number }[],
}));

vi.mock('node:fs/promises', async (importOriginal) => {
  const files = await importOriginal<typeof Files>();
  const open = async (path: string, flags: string, mode: number) => {
    await disk.beforeOpen(path);
    const handle = await files.open(path, flags, mode);
    disk.opened.push(handle);
    disk.afterOpen(handle);
    return handle;
  };
  return { ...files, open };
});

it('starts a new file when the old one is moved away just before a record is written, and leaves none open', async () => {
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

it('removes a record that a full disk took only in part, and goes on after the one before', async () => {
  const directory = await mkdtemp(join(tmpdir(), 'holdfast-log-'));
  onTestFinished(() => rm(directory, { recursive: true }));
  const log = new ResearchLog({ directory, logger: recordingLogger([]) });
  const sayAndRead = async (n: number) => {
    log.append('p2p_health_report', 'duel', 0, { n });
    await log.flush();
    const lines = (await readFile(join(directory, logFileName('duel')), 'utf8')).split('\n');
    return [log.dropped, lines.map((line) => line && JSON.parse(line).n)];
  };
  expect(await sayAndRead(1)).toEqual([0, [1, '']]);
  disk.afterOpen = (handle) => {
    const append = handle.appendFile.bind(handle);
    handle.appendFile = async (data) => {
      await append(String(data).slice(0, 20));
      throw new Error('ENOSPC: no space left on device, write');
    };
  };
  expect(await sayAndRead(2)).toEqual([1, [1, '']]);
  disk.afterOpen = () => {};
  expect(await sayAndRead(3)).toEqual([1, [1, 3, '']]);
});
