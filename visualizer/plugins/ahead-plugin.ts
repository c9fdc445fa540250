import { fileURLToPath } from 'node:url';
import { type Plugin, runnerImport } from 'vite';
import { withAnswers } from './answers.ts';

const NAME = 'virtual:ahead';
const RESOLVED = `\0${NAME}`;

/**
 * `virtual:ahead` holds the library's machines as they are now, and elk's pictures of them: the page draws at once, and elk, 1.6 MB of
 * it, is loaded only for a machine that is another.
 */
export function aheadPlugin(): Plugin {
  let made: Promise<string> | undefined;
  return {
    name: 'holdfast-ahead',
    resolveId: (id) => (id === NAME ? RESOLVED : undefined),
    load(id) {
      if (id !== RESOLVED) return undefined;
      made ??= make();
      return made;
    },
  };
}

async function make(): Promise<string> {
  const file = fileURLToPath(new URL('./ahead.ts', import.meta.url));
  const { module } = await runnerImport<typeof import('./ahead')>(file, {
    configFile: false,
    logLevel: 'error',
    resolve: { tsconfigPaths: true },
  });
  const made = await withAnswers(module.ahead);
  // A text that is parsed starts faster than a literal of this size.
  return `export const ahead = JSON.parse(${JSON.stringify(JSON.stringify(made))});`;
}
