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

/** @returns what sends one message, or drops it where nothing can be sent. */
export type Subject = (
  party: Party,
  receive: (data: unknown) => void,
) => Promise<(data: ArrayBuffer) => void>;
