import type { PathInfo } from 'holdfast';

/** The path of an end that uses a relay over TCP. */
export const RELAYED: PathInfo = {
  connectionType: 'relay',
  localCandidateType: 'relay',
  remoteCandidateType: 'host',
  localProtocol: 'udp',
  relayProtocol: 'tcp',
  protocol: 'udp',
  ipVersion: 4,
};
