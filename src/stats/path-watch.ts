import { lookUpPath, type PathInfo } from './path';

/** How often the path is looked up: Firefox fires no event when the pair changes, and another connection may take over. One lookup costs 0.1–0.9 ms. */
const LOOKUP_INTERVAL_MS = 2_000;
/** How often it is looked up until it is found: right after connecting, the stats may not name the pair yet. */
const FIRST_LOOKUP_INTERVAL_MS = 200;
const CHANGE = 'selectedcandidatepairchange';

/**
 * Looks up the path of the current connection: at once, whenever the browser reports a new pair, and every 2 s.
 *
 * @returns a function that stops it.
 */
export function watchPath(
  currentConnection: () => RTCPeerConnection | null,
  onPath: (path: PathInfo) => void,
): () => void {
  let isStopped = false;
  let timer: ReturnType<typeof setTimeout> | undefined;
  let transport: RTCIceTransport | undefined;

  const listenTo = (pc: RTCPeerConnection | null) => {
    transport?.removeEventListener?.(CHANGE, lookUp);
    transport = pc?.sctp?.transport?.iceTransport;
    transport?.addEventListener?.(CHANGE, lookUp);
  };
  const lookUp = async () => {
    const pc = currentConnection();
    listenTo(pc);
    const path = pc && (await lookUpPath(pc));
    if (isStopped) return;
    clearTimeout(timer);
    timer = setTimeout(lookUp, path ? LOOKUP_INTERVAL_MS : FIRST_LOOKUP_INTERVAL_MS);
    if (path) onPath(path);
  };

  void lookUp();
  return () => {
    isStopped = true;
    clearTimeout(timer);
    listenTo(null);
  };
}
