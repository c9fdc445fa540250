/** What a measured library receives: its player, and the addresses of the servers. */
export interface Party {
  me: 'a' | 'b';
  /** Address of the relay and of the pages. */
  origin: string;
  /** Address of PeerJS's server. */
  peerServer: { host: string; port: number };
  game: string;
  iceServers: readonly RTCIceServer[];
}

/** The game that uses the library. */
export interface Listener {
  receive(data: unknown): void;
  /** Called when the library notifies its game that the link is in trouble. */
  troubled(): void;
}

/** @returns a function that sends one message, or drops it if nothing can be sent. */
export type Subject = (party: Party, listener: Listener) => Promise<(data: ArrayBuffer) => void>;
