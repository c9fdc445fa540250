import { lookUpPath, type PathInfo } from './path';

/** Firefox tells nobody when the pair changes. */
const LOOK_INTERVAL_MS = 5_000;
/** Right after connecting the stats may not name the pair yet. */
const FIRST_LOOK_INTERVAL_MS = 200;

/**
 * Looks for the path now, whenever the browser says that the pair changed, and now and then.
 *
 * @returns its own stop.
 */
export function watchPath(pc: RTCPeerConnection, found: (path: PathInfo) => void): () => void {
  let isStopped = false;
  let timer: ReturnType<typeof setTimeout> | undefined;
  const transport = pc.sctp?.transport?.iceTransport;
  const look = async () => {
    clearTimeout(timer);
    const path = await lookUpPath(pc);
    if (isStopped) return;
    clearTimeout(timer);
    timer = setTimeout(look, path ? LOOK_INTERVAL_MS : FIRST_LOOK_INTERVAL_MS);
    if (path) found(path);
  };
  void look();
  transport?.addEventListener?.('selectedcandidatepairchange', look);
  return () => {
    isStopped = true;
    clearTimeout(timer);
    transport?.removeEventListener?.('selectedcandidatepairchange', look);
  };
}
