import type { Subject } from './subject';

/** The part of PeerJS's browser build that is used. */
interface DataConnection {
  open: boolean;
  send(data: unknown): void;
  on(name: string, listener: (value: unknown) => void): void;
}
interface Peer {
  connect(id: string, options: object): DataConnection;
  reconnect(): void;
  on(name: string, listener: (value: never) => void): void;
}
declare global {
  interface Window {
    Peer: new (id: string, options: object) => Peer;
  }
}

/** Delay before a closed or refused connection is recreated. */
const AGAIN_MS = 1_000;

/** As in the PeerJS documentation, plus what a game adds: it recreates a closed connection and reconnects to a lost server. */
export const peerjs: Subject = async ({ me, game, peerServer, iceServers }, { receive, troubled }) => {
  const peer = new window.Peer(`${game}-${me}`, { ...peerServer, path: '/', config: { iceServers } });
  let connection: DataConnection | undefined;
  const adopt = (opened: DataConnection) => {
    connection = opened;
    opened.on('data', receive);
    opened.on('close', troubled);
    opened.on('error', troubled);
    opened.on('iceStateChanged', (state) => state === 'disconnected' && troubled());
  };
  const connect = () => {
    const made = peer.connect(`${game}-a`, { serialization: 'raw', reliable: false });
    adopt(made);
    made.on('close', again);
    made.on('error', again);
  };
  let waiting: ReturnType<typeof setTimeout> | undefined;
  const again = () => {
    clearTimeout(waiting);
    waiting = setTimeout(connect, AGAIN_MS);
  };
  peer.on('connection', adopt);
  peer.on('disconnected', () => void setTimeout(() => peer.reconnect(), AGAIN_MS));
  await new Promise<void>((resolve) => peer.on('open', () => resolve()));
  if (me === 'b') {
    // The other player may not be at the server yet.
    peer.on('error', again);
    connect();
  }
  return (data) => connection?.open && connection.send(data);
};
