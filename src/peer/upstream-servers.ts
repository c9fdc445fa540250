const STUN = ['stun:stun.l.google.com:19302', 'stun:stun1.l.google.com:19302'];
const TURN = [
  'turn:a.relay.metered.ca:80',
  'turn:a.relay.metered.ca:80?transport=tcp',
  'turn:a.relay.metered.ca:443',
  'turns:a.relay.metered.ca:443?transport=tcp',
];

/** The servers that upstream uses: Google's STUN and, if both user name and password are given, Open Relay's TURN. */
export const upstreamServers = (username: string | null, credential: string | null): RTCIceServer[] => [
  ...STUN.map((urls) => ({ urls })),
  ...(username && credential ? TURN.map((urls) => ({ urls, username, credential })) : []),
];
