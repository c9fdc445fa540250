/** Values that no inspector may show. The demo puts them wherever a careless game might, and the tests look for them in the viewers. */
export const SECRETS = {
  turnUsername: '1764547200:planted-user',
  turnCredential: 'plantedCredential/7f3a9c==',
  icePassword: 'plantedIcePassword24chars',
  ufrag: 'pLnT',
  address: '203.0.113.77',
  address6: '2001:db8:77::4a',
  mdns: '5f0c1d2e-77aa-4bbb-8ccc-1234567890ab.local',
} as const;

export const SDP = [
  'v=0',
  `o=- 4611731400430051336 2 IN IP4 ${SECRETS.address}`,
  's=-',
  't=0 0',
  'm=application 9 UDP/DTLS/SCTP webrtc-datachannel',
  `a=ice-ufrag:${SECRETS.ufrag}`,
  `a=ice-pwd:${SECRETS.icePassword}`,
  '',
].join('\r\n');

export const CANDIDATE = `candidate:1 1 udp 2122260223 ${SECRETS.address} 50077 typ host generation 0 ufrag ${SECRETS.ufrag}`;

export const ICE_SERVERS: RTCIceServer[] = [
  {
    urls: [`turn:${SECRETS.address}:3478?transport=udp`, `turns:[${SECRETS.address6}]:5349`],
    username: SECRETS.turnUsername,
    credential: SECRETS.turnCredential,
  },
];
