/** The path that carries data, as upstream names it. */
export interface PathInfo {
  /** `relay` where either end's candidate is. */
  connectionType: 'direct' | 'relay';
  /** `host`, `srflx`, `prflx` or `relay`. */
  localCandidateType: string;
  /** The same of the other end; may be `prflx` until its signal comes. */
  remoteCandidateType: string;
  /** `udp` or `tcp`. */
  localProtocol: string | null;
  /** `localProtocol`, by the name that the event `p2p_connection_type` has for it. */
  protocol: string | null;
  /** `udp`, `tcp` or `tls` between the relay and whichever side uses it; null on a direct path, or where this end cannot tell: the other one's TLS. */
  relayProtocol: string | null;
  /** Null where addresses are hidden behind mDNS names. */
  ipVersion: 4 | 6 | null;
}

/** `RTCStatsReport` leaves its entries untyped. */
type Entry = Record<string, unknown> & { type: string };

/** All that is used of a report. Test doubles hand out an array in its place, which has this, too. */
interface Report {
  forEach(visit: (entry: Entry, key: unknown) => void): void;
}

function entriesById(stats: Report): ReadonlyMap<unknown, Entry> {
  const entries = new Map<unknown, Entry>();
  stats.forEach((entry, key) => void entries.set(entry.id ?? key, entry));
  return entries;
}

export const text = (value: unknown) => (typeof value === 'string' && value !== '' ? value : null);
export const count = (value: unknown) => (typeof value === 'number' ? value : 0);

/**
 * The selected pair: as the transport names it, else the one that says `selected` (Firefox), else the succeeded pair that has
 * moved most bytes. After a restart several pairs say `nominated`.
 */
export function selectedPair(stats: Report): Entry | null {
  const byId = entriesById(stats);
  const entries = [...byId.values()];
  // Only transports have this member.
  for (const { selectedCandidatePairId } of entries) {
    const pair = byId.get(selectedCandidatePairId);
    if (pair) return pair;
  }
  const pairs = entries.filter(({ type }) => type === 'candidate-pair');
  const bytes = (pair: Entry) => count(pair.bytesSent) + count(pair.bytesReceived);
  const succeeded = pairs.filter(({ state }) => state === 'succeeded').sort((a, b) => bytes(b) - bytes(a));
  return pairs.find(({ selected }) => selected === true) ?? succeeded[0] ?? null;
}

/**
 * The protocol between a relay and its user. Where no stat names it, the first byte of the candidate's priority does: in libwebrtc 3, 1 and 0 for UDP,
 * TCP and TLS (2, 1 and 0 in older versions), in Firefox 5 and 0 for UDP and the rest.
 */
function relayProtocolOf(candidate: Entry): string | null {
  const preference = count(candidate.priority) >>> 24;
  return text(candidate.relayProtocol) ?? { 5: 'udp', 3: 'udp', 2: 'udp', 1: 'tcp' }[preference] ?? null;
}

/**
 * A candidate as its signal described it. One whose checks came before its signal is `prflx` in the stats, and in Firefox it stays so: what the signal
 * said is found in the remote description.
 */
function withSignaledType(candidate: Entry | undefined, sdp: string): Entry | undefined {
  if (candidate?.candidateType !== 'prflx') return candidate;
  const line = new RegExp(` (\\d+) ${candidate.address} ${candidate.port} typ (\\w+)`);
  const [, priority, candidateType] = line.exec(sdp) ?? [];
  return candidateType ? { ...candidate, candidateType, priority: Number(priority) } : candidate;
}

const ipVersionOf = (candidate: Entry) => {
  const address = text(candidate.address) ?? text(candidate.ip);
  return address === null || address.endsWith('.local') ? null : address.includes(':') ? 6 : 4;
};

/** Looks at the connection once. @returns the path, or null while it cannot be told: a missing candidate is never called direct. */
async function readPath(pc: RTCPeerConnection): Promise<PathInfo | null> {
  const stats = await pc.getStats();
  const pair = selectedPair(stats);
  const byId = entriesById(stats);
  const local = pair && byId.get(pair.localCandidateId);
  const remote = pair && withSignaledType(byId.get(pair.remoteCandidateId), pc.remoteDescription?.sdp ?? '');
  const localCandidateType = text(local?.candidateType);
  const remoteCandidateType = text(remote?.candidateType);
  if (!local || !remote || !localCandidateType || !remoteCandidateType) return null;
  const relayed = [local, remote].find(({ candidateType }) => candidateType === 'relay');
  const localProtocol = text(local.protocol)?.toLowerCase() ?? null;
  return {
    connectionType: relayed ? 'relay' : 'direct',
    localCandidateType,
    remoteCandidateType,
    localProtocol,
    protocol: localProtocol,
    relayProtocol: relayed ? relayProtocolOf(relayed) : null,
    ipVersion: ipVersionOf(local) ?? ipVersionOf(remote),
  };
}

/** Looks at the connection once; never rejects. */
export const lookUpPath = (pc: RTCPeerConnection): Promise<PathInfo | null> => readPath(pc).catch(() => null);
