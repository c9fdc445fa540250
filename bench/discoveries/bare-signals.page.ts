/** Runs in the pages of a bare pair whose signals a script carries. It is sent as text, so it may use only its argument and globals of the page. */

export interface Signal {
  readonly description?: RTCSessionDescriptionInit;
  readonly candidate?: RTCIceCandidateInit;
}

/** One end of such a pair. */
export interface SignalledEnd {
  readonly pc: RTCPeerConnection;
  /** Signals to be carried to the other page. */
  readonly signals: Signal[];
}

declare global {
  interface Window {
    end: SignalledEnd;
  }
}

/** Applies the carried signals, and answers an offer. */
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
