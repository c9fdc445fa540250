import type { PathInfo } from 'holdfast';

/** The path of an end that relays over TCP. */
export const RELAYED: PathInfo = {
  connectionType: 'relay',
  localCandidateType: 'relay',
  remoteCandidateType: 'host',
  localProtocol: 'udp',
  relayProtocol: 'tcp',
  protocol: 'udp',
  ipVersion: 4,
};
