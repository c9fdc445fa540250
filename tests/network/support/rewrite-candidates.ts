import type { Peer } from './namespaces.js';
import type { UdpRelay } from './udp-relay.js';

const LINE = /^(?:a=)?candidate:(\S+) (\d+) (udp|tcp) (\d+) (\S+) (\d+) typ host(.*)$/i;
const IPV4 = /^\d+\.\d+\.\d+\.\d+$/;

interface DescriptionPayload {
  readonly type: string;
  readonly sdp: string;
}

interface CandidatePayload {
  readonly candidate: string;
}

/** A signal as the relay server carries it; anything but a description or a candidate passes unchanged. */
export interface AnySignal {
  readonly type: string;
  readonly payload: unknown;
}

/**
 * Puts the relay between two peers: host candidates from `from` are replaced by the relay's ports, and all
 * others are dropped (null), because they would bypass it.
 */
export async function rewriteSignal<Signal extends AnySignal>(
  relay: UdpRelay,
  from: Peer,
  signal: Signal,
): Promise<Signal | null> {
  const { payload } = signal;
  if (isDescription(payload)) {
    return { ...signal, payload: { ...payload, sdp: await rewriteSdp(relay, from, payload.sdp) } };
  }
  if (!isCandidate(payload) || payload.candidate === '') return signal;
  const candidate = await rewriteLine(relay, from, payload.candidate);
  return candidate === null ? null : { ...signal, payload: { ...payload, candidate } };
}

async function rewriteSdp(relay: UdpRelay, from: Peer, sdp: string): Promise<string> {
  const lines = await Promise.all(
    sdp
      .split('\r\n')
      .map((line) => (line.startsWith('a=candidate:') ? rewriteLine(relay, from, line) : line)),
  );
  return lines.filter((line) => line !== null).join('\r\n');
}

async function rewriteLine(relay: UdpRelay, from: Peer, line: string): Promise<string | null> {
  const [, foundation, component, protocol, priority, address = '', port, rest] = LINE.exec(line) ?? [];
  if (protocol?.toLowerCase() !== 'udp' || !IPV4.test(address)) return null;
  const face = await relay.portFor(from, address, Number(port));
  const prefix = line.startsWith('a=') ? 'a=' : '';
  return `${prefix}candidate:${foundation} ${component} udp ${priority} ${relay.host} ${face} typ host${rest}`;
}

function isDescription(payload: unknown): payload is DescriptionPayload {
  return (
    typeof payload === 'object' && payload !== null && 'sdp' in payload && typeof payload.sdp === 'string'
  );
}

function isCandidate(payload: unknown): payload is CandidatePayload {
  return (
    typeof payload === 'object' &&
    payload !== null &&
    'candidate' in payload &&
    typeof payload.candidate === 'string'
  );
}
