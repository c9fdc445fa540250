import { onTestFinished, vi } from 'vitest';
import { frame, RawSocket } from '../../tests/support/raw-web-socket';
import type { World } from './world';

/** A WebSocket without a client library, which does what no client would. */
export interface RawClient {
  readonly socket: RawSocket;
  /** Messages of the server, each starting with Engine.IO's digit. */
  readonly texts: string[];
  readonly isClosed: boolean;
  says(text: string): void;
}

/** Asks for a WebSocket with `query`, and sends `behind` in the same packet, whatever the answer. */
export async function openRaw(world: World, query: string, behind?: Buffer): Promise<RawClient> {
  const texts: string[] = [];
  let isClosed = false;
  const socket = await new Promise<RawSocket>((resolve) => {
    const opening = new RawSocket({
      port: world.server.address?.port ?? 0,
      localAddress: '127.0.0.1',
      onOpen: resolve,
      onText: (text) => void texts.push(text),
      onClose: () => {
        isClosed = true;
      },
    });
    onTestFinished(() => opening.destroy());
  });
  socket.upgrade(query, behind);
  return {
    socket,
    texts,
    get isClosed() {
      return isClosed;
    },
    says: (text) => socket.write(frame(text)),
  };
}

/** Upgraded, and no further: the test sends Socket.IO's CONNECT. */
export async function connectRaw(world: World): Promise<RawClient> {
  const client = await openRaw(world, 'transport=websocket');
  await vi.waitFor(() => {
    if (!client.texts.some((text) => text.startsWith('0{'))) throw new Error('not upgraded yet');
  }, 20_000);
  return client;
}

/** Upgraded, and connected to the main namespace. */
export async function connectRawly(world: World): Promise<RawClient> {
  const client = await connectRaw(world);
  client.says('40');
  await vi.waitFor(() => {
    if (!client.texts.some((text) => text.startsWith('40'))) throw new Error('not connected yet');
  }, 20_000);
  return client;
}
