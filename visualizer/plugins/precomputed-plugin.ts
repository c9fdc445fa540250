import { fileURLToPath } from 'node:url';
import { type Plugin, runnerImport } from 'vite';
import { withElkCache } from './elk-cache.ts';

const NAME = 'virtual:precomputed';
const RESOLVED = `\0${NAME}`;

/**
 * `virtual:precomputed` contains the library's current machines and their elk layouts, so that the page can draw at once. elk, which has 1.6 MB,
 * is loaded only for other machines.
 */
export function precomputedPlugin(): Plugin {
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
  const file = fileURLToPath(new URL('./precomputed.ts', import.meta.url));
  const { module } = await runnerImport<typeof import('./precomputed')>(file, {
    configFile: false,
    logLevel: 'error',
    resolve: { tsconfigPaths: true },
  });
  const made = await withElkCache(module.precomputed);
  // Parsing JSON is faster than evaluating an object literal of this size.
  return `export const precomputed = JSON.parse(${JSON.stringify(JSON.stringify(made))});`;
}
