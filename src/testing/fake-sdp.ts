import type { BrowserProfile } from './profiles';

export type PathKind = 'direct' | 'relay';

export interface FakeCandidate {
  /** As in `RTCIceCandidateInit`. */
  candidate: string;
  sdpMid: string;
  sdpMLineIndex: number;
  usernameFragment: string;
}

export interface ParsedSdp {
  ufrag: string;
  fingerprint: string;
  candidates: string[];
  /** The description without its candidates. */
  body: string;
}

/** A local ICE generation: its ufrag and password, and the candidates that were gathered for it. */
export interface LocalGeneration {
  ufrag: string;
  password: string;
  kinds: Set<PathKind>;
  candidates: FakeCandidate[];
}

const CANDIDATE_LINE = /^a=(candidate:.*?)\r?\n/gm;
const LETTERS = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789';

const randomText = (length: number, random: () => number): string =>
  Array.from({ length }, () => LETTERS[Math.floor(random() * LETTERS.length)]).join('');

export const newGeneration = (random: () => number): LocalGeneration => ({
  ufrag: randomText(4, random),
  password: randomText(24, random),
  kinds: new Set(),
  candidates: [],
});

export const kindOfCandidate = (candidate: string): PathKind =>
  candidate.includes(' typ relay') ? 'relay' : 'direct';

/** In the format of a SHA-256 certificate digest. */
export const randomFingerprint = (random: () => number): string =>
  Array.from({ length: 32 }, () =>
    Math.floor(random() * 256)
      .toString(16)
      .padStart(2, '0')
      .toUpperCase(),
  ).join(':');

/** A description with one data channel section, as browsers write it. */
export function writeSdp(options: {
  type: 'offer' | 'answer';
  version: number;
  ufrag: string;
  password: string;
  fingerprint: string;
  candidates: readonly FakeCandidate[];
  profile: BrowserProfile;
}): string {
  const { type, version, ufrag, password, fingerprint, candidates, profile } = options;
  const lines = [
    'v=0',
    `o=${profile.name === 'firefox' ? 'mozilla...THIS_IS_SDPARTA-99.0' : '-'} 4611731400430051336 ${version} IN IP4 127.0.0.1`,
    's=-',
    't=0 0',
    'a=group:BUNDLE 0',
    'm=application 9 UDP/DTLS/SCTP webrtc-datachannel',
    'c=IN IP4 0.0.0.0',
    ...candidates.map(({ candidate }) => `a=${candidate}`),
    `a=ice-ufrag:${ufrag}`,
    `a=ice-pwd:${password}`,
    'a=ice-options:trickle',
    `a=fingerprint:sha-256 ${fingerprint}`,
    `a=setup:${type === 'offer' ? 'actpass' : 'active'}`,
    'a=mid:0',
    'a=sctp-port:5000',
    `a=max-message-size:${profile.maxMessageSizeBytes}`,
  ];
  return `${lines.join('\r\n')}\r\n`;
}

/** @returns null for a description that no browser would accept. */
export function readSdp(sdp: string): ParsedSdp | null {
  const ufrag = /^a=ice-ufrag:(\S+)/m.exec(sdp)?.[1];
  const fingerprint = /^a=fingerprint:sha-256 (\S+)/m.exec(sdp)?.[1];
  if (!sdp.startsWith('v=0') || !ufrag || !fingerprint || !/^m=application /m.test(sdp)) return null;
  const candidates = [...sdp.matchAll(CANDIDATE_LINE)].map(([, candidate = '']) => candidate);
  return { ufrag, fingerprint, candidates, body: sdp.replace(CANDIDATE_LINE, '') };
}

/** The description including every candidate of its generation that has arrived since, as browsers return it. */
export const showSdp = ({ body, candidates }: ParsedSdp): string =>
  body.replace(/^a=ice-ufrag:/m, `${candidates.map((each) => `a=${each}\r\n`).join('')}a=ice-ufrag:`);

/** A host candidate of the page, or a relay candidate. Addresses are from the ranges for documentation (RFC 5737). */
export function writeCandidate(kind: PathKind, page: number, port: number, ufrag: string): FakeCandidate {
  const host = `192.0.2.${page + 1}`;
  const text =
    kind === 'direct'
      ? `candidate:${page + 1} 1 udp 2122260223 ${host} ${port} typ host`
      : `candidate:9${page + 1} 1 udp 41885439 198.51.100.1 ${port} typ relay raddr ${host} rport ${port}`;
  return {
    candidate: `${text} generation 0 ufrag ${ufrag} network-id 1`,
    sdpMid: '0',
    sdpMLineIndex: 0,
    usernameFragment: ufrag,
  };
}
