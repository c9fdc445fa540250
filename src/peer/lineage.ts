/** The connections of one manager, one after the other. Each holds the newest alone, so that those between may be collected. */
interface Lineage {
  newest: RTCPeerConnection;
}

/**
 * Which connection took over from which. A caller may keep a reference to a connection that was replaced since; monitors and
 * telemetry go on with its successor.
 */
const lineages = new WeakMap<RTCPeerConnection, Lineage>();

export function succeed(old: RTCPeerConnection, next: RTCPeerConnection): void {
  const lineage = lineages.get(old) ?? { newest: old };
  lineage.newest = next;
  lineages.set(old, lineage).set(next, lineage);
}

/** The connection that carries data now for whoever was handed `pc`. */
export function newestOf(pc: RTCPeerConnection): RTCPeerConnection {
  return lineages.get(pc)?.newest ?? pc;
}
