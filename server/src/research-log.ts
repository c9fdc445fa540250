import { createHash } from 'node:crypto';
import { access, constants, mkdir, open, readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';

import { type Id, keyOf } from './ids';
import { describeError, printableJson, type RelayLogger } from './logger';
import { scrub } from './scrub';
import { Tally } from './tally';

/** Raised when a record's members change meaning. */
export const RESEARCH_LOG_SCHEMA_VERSION = 1;

export interface ResearchLogOptions {
  readonly directory: string;
  /** A game's file stops growing here. */
  readonly maxFileBytes?: number;
  /** All files together stop growing here, in blocks of a disk. */
  readonly maxTotalBytes?: number;
  /** What may wait for the disk; more is dropped and counted. */
  readonly maxPendingBytes?: number;
  /** What of it may belong to one game, so that a game that floods takes no other's place. */
  readonly maxPendingFileBytes?: number;
  readonly logger: RelayLogger;
  /** Milliseconds since 1970, for `server_time`. */
  readonly wallClock?: () => number;
  /** Milliseconds that only grow. */
  readonly now?: () => number;
}

const MEBIBYTE = 1024 * 1024;
/** A log that looks full is counted anew, since files may have been taken away; to look at all of them for each record would cost too much. */
const RECOUNT_MS = 60_000;
/** What a disk gives to a file at the least: thousands of games with a line each fill it as well. */
const BLOCK_BYTES = 4 * 1024;
/** Ends a line that was cut off. */
const MEND = '\n';

/** One append-only NDJSON file per game, written by one writer at a time. */
export class ResearchLog {
  readonly #options: Required<ResearchLogOptions>;
  readonly #pending = new Map<string, { lines: string[]; bytes: number }>();
  #pendingBytes = 0;
  /** Of all files, where none was taken away since; full until they are counted. */
  #totalBytes = Number.POSITIVE_INFINITY;
  #countAtMs = Number.NEGATIVE_INFINITY;
  #dropped = 0;
  #writing: Promise<void> | undefined;
  readonly #complaints: Tally;

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
    this.#complaints = new Tally((fields) =>
      options.logger.error('research records are being dropped', fields),
    );
  }

  /** Records that a bound or the disk refused. */
  get dropped(): number {
    return this.#dropped;
  }

  /** Says now, and not only with the first record that is lost, where none can be written. */
  async check(): Promise<void> {
    const { directory, logger } = this.#options;
    try {
      await mkdir(directory, { recursive: true });
      await access(directory, constants.W_OK);
    } catch (error) {
      logger.error('research log cannot be written', { why: describeError(error) });
    }
  }

  /** Takes a record; returns at once. */
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

  /** Resolves when everything taken so far is on disk or was given up. */
  async flush(): Promise<void> {
    while (this.#writing !== undefined) await this.#writing;
  }

  async close(): Promise<void> {
    await this.flush();
    this.#complaints.stop();
  }

  async #drain(): Promise<void> {
    // Lets a burst of one tick become one write.
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
    // Again and again: it may be moved away, to be kept.
    await mkdir(directory, { recursive: true });
    const path = join(directory, file);
    const found = await bytesOf(path);
    let taken = this.#whatFits(lines, found);
    if (taken.length < lines.length && (await this.#recount())) taken = this.#whatFits(lines, found);
    if (taken.length < lines.length) this.#drop(lines.length - taken.length, 'log full');
    if (taken.length === 0) return;
    const others = this.#totalBytes - onDisk(found);
    const handle = await open(path, 'a+', 0o640);
    try {
      // The one that was found may have been moved away.
      const { size } = await handle.stat();
      const mend = size > 0 && !(await endsWithNewline(handle, size)) ? MEND : '';
      const data = Buffer.from(mend + taken.join(''));
      try {
        await handle.appendFile(data);
      } catch (error) {
        // What a full disk took of it ends within a line.
        await handle.truncate(size);
        throw error;
      }
      this.#totalBytes = others + onDisk(size + data.length);
    } finally {
      await handle.close();
    }
  }

  /** Of the lines for a file of so many bytes those that have room. */
  #whatFits(lines: string[], found: number): string[] {
    const { maxFileBytes, maxTotalBytes } = this.#options;
    const others = this.#totalBytes - onDisk(found);
    return takeWhileFits(lines, Math.min(maxFileBytes, maxTotalBytes - others) - found - MEND.length);
  }

  /** Counts all files anew, once a minute at most. @returns whether it did. */
  async #recount(): Promise<boolean> {
    const nowMs = this.#options.now();
    if (nowMs < this.#countAtMs) return false;
    this.#totalBytes = await bytesIn(this.#options.directory);
    this.#countAtMs = nowMs + RECOUNT_MS;
    return true;
  }

  #drop(count: number, why: string, kind = why): void {
    this.#dropped += count;
    this.#complaints.count(kind, { why }, count);
  }
}

/** A name that no id can lead out of the directory or make collide: a readable part, and a hash of the whole id. */
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

/** Without the name of a file, of which there may be any number. */
const codeOf = (error: unknown): string =>
  error instanceof Error && 'code' in error ? String(error.code) : 'unknown';

async function bytesIn(directory: string): Promise<number> {
  const names = (await readdir(directory)).filter((name) => name.endsWith('.ndjson'));
  let total = 0;
  for (const name of names) total += onDisk(await bytesOf(join(directory, name)));
  return total;
}

const onDisk = (bytes: number): number => Math.ceil(bytes / BLOCK_BYTES) * BLOCK_BYTES;

// Who moves files away need not wait until they are counted.
const bytesOf = (path: string): Promise<number> =>
  stat(path).then(
    ({ size }) => size,
    () => 0,
  );

interface Readable {
  read(buffer: Buffer, offset: number, length: number, position: number): Promise<unknown>;
}

// A process that was killed may have left half a line: the next record must not be glued to it.
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
