import { io, type Socket } from 'socket.io-client';
import { vi } from 'vitest';
import { startRelay } from '../support/relay';
import { describeRelay } from '../support/relay-acceptance';

const CONNECT_DEADLINE_MS = 15_000;

describeRelay('the relay', async () => {
  let aheadMs = 0;
  const relay = await startRelay({ now: () => aheadMs });
  const sockets: Socket[] = [];
  return {
    async connect() {
      const socket = io(relay.url, { transports: ['websocket'], forceNew: true, reconnectionDelay: 50 });
      sockets.push(socket);
      await vi.waitUntil(() => socket.connected, CONNECT_DEADLINE_MS);
      return socket;
    },
    restart: () => relay.restart(),
    async pass(ms) {
      aheadMs += ms;
    },
    async dispose() {
      for (const socket of sockets) socket.disconnect();
      await relay.stop();
    },
  };
});
