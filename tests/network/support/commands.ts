import { execFile, execFileSync } from 'node:child_process';

/** Runs a program to its end and returns its output; a failure names the command and its error. */
export function run(program: string, args: readonly string[], input?: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const child = execFile(program, [...args], (error, stdout, stderr) => {
      if (error === null) resolve(stdout);
      else
        reject(
          new Error(`${program} ${args.join(' ')}: ${stderr.trim() || error.message}`, { cause: error }),
        );
    });
    if (input !== undefined) child.stdin?.end(input);
  });
}

/** For exit handlers, where asynchronous code no longer runs; errors do not matter there. */
export function runQuietly(program: string, args: readonly string[]): string {
  try {
    return execFileSync(program, [...args], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] });
  } catch {
    return '';
  }
}
