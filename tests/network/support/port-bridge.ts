import { connect, createServer, type Server, type Socket } from 'node:net';
import { fileURLToPath } from 'node:url';
import { startChild } from './child-process.js';

const INNER_PROGRAM = fileURLToPath(new URL('./port-bridge-inner.ts', import.meta.url));

/**
 * Makes a TCP port of a namespace reachable on the same port outside. It uses a unix socket, which
 * belongs to the file system, which network namespaces share.
 */
export async function bridgeOut(
  namespace: string,
  port: number,
  socketPath: string,
): Promise<{ close(): Promise<void> }> {
  const args = ['netns', 'exec', namespace, process.execPath, '--import', 'tsx', INNER_PROGRAM];
  const inner = startChild('ip', [...args, socketPath, String(port)]);
  await inner.waitFor(/^bridging$/m);
  const outer = await listenAndPipe(port, () => connect(socketPath));
  return {
    close: async () => {
      outer.close();
      await inner.stop();
    },
  };
}

/** Pipes each connection made to `where` (a port or a socket path) into a new one from `open`. */
export function listenAndPipe(where: number | string, open: () => Socket): Promise<Server> {
  const server = createServer((near) => {
    const far = open();
    near.pipe(far).pipe(near);
    const endBoth = (): void => {
      near.destroy();
      far.destroy();
    };
    for (const end of [near, far]) end.on('error', endBoth).on('close', endBoth);
  });
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    const ready = (): void => resolve(server);
    if (typeof where === 'number') server.listen(where, '127.0.0.1', ready);
    else server.listen(where, ready);
  });
}
