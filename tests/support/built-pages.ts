import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Alias, build, createServer, type ViteDevServer } from 'vite';
import { root } from './root';

const inRoot = (path: string): string => join(root, path);

/** The sources instead of the built package, so that pages never see a stale build. */
const sources = (control: 'control' | 'control-off'): Alias[] => [
  { find: /^holdfast$/, replacement: inRoot('src/index.ts') },
  { find: /^holdfast\/machines$/, replacement: inRoot('machines/index.ts') },
  { find: /^holdfast\/inspect$/, replacement: inRoot('src/inspect/index.ts') },
  { find: /^holdfast\/inspect\/control$/, replacement: inRoot(`src/inspect/${control}.ts`) },
];

/** The game as `npm run build:examples` makes it: for production, so that the condition of that name holds. */
export async function buildDuel(outDir: string): Promise<void> {
  await build({
    root: inRoot('examples/duel'),
    configFile: inRoot('examples/duel/vite.config.ts'),
    logLevel: 'error',
    resolve: { alias: sources('control-off') },
    build: { outDir, emptyOutDir: true },
  });
}

/** The visualizer as `npm run build:examples` makes it. */
export async function buildVisualizer(outDir: string): Promise<void> {
  await build({
    root: inRoot('visualizer'),
    configFile: inRoot('visualizer/vite.config.ts'),
    logLevel: 'error',
    build: { outDir, emptyOutDir: true },
  });
}

/** The game as `npm run dev -w @holdfast/duel` serves it, with `relayUrl` behind it for Socket.IO and the visualizer. */
export async function serveDuelForDevelopment(relayUrl: string): Promise<ViteDevServer> {
  const server = await createServer({
    root: inRoot('examples/duel'),
    configFile: inRoot('examples/duel/vite.config.ts'),
    logLevel: 'error',
    resolve: { alias: sources('control') },
    server: {
      host: '127.0.0.1',
      port: 0,
      // A test edits nothing.
      watch: null,
      proxy: { '/socket.io': { target: relayUrl, ws: true }, '/visualizer': relayUrl },
    },
  });
  return server.listen();
}

/** A temporary folder, which `remove` deletes. */
export async function temporaryFolder(): Promise<{ path: string; remove(): Promise<void> }> {
  const path = await mkdtemp(join(tmpdir(), 'holdfast-pages-'));
  return { path, remove: () => rm(path, { recursive: true, force: true }) };
}
