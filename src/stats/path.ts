/** The path that carries data, with upstream's field names. */
export interface PathInfo {
  /** `relay` if either end's candidate is one. */
  connectionType: 'direct' | 'relay';
  /** `host`, `srflx`, `prflx` or `relay`. */
  localCandidateType: string;
  /** The same for the other end; may be `prflx` until its candidate arrives by signaling. */
  remoteCandidateType: string;
  /** `udp` or `tcp`; null if the browser does not report it. */
  localProtocol: string | null;
  /** The same as `localProtocol`, under the name that upstream's `p2p_connection_type` uses. */
  protocol: string | null;
  /** `udp`, `tcp` or `tls` between the relay and the end that uses it. Null on a direct path, or if this end cannot tell, as for the other end's TLS. */
  relayProtocol: string | null;
  /** Null if addresses are hidden behind mDNS names. */
  ipVersion: 4 | 6 | null;
}

/** One entry of an `RTCStatsReport`, which TypeScript leaves untyped. */
type Entry = Record<string, unknown> & { type: string };

/** The part of a stats report that is used. Some test doubles return an array instead, which has `forEach`, too. */
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
 * Finds the selected candidate pair: the one that the transport names, else the one marked `selected` (Firefox), else the succeeded pair that
 * has carried the most bytes. `nominated` does not help, because after a restart several pairs have it.
 */
export function selectedPair(stats: Report): Entry | null {
  const byId = entriesById(stats);
  const entries = [...byId.values()];
  // Only transport stats have this member.
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
 * The protocol between a relay and the end that uses it. If no stat names it, the first byte of the candidate's priority tells: in libwebrtc 3, 1 and 0
 * for UDP, TCP and TLS (2, 1 and 0 in older versions), in Firefox 5 for UDP and 0 for the rest.
 */
function relayProtocolOf(candidate: Entry): string | null {
  const preference = count(candidate.priority) >>> 24;
  return text(candidate.relayProtocol) ?? { 5: 'udp', 3: 'udp', 2: 'udp', 1: 'tcp' }[preference] ?? null;
}

/**
 * Replaces the type `prflx` of a remote candidate by the type in the remote description. The stats say `prflx` if the candidate's checks arrived before
 * its signal; Firefox never corrects that.
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

/** Looks up the path once. @returns the path, or null while it is unknown: a missing candidate never counts as direct. */
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

/** Like {@link readPath}, but resolves with null instead of rejecting. */
export const lookUpPath = (pc: RTCPeerConnection): Promise<PathInfo | null> => readPath(pc).catch(() => null);
