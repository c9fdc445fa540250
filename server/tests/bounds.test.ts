import { EventEmitter } from 'node:events';
import { mkdtemp, readdir, readFile, rm, stat, truncate, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { boundedLogger, DEFAULT_LOG_RATE } from '../src/bounded-logger';
import { watchConnections } from '../src/connections';
import { logFileName, ResearchLog } from '../src/research-log';
import { type LoggedLine, recordingLogger } from './world';

describe('a bounded log', () => {
  it('suppresses lines beyond its rate, and reports how many with the next line', () => {
    const lines: LoggedLine[] = [];
    let now = 0;
    const logger = boundedLogger(recordingLogger(lines), { perSecond: 1, burst: 2 }, () => now);
    for (let n = 0; n < 10; n += 1) logger.warn('refused', { n });
    now = 1_000;
    logger.warn('refused', { n: 10 });
    logger.error('another level has room of its own');
    now = 2_000;
    logger.warn('refused', { n: 11 });
    expect(lines.map(({ message, fields }) => [message, fields])).toEqual([
      ['refused', { n: 0 }],
      ['refused', { n: 1 }],
      ['log lines suppressed', { level: 'warn', count: 8 }],
      ['refused', { n: 10 }],
      ['another level has room of its own', undefined],
      ['refused', { n: 11 }],
    ]);
  });

  it('writes fifty lines a second, after five hundred at once', () => {
    const lines: LoggedLine[] = [];
    let now = 0;
    const logger = boundedLogger(recordingLogger(lines), DEFAULT_LOG_RATE, () => now);
    const taken = () => {
      for (let n = 0; n < 1_000; n += 1) logger.warn('refused');
      return lines.splice(0).filter(({ message }) => message === 'refused').length;
    };
    const atOnce = taken();
    now = 1_000;
    expect([atOnce, taken()]).toEqual([500, 50]);
  });
});

describe('the research log', () => {
  it("lets no flooding game take another game's place", async () => {
    const directory = await mkdtemp(join(tmpdir(), 'holdfast-bounds-'));
    onTestFinished(() => rm(directory, { recursive: true, force: true }));
    const log = new ResearchLog({
      directory,
      logger: recordingLogger([]),
      maxPendingBytes: 40_000,
      maxPendingFileBytes: 10_000,
    });
    for (let n = 0; n < 1_000; n += 1) log.append('flood', 'noisy', 0, { text: 'x'.repeat(100) });
    log.append('report', 'honest', 1, { latency_ms: 20 });
    await log.flush();
    const files = await readdir(directory);
    const honest = files.find((name) => name.includes('honest'));
    expect(await readFile(join(directory, honest ?? ''), 'utf8')).toContain('"latency_ms":20');
    expect(log.dropped).toBeGreaterThan(900);
  });

  it('takes any number of records as long as they do not all wait for the disk at once', async () => {
    const directory = await mkdtemp(join(tmpdir(), 'holdfast-bounds-'));
    onTestFinished(() => rm(directory, { recursive: true, force: true }));
    const log = new ResearchLog({ directory, logger: recordingLogger([]), maxPendingBytes: 400 });
    for (let n = 0; n < 10; n += 1) {
      log.append('p2p_health_report', 'duel', 0, {});
      await log.flush();
    }
    expect(log.dropped).toBe(0);
  });

  it('keeps a file within its limit, including the end of a line that was cut off', async () => {
    const directory = await mkdtemp(join(tmpdir(), 'holdfast-bounds-'));
    onTestFinished(() => rm(directory, { recursive: true, force: true }));
    const file = join(directory, logFileName('duel'));
    const sizeAfter = async (maxFileBytes: number) => {
      const log = new ResearchLog({ directory, logger: recordingLogger([]), maxFileBytes });
      log.append('p2p_health_report', 'duel', 0, {});
      await log.flush();
      return (await stat(file)).size;
    };
    const lineBytes = await sizeAfter(Number.POSITIVE_INFINITY);
    await writeFile(file, '{"cut');
    expect(await sizeAfter(5 + lineBytes)).toBe(5);
    expect(await sizeAfter(5 + 1 + lineBytes)).toBe(5 + 1 + lineBytes);
  });

  const BLOCK = 4_096;
  const [MEBIBYTE, GIBIBYTE] = [2 ** 20, 2 ** 30];

  it.each([
    ['limits a file to 64 MiB', 'duel', 64 * MEBIBYTE - BLOCK, 64 * MEBIBYTE - 10],
    [
      'limits all files together to 4 GiB, in blocks of 4 KiB',
      'another',
      4 * GIBIBYTE - BLOCK,
      4 * GIBIBYTE - BLOCK + 1,
    ],
  ])('%s', async (_, gameId, isTakenAt, isDroppedAt) => {
    const directory = await mkdtemp(join(tmpdir(), 'holdfast-bounds-'));
    onTestFinished(() => rm(directory, { recursive: true, force: true }));
    const droppedAt = async (bytes: number) => {
      await writeFile(join(directory, logFileName(gameId)), '');
      await truncate(join(directory, logFileName(gameId)), bytes);
      const log = new ResearchLog({ directory, logger: recordingLogger([]) });
      log.append('p2p_health_report', 'duel', 0, {});
      await log.flush();
      return log.dropped;
    };
    expect([await droppedAt(isTakenAt), await droppedAt(isDroppedAt)]).toEqual([0, 1]);
  });
});

describe('a connection that does not read', () => {
  class Reader extends EventEmitter {
    writableLength = 0;
    bytesWritten = 0;
    isDestroyed = false;
    destroy(): void {
      this.isDestroyed = true;
    }
  }

  function watch(...readers: Reader[]) {
    vi.useFakeTimers();
    const http = createServer();
    const connections = watchConnections(http);
    onTestFinished(() => {
      connections.stop();
      vi.useRealTimers();
    });
    for (const reader of readers) http.emit('connection', reader);
    return connections;
  }

  it('is cut off after more than twenty seconds with much unread', () => {
    const deaf = new Reader();
    watch(deaf);
    deaf.writableLength = 100_000;
    vi.advanceTimersByTime(20_000);
    expect(deaf.isDestroyed).toBe(false);
    vi.advanceTimersByTime(1_000);
    expect(deaf.isDestroyed).toBe(true);
  });

  it('is cut off as early with little unread, as when a file is sent in pieces, if it takes nothing more', () => {
    const [deaf, slow, idle] = [new Reader(), new Reader(), new Reader()];
    watch(deaf, slow, idle);
    for (let second = 0; second <= 21; second += 1) {
      deaf.writableLength = 2_000 * (1 + second);
      deaf.bytesWritten = 5_000 + deaf.writableLength;
      slow.writableLength = 65_536;
      slow.bytesWritten = 65_536 * (1 + Math.floor(second / 10));
      vi.advanceTimersByTime(1_000);
    }
    expect([deaf, slow, idle].map(({ isDestroyed }) => isDestroyed)).toEqual([true, false, false]);
  });

  it('is left alone while it catches up now and then', () => {
    const slow = new Reader();
    watch(slow);
    for (let minute = 0; minute < 3; minute += 1) {
      slow.writableLength = 100_000;
      vi.advanceTimersByTime(20_000);
      slow.writableLength = 0;
      vi.advanceTimersByTime(1_000);
    }
    expect(slow.isDestroyed).toBe(false);
  });

  it('is forgotten once it has ended; no timer is left after the relay stops', () => {
    const [ended, open] = [new Reader(), new Reader()];
    const connections = watch(ended, open);
    ended.emit('close');
    connections.destroyAll();
    expect([ended, open].map(({ isDestroyed }) => isDestroyed)).toEqual([false, true]);
    connections.stop();
    expect(vi.getTimerCount()).toBe(0);
  });
});
