import { createHash } from 'node:crypto';
import { access, constants, mkdir, open, readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';

import { type Id, keyOf } from './ids';
import { describeError, printableJson, type RelayLogger } from './logger';
import { scrub } from './scrub';
import { Tally } from './tally';

/** Incremented when the members of a record change meaning. */
export const RESEARCH_LOG_SCHEMA_VERSION = 1;

export interface ResearchLogOptions {
  readonly directory: string;
  /** Size limit of one game's file. */
  readonly maxFileBytes?: number;
  /** Size limit of all files together, counted in disk blocks. */
  readonly maxTotalBytes?: number;
  /** How much may wait for the disk. More is dropped and counted. */
  readonly maxPendingBytes?: number;
  /** How much of that may belong to one game, so that a flooding game leaves room for others. */
  readonly maxPendingFileBytes?: number;
  readonly logger: RelayLogger;
  /** Milliseconds since 1970, for `server_time`. */
  readonly wallClock?: () => number;
  /** Monotonic milliseconds. */
  readonly now?: () => number;
}

const MEBIBYTE = 1024 * 1024;
/** How often the files of a full log are counted again, since some may have been moved away. Doing so for each record would cost too much. */
const RECOUNT_MS = 60_000;
/** The smallest file takes one block of the disk, so thousands of games with one line each also fill it. */
const BLOCK_BYTES = 4 * 1024;
const NEWLINE = '\n';

/** One append-only NDJSON file per game, all written one after another. */
export class ResearchLog {
  readonly #options: Required<ResearchLogOptions>;
  readonly #pending = new Map<string, { lines: string[]; bytes: number }>();
  #pendingBytes = 0;
  /** Size of all files, unless some were moved away since the count. Infinite until they are first counted. */
  #totalBytes = Number.POSITIVE_INFINITY;
  #countAtMs = Number.NEGATIVE_INFINITY;
  #dropped = 0;
  #writing: Promise<void> | undefined;
  readonly #dropLog: Tally;

  constructor(options: ResearchLogOptions) {
    this.#options = {
      maxFileBytes: 64 * MEBIBYTE,
      maxTotalBytes: 4096 * MEBIBYTE,
      maxPendingBytes: 8 * MEBIBYTE,
      maxPendingFileBytes: MEBIBYTE / 4,
      wallClock: Date.now,
      now: () => performance.now(),
      ...options,
    };
    this.#dropLog = new Tally((fields) => options.logger.error('research records are being dropped', fields));
  }

  /** Number of records lost to a limit or to a disk error. */
  get dropped(): number {
    return this.#dropped;
  }

  /** Logs at the start, and not only with the first lost record, that the log cannot be written. */
  async check(): Promise<void> {
    const { directory, logger } = this.#options;
    try {
      await mkdir(directory, { recursive: true });
      await access(directory, constants.W_OK);
    } catch (error) {
      logger.error('cannot write the research log', { why: describeError(error) });
    }
  }

  /** Queues a record and returns at once. */
  append(event: string, gameId: Id, playerId: Id, members: Readonly<Record<string, unknown>>): void {
    const line = `${printableJson({
      schema_version: RESEARCH_LOG_SCHEMA_VERSION,
      server_time: new Date(this.#options.wallClock()).toISOString(),
      event,
      game_id: scrub(gameId),
      player_id: scrub(playerId),
      ...asRecord(scrub(members)),
    })}\n`;
    const file = logFileName(gameId);
    const pending = this.#pending.get(file) ?? { lines: [], bytes: 0 };
    const { maxPendingBytes, maxPendingFileBytes } = this.#options;
    const isFull =
      this.#pendingBytes + line.length > maxPendingBytes || pending.bytes + line.length > maxPendingFileBytes;
    if (isFull) {
      this.#drop(1, 'disk too slow');
      return;
    }
    pending.lines.push(line);
    pending.bytes += line.length;
    this.#pending.set(file, pending);
    this.#pendingBytes += line.length;
    this.#writing ??= this.#drain();
  }

  /** Resolves once every record queued so far is on disk or was dropped. */
  async flush(): Promise<void> {
    while (this.#writing !== undefined) await this.#writing;
  }

  async close(): Promise<void> {
    await this.flush();
    this.#dropLog.stop();
  }

  async #drain(): Promise<void> {
    // Combines the records of one tick into one write.
    await Promise.resolve();
    for (let next = this.#takeNext(); next !== undefined; next = this.#takeNext()) {
      const [file, lines] = next;
      try {
        await this.#write(file, lines);
      } catch (error) {
        this.#drop(lines.length, describeError(error), codeOf(error));
      }
    }
    this.#writing = undefined;
  }

  #takeNext(): [file: string, lines: string[]] | undefined {
    for (const [file, { lines, bytes }] of this.#pending) {
      this.#pending.delete(file);
      this.#pendingBytes -= bytes;
      return [file, lines];
    }
    return undefined;
  }

  async #write(file: string, lines: string[]): Promise<void> {
    const { directory } = this.#options;
    // Before each write, because someone may move the folder away to keep it.
    await mkdir(directory, { recursive: true });
    const path = join(directory, file);
    const fileBytes = await bytesOf(path);
    let accepted = this.#linesThatFit(lines, fileBytes);
    if (accepted.length < lines.length && (await this.#recount()))
      accepted = this.#linesThatFit(lines, fileBytes);
    if (accepted.length < lines.length) this.#drop(lines.length - accepted.length, 'log full');
    if (accepted.length === 0) return;
    const otherBytes = this.#totalBytes - onDisk(fileBytes);
    const handle = await open(path, 'a+', 0o640);
    try {
      // Measured again, because the file may have been moved away in the meantime.
      const { size } = await handle.stat();
      const separator = size > 0 && !(await endsWithNewline(handle, size)) ? NEWLINE : '';
      const data = Buffer.from(separator + accepted.join(''));
      try {
        await handle.appendFile(data);
      } catch (error) {
        // A full disk may have accepted a part that ends in the middle of a line.
        await handle.truncate(size);
        throw error;
      }
      this.#totalBytes = otherBytes + onDisk(size + data.length);
    } finally {
      await handle.close();
    }
  }

  #linesThatFit(lines: string[], fileBytes: number): string[] {
    const { maxFileBytes, maxTotalBytes } = this.#options;
    const otherBytes = this.#totalBytes - onDisk(fileBytes);
    const limit = Math.min(maxFileBytes, maxTotalBytes - otherBytes);
    return takeWhileFits(lines, limit - fileBytes - NEWLINE.length);
  }

  /** Counts all files again, at most once a minute. @returns whether it did. */
  async #recount(): Promise<boolean> {
    const nowMs = this.#options.now();
    if (nowMs < this.#countAtMs) return false;
    this.#totalBytes = await bytesIn(this.#options.directory);
    this.#countAtMs = nowMs + RECOUNT_MS;
    return true;
  }

  #drop(count: number, why: string, kind = why): void {
    this.#dropped += count;
    this.#dropLog.count(kind, { why }, count);
  }
}

