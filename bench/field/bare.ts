import { openSignaling } from './signaling';
import type { Subject } from './subject';

interface Signal {
  description?: RTCSessionDescriptionInit;
  candidate?: RTCIceCandidateInit;
}

/**
 * The pattern that MDN and the specification's editors teach, perfect negotiation, with the advice that goes with it: `restartIce()` where the
 * connection failed (https://developer.mozilla.org/docs/Web/API/WebRTC_API/Perfect_negotiation).
 */
export const bare: Subject = async (party, { receive, troubled }) => {
  const isPolite = party.me === 'b';
  const pc = new RTCPeerConnection({ iceServers: [...party.iceServers] });
  let channel: RTCDataChannel | undefined;
  let isOffering = false;
  let isIgnoring = false;
  const adopt = (opened: RTCDataChannel) => {
    channel = opened;
    channel.binaryType = 'arraybuffer';
    channel.onmessage = ({ data }) => receive(data);
  };
  const take = async ({ description, candidate }: Signal) => {
    if (description) {
      const isGlare = description.type === 'offer' && (isOffering || pc.signalingState !== 'stable');
      isIgnoring = !isPolite && isGlare;
      if (isIgnoring) return;
      await pc.setRemoteDescription(description);
      if (description.type !== 'offer') return;
      await pc.setLocalDescription();
      say({ description: pc.localDescription });
    } else if (candidate && !isIgnoring) await pc.addIceCandidate(candidate);
  };
  let taken: Promise<unknown> = Promise.resolve();
  const say = await openSignaling(party, (signal) => {
    taken = taken.then(() => take(Object(signal))).catch(() => undefined);
  });
  pc.ondatachannel = (event) => adopt(event.channel);
  pc.onicecandidate = ({ candidate }) => candidate && say({ candidate });
  pc.onnegotiationneeded = async () => {
    isOffering = true;
    await pc.setLocalDescription();
    say({ description: pc.localDescription });
    isOffering = false;
  };
  const restartWhereFailed = () => {
    if (pc.iceConnectionState === 'disconnected') troubled();
    if (pc.iceConnectionState === 'failed' || pc.connectionState === 'failed') pc.restartIce();
  };
  pc.oniceconnectionstatechange = restartWhereFailed;
  pc.onconnectionstatechange = restartWhereFailed;
  if (party.me === 'a') adopt(pc.createDataChannel('game', { ordered: false, maxRetransmits: 0 }));
  return (data) => channel?.readyState === 'open' && channel.send(data);
};
