/** What a subject is given: who it is, and where the others are. */
export interface Party {
  me: 'a' | 'b';
  /** Of the relay and of the pages. */
  origin: string;
  /** Of PeerJS's own server. */
  peerServer: { host: string; port: number };
  game: string;
  iceServers: readonly RTCIceServer[];
}

/** The game above. */
export interface Listener {
  receive(data: unknown): void;
  /** Told, by whatever the subject tells its game, that the link is in trouble. */
  troubled(): void;
}

/** @returns what sends one message, or drops it where nothing can be sent. */
export type Subject = (party: Party, listener: Listener) => Promise<(data: ArrayBuffer) => void>;
