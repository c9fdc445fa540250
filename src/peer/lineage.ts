/** One for all connections that followed each other. It holds the newest alone, so that those between can be garbage-collected. */
interface Lineage {
  newest: RTCPeerConnection;
}

/**
 * Which connection took over from which. A caller may keep a reference to a connection that was replaced since; monitors and
 * telemetry go on with its successor.
 */
const lineages = new WeakMap<RTCPeerConnection, Lineage>();

/** `next` takes over from `old`. */
export function recordSuccessor(old: RTCPeerConnection, next: RTCPeerConnection): void {
  const lineage = lineages.get(old) ?? { newest: old };
  lineage.newest = next;
  lineages.set(old, lineage).set(next, lineage);
}

/** The connection that carries data now for whoever was handed `pc`. */
export function newestOf(pc: RTCPeerConnection): RTCPeerConnection {
  return lineages.get(pc)?.newest ?? pc;
}
