import { readFile } from 'node:fs/promises';
import { createServer, type Server, type ServerResponse } from 'node:http';
import { createRequire } from 'node:module';
import { bundle } from './page-bundles';

const require = createRequire(import.meta.url);

export interface PageServer {
  readonly url: string;
  /** An empty page. */
  readonly blankUrl: string;
  /** A page with `window.driver` (tests/support/page-driver.ts). */
  readonly driverUrl: string;
  close(): Promise<void>;
}

const HTML = 'text/html; charset=utf-8';
const SCRIPT = 'text/javascript; charset=utf-8';

interface Resource {
  readonly type: string;
  readonly text: () => Promise<string>;
}

const page = (body: string): Resource => ({
  type: HTML,
  text: async () =>
    `<!doctype html><html lang="en"><meta charset="utf-8"><link rel="icon" href="data:,"><title>Holdfast</title>${body}</html>`,
});

/** Bundles are made on the first request and then kept, so that a test of bare browsers compiles nothing. */
const script = (make: () => Promise<string>): Resource => {
  let made: Promise<string> | undefined;
  return {
    type: SCRIPT,
    text: () => {
      made ??= make();
      return made;
    },
  };
};

function resources(): ReadonlyMap<string, Resource> {
  return new Map([
    ['/', page('')],
    ['/driver', page('<script src="/driver.js"></script>')],
    ['/driver.js', script(() => bundle({ entry: 'tests/support/page-driver.ts', format: 'iife' }))],
    ['/holdfast.js', script(() => bundle({ entry: 'src/index.ts', format: 'es' }))],
    [
      '/holdfast.global.js',
      script(() => bundle({ entry: 'src/index.ts', format: 'iife', globalName: 'Holdfast' })),
    ],
    ['/socket.io.js', script(() => readFile(require.resolve('socket.io-client/dist/socket.io.js'), 'utf8'))],
  ]);
}

/** A page that is isolated from other origins has a clock of 5 µs; others have one of 100 µs. */
const ISOLATED = {
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-embedder-policy': 'require-corp',
} as const;

/** Serves test pages and bundles of the sources over http; WebRTC needs an origin, and modules need one too. */
export async function startPageServer({
  host = '127.0.0.1',
  port = 0,
  isolated = false,
} = {}): Promise<PageServer> {
  const known = resources();
  const server = createServer((request, response) => {
    const { pathname } = new URL(request.url ?? '/', 'http://pages');
    if (isolated) for (const [name, value] of Object.entries(ISOLATED)) response.setHeader(name, value);
    answer(response, known.get(pathname)).catch((error: unknown) => {
      response.writeHead(500).end(String(error));
    });
  });
  await new Promise<void>((resolve) => server.listen(port, host, resolve));
  const url = `http://${host}:${portOf(server)}`;
  return { url, blankUrl: `${url}/`, driverUrl: `${url}/driver`, close: () => closeServer(server) };
}

async function answer(response: ServerResponse, resource: Resource | undefined): Promise<void> {
  if (resource === undefined) {
    response.writeHead(404).end();
    return;
  }
  const text = await resource.text();
  response.writeHead(200, { 'content-type': resource.type, 'cache-control': 'no-store' }).end(text);
}

function portOf(server: Server): number {
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('the page server has no port');
  return address.port;
}

function closeServer(server: Server): Promise<void> {
  server.closeAllConnections();
  return new Promise((resolve, reject) => server.close((error) => (error ? reject(error) : resolve())));
}
