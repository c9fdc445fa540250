import { CONTROL_CHANNEL_LABEL } from '../../src/peer/control-frames';

/** Notes each frame that a connection sends on its control channel, after it is sent. @returns the connection. */
export function overhearControl(pc: RTCPeerConnection, note: (frame: string) => void): RTCPeerConnection {
  const create = pc.createDataChannel.bind(pc);
  pc.createDataChannel = (label, init) => {
    const channel = create(label, init);
    if (label !== CONTROL_CHANNEL_LABEL) return channel;
    const send = channel.send.bind(channel);
    channel.send = (data: unknown) => {
      send(data as never);
      note(String(data));
    };
    return channel;
  };
  return pc;
}
