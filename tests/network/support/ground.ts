import type { LabBrowser } from './lab-page.js';
import type { Peer } from './namespaces.js';

/** Where two players meet: pages, signaling and browsers, with a network between them that can be broken. */
export interface Ground {
  /** The origin of the pages and of the signaling. */
  readonly origin: string;
  readonly iceServers: readonly RTCIceServer[];
  /** A separate browser for the peer, c(hromium) or f(irefox); it is closed with the ground. */
  launch(peer: Peer, letter: 'c' | 'f'): Promise<LabBrowser>;
  close(): Promise<void>;
}
