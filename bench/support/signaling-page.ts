/** Runs in the page: a socket that a link in trouble needs, or one that reconnects by itself. */

import { io, type Socket } from 'socket.io-client';
import { type SignalingWatch, watchSignaling } from '../../src/signaling/signaling-watch';
import { socketIoTransport } from '../../src/signaling/socket-io-transport';

declare global {
  interface Window {
    signaling: typeof signaling;
  }
}

let watch: SignalingWatch;
let socket: Socket;
let wentUpAtMs = 0;

const signaling = {
  async open(url: string, transports: string[]): Promise<void> {
    socket = io(url, { transports });
    await new Promise<void>((resolve) => void socket.once('connect', () => resolve()));
    socket.on('connect', () => {
      wentUpAtMs = Date.now();
    });
    const browser = navigator.userAgent.includes('Firefox/') ? 'firefox' : 'chromium';
    watch = watchSignaling(socketIoTransport(socket, browser), {
      reidentify: () => undefined,
      providerTimeoutMs: 1_000,
      logger: { debug() {}, info() {}, warn() {}, error() {} },
      onChange: (isUp) => isUp && watch.rest(),
    });
  },
  /** What the library does while a link is suspect. */
  miss: (): void => watch.watch(),
  /** Whether it is up, and since when on the wall clock; 0 if it never went down. */
  look: (): { isUp: boolean; sinceMs: number } => ({ isUp: socket.connected, sinceMs: wentUpAtMs }),
};

window.signaling = signaling;
