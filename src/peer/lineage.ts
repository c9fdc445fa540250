/**
 * Which connection took over from which. A caller may keep a reference to a connection that was replaced since; monitors and
 * telemetry go on with its successor.
 */
const successors = new WeakMap<RTCPeerConnection, RTCPeerConnection>();

export function succeed(old: RTCPeerConnection, next: RTCPeerConnection): void {
  successors.set(old, next);
}

/** The connection that carries data now for whoever was handed `pc`. */
export function newestOf(pc: RTCPeerConnection): RTCPeerConnection {
  let newest = pc;
  for (let next = successors.get(newest); next; next = successors.get(newest)) newest = next;
  return newest;
}
