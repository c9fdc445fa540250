import { openSignaling } from './signaling';
import type { Subject } from './subject';

/** The part of simple-peer's browser build that is used. */
interface Peer {
  connected: boolean;
  signal(signal: unknown): void;
  send(data: unknown): void;
  destroy(): void;
  on(name: string, listener: (value: unknown) => void): void;
}
declare global {
  interface Window {
    SimplePeer: new (options: object) => Peer;
  }
}

/** As in its README, plus what a game adds: the initiator creates a new connection when the old one has closed or the other player has joined again. Every offer belongs to a new connection. */
export const simplePeer: Subject = async (party, { receive, troubled }) => {
  const isInitiator = party.me === 'a';
  let peer: Peer | undefined;
  const create = () => {
    peer?.destroy();
    const made = new window.SimplePeer({
      initiator: isInitiator,
      channelConfig: { ordered: false, maxRetransmits: 0 },
      config: { iceServers: party.iceServers },
    });
    peer = made;
    made.on('signal', say);
    made.on('data', (data) => {
      if (data instanceof Uint8Array) receive(data.slice().buffer);
    });
    made.on('error', troubled);
    made.on('close', () => {
      troubled();
      if (isInitiator && made === peer) setTimeout(create, 1_000);
    });
  };
  const say = await openSignaling(
    party,
    (signal) => {
      const isOffer = Object(signal).type === 'offer';
      if (isOffer) create();
      peer?.signal(signal);
    },
    () => isInitiator && create(),
  );
  if (isInitiator) create();
  return (data) => peer?.connected && peer.send(data);
};
