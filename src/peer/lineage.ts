/** Shared by all connections that replaced each other. It references only the newest, so that the others can be garbage-collected. */
interface Lineage {
  newest: RTCPeerConnection;
}

/**
 * Maps each connection to its newest replacement. A game may keep a reference to a replaced connection; monitors and telemetry then go on with the
 * replacement.
 */
const lineages = new WeakMap<RTCPeerConnection, Lineage>();

/** Records that `next` replaces `old`. */
export function recordSuccessor(old: RTCPeerConnection, next: RTCPeerConnection): void {
  const lineage = lineages.get(old) ?? { newest: old };
  lineage.newest = next;
  lineages.set(old, lineage).set(next, lineage);
}

/** @returns the newest replacement of `pc`, or `pc` itself. */
export function newestOf(pc: RTCPeerConnection): RTCPeerConnection {
  return lineages.get(pc)?.newest ?? pc;
}