/** A readable part and a hash of the whole id, so that no id can escape the directory or collide with another. */
export function logFileName(gameId: Id): string {
  const readable = String(scrub(keyOf(gameId)))
    .replace(/[^A-Za-z0-9_-]+/g, '_')
    .slice(0, 48);
  const hash = createHash('sha256')
    .update(JSON.stringify(keyOf(gameId)))
    .digest('hex')
    .slice(0, 16);
  return `game-${readable}-${hash}.ndjson`;
}

const asRecord = (value: unknown): object => (typeof value === 'object' && value !== null ? value : {});

/** The code only: the message contains a file name, and each would count as another reason. */
const codeOf = (error: unknown): string =>
  error instanceof Error && 'code' in error ? String(error.code) : 'unknown';

async function bytesIn(directory: string): Promise<number> {
  const names = (await readdir(directory)).filter((name) => name.endsWith('.ndjson'));
  let total = 0;
  for (const name of names) total += onDisk(await bytesOf(join(directory, name)));
  return total;
}

const onDisk = (bytes: number): number => Math.ceil(bytes / BLOCK_BYTES) * BLOCK_BYTES;

// A file that was moved away during the count counts as empty.
const bytesOf = (path: string): Promise<number> =>
  stat(path).then(
    ({ size }) => size,
    () => 0,
  );

interface Readable {
  read(buffer: Buffer, offset: number, length: number, position: number): Promise<unknown>;
}

// A killed process may have left half a line; the next record must not be appended to it.
async function endsWithNewline(handle: Readable, size: number): Promise<boolean> {
  const last = Buffer.alloc(1);
  await handle.read(last, 0, 1, size - 1);
  return last[0] === 0x0a;
}

function takeWhileFits(lines: string[], room: number): string[] {
  let used = 0;
  const firstTooMany = lines.findIndex((line) => {
    used += Buffer.byteLength(line);
    return used > room;
  });
  return firstTooMany === -1 ? lines : lines.slice(0, firstTooMany);
}
