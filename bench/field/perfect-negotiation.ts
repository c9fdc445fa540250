import type { Listener, Party } from './subject';

export interface Signal {
  description?: RTCSessionDescriptionInit;
  /** The offer is for a connection that the other end does not have yet. */
  isFirst?: boolean;
  candidate?: RTCIceCandidateInit;
  /** Our channel is closed for good. */
  isClosed?: boolean;
}

export interface Connection {
  /** One after the other. */
  take(signal: Signal): void;
  send(data: ArrayBuffer): void;
  close(): void;
}

/**
 * Perfect negotiation, the pattern that MDN and the editors of the specification recommend, with their advice to call `restartIce()` when the
 * connection has failed (https://developer.mozilla.org/docs/Web/API/WebRTC_API/Perfect_negotiation).
 */
export function connect(
  { me, iceServers }: Party,
  { receive, troubled }: Listener,
  say: (signal: Signal) => void,
  closed: () => void,
): Connection {
  const isPolite = me === 'b';
  const pc = new RTCPeerConnection({ iceServers: [...iceServers] });
  let channel: RTCDataChannel | undefined;
  let isOffering = false;
  let isIgnoring = false;
  const adopt = (opened: RTCDataChannel) => {
    channel = opened;
    channel.binaryType = 'arraybuffer';
    channel.onmessage = ({ data }) => receive(data);
    channel.onclose = closed;
  };
  const sayDescription = async () => {
    await pc.setLocalDescription();
    if (pc.localDescription)
      say({ description: pc.localDescription, isFirst: pc.remoteDescription === null });
  };
  pc.ondatachannel = (event) => adopt(event.channel);
  pc.onicecandidate = ({ candidate }) => candidate && say({ candidate });
  pc.onnegotiationneeded = async () => {
    isOffering = true;
    await sayDescription();
    isOffering = false;
  };
  const restartWhereFailed = () => {
    if (pc.iceConnectionState === 'disconnected') troubled();
    if (pc.iceConnectionState === 'failed' || pc.connectionState === 'failed') pc.restartIce();
  };
  pc.oniceconnectionstatechange = restartWhereFailed;
  pc.onconnectionstatechange = restartWhereFailed;
  if (!isPolite) adopt(pc.createDataChannel('game', { ordered: false, maxRetransmits: 0 }));
  const take = async ({ description, candidate }: Signal) => {
    if (description) {
      const isGlare = description.type === 'offer' && (isOffering || pc.signalingState !== 'stable');
      isIgnoring = !isPolite && isGlare;
      if (isIgnoring) return;
      await pc.setRemoteDescription(description);
      if (description.type === 'offer') await sayDescription();
    } else if (candidate && !isIgnoring) await pc.addIceCandidate(candidate);
  };
  let taken: Promise<unknown> = Promise.resolve();
  return {
    take(signal) {
      taken = taken.then(() => take(signal)).catch(() => undefined);
    },
    send: (data) => channel?.readyState === 'open' && channel.send(data),
    close: () => pc.close(),
  };
}
