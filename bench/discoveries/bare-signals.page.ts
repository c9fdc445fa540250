/** What runs in the pages of a bare pair whose signals a script carries: sent as text, so it uses its argument and page globals only. */

export interface Signal {
  readonly description?: RTCSessionDescriptionInit;
  readonly candidate?: RTCIceCandidateInit;
}

/** The end of such a pair in a page. */
export interface SignalledEnd {
  readonly pc: RTCPeerConnection;
  /** What waits to be carried to the other page. */
  readonly signals: Signal[];
}

declare global {
  interface Window {
    end: SignalledEnd;
  }
}

/** Takes what was carried here; an offer is answered. */
export async function take(signals: Signal[]): Promise<void> {
  const { pc, signals: out } = window.end;
  for (const { description, candidate } of signals) {
    if (description) await pc.setRemoteDescription(description);
    else await pc.addIceCandidate(candidate);
    if (description?.type !== 'offer') continue;
    await pc.setLocalDescription();
    out.push({ description: { type: 'answer', sdp: pc.localDescription?.sdp ?? '' } });
  }
}
