import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

/** A process of the soak. It receives orders and answers each with a report; its output is collected here. */
export interface Child<Order, Report> {
  readonly process: ChildProcess;
  /** Everything that it printed. */
  printed(): string;
  ask(order: Order): Promise<Report>;
  /** The report that it sends by itself once it is ready. */
  readonly ready: Promise<Report>;
  end(): Promise<void>;
}

/** How much of the output is kept; a flood of lines is only counted. */
const MAX_PRINTED_CHARS = 64 * 1024 * 1024;

export function start<Order, Report>(
  file: string,
  settings: object,
  flags: readonly string[] = [],
): Child<Order, Report> {
  const path = fileURLToPath(new URL(`./${file}.ts`, import.meta.url));
  const child = fork(path, [JSON.stringify(settings)], {
    execArgv: [...flags, '--import', 'tsx'],
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
  });
  let printed = '';
  for (const stream of [child.stdout, child.stderr])
    stream?.on('data', (chunk) => {
      if (printed.length < MAX_PRINTED_CHARS) printed += String(chunk);
    });
  child.setMaxListeners(0);
  const answer = async (): Promise<Report> => {
    const outcome = await Promise.race([once(child, 'message'), once(child, 'exit').then(() => null)]);
    if (outcome === null) throw new Error(`${file} ended unexpectedly:\n${printed.slice(-4_000)}`);
    return outcome[0];
  };
  return {
    process: child,
    printed: () => printed,
    ready: answer(),
    ask(order) {
      const answered = answer();
      child.send(JSON.parse(JSON.stringify(order)));
      return answered;
    },
    async end() {
      if (child.exitCode !== null) return;
      const ended = once(child, 'exit');
      child.kill();
      await ended;
    },
  };
}
