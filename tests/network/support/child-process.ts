import { spawn } from 'node:child_process';

interface WaitOptions {
  readonly timeoutMs?: number;
  /** Looks only at the output after so many characters. */
  readonly after?: number;
}

export interface RunningChild {
  readonly pid: number;
  /** Everything printed so far on both outputs: what you want to see when a test fails. */
  output(): string;
  /** Resolves with the match once it is in the output; rejects if the child ends before. */
  waitFor(pattern: RegExp, options?: WaitOptions): Promise<RegExpExecArray>;
  /** Writes to its standard input. */
  type(text: string): void;
  /** Ends the child and resolves once it is gone. */
  stop(signal?: NodeJS.Signals): Promise<void>;
}

const READY_TIMEOUT_MS = 20_000;
/** A child that ignores the polite signal for so long is killed. */
const POLITE_STOP_MS = 2_000;

const alive = new Set<number>();
process.on('exit', () => {
  for (const pid of alive) signalQuietly(pid, 'SIGKILL');
});

export function startChild(program: string, args: readonly string[], env?: NodeJS.ProcessEnv): RunningChild {
  const child = spawn(program, [...args], {
    stdio: ['pipe', 'pipe', 'pipe'],
    env: { ...process.env, ...env },
  });
  let text = '';
  const watchers = new Set<() => void>();
  const notice = (): void => {
    for (const watcher of [...watchers]) watcher();
  };
  let ended = false;
  const gone = new Promise<void>((resolve) => {
    const end = (reason: string): void => {
      if (ended) return;
      ended = true;
      text += `\n[${program} ended: ${reason}]`;
      if (child.pid !== undefined) alive.delete(child.pid);
      notice();
      resolve();
    };
    child.once('error', (error) => end(error.message));
    child.once('exit', (code, signal) => end(String(signal ?? code)));
  });
  // A child that is gone reports itself above.
  child.stdin.on('error', () => undefined);
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (chunk: string) => {
      text += chunk;
      notice();
    });
  }
  const pid = child.pid ?? 0;
  if (pid !== 0) alive.add(pid);

  return {
    pid,
    output: () => text,
    waitFor: (pattern, { timeoutMs = READY_TIMEOUT_MS, after = 0 } = {}) =>
      new Promise((resolve, reject) => {
        const finish = (settle: () => void): void => {
          clearTimeout(timer);
          watchers.delete(look);
          settle();
        };
        const fail = (why: string): void =>
          finish(() => reject(new Error(`${program} ${args.join(' ')}: ${why} before ${pattern}\n${text}`)));
        const look = (): void => {
          const match = pattern.exec(text.slice(after));
          if (match !== null) finish(() => resolve(match));
          else if (ended) fail('ended');
        };
        const timer = setTimeout(() => fail(`${timeoutMs} ms passed`), timeoutMs);
        watchers.add(look);
        look();
      }),
    type: (input) => {
      child.stdin.write(input);
    },
    stop: async (signal = 'SIGTERM') => {
      if (ended) return;
      signalQuietly(pid, signal);
      const timer = setTimeout(() => signalQuietly(pid, 'SIGKILL'), POLITE_STOP_MS);
      await gone;
      clearTimeout(timer);
    },
  };
}

function signalQuietly(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch {
    // It is gone already.
  }
}
