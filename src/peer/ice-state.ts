/**
 * The one place that knows how browsers word the state of ICE (docs/discoveries). Chromium never says `failed` on
 * `iceConnectionState`, where it stays `disconnected`, but says it on `connectionState`; after a restart out of `failed` it
 * shows `connectionState: disconnected` before `connected`. Firefox moves both together.
 */
type IceStates = Pick<RTCPeerConnection, 'iceConnectionState' | 'connectionState'>;

export const iceIsUp = ({ iceConnectionState, connectionState }: IceStates) =>
  (iceConnectionState === 'connected' || iceConnectionState === 'completed') && connectionState !== 'failed';

export const iceHasFailed = ({ iceConnectionState, connectionState }: IceStates) =>
  iceConnectionState === 'failed' || connectionState === 'failed';

export const iceIsSuspect = ({ iceConnectionState }: IceStates) => iceConnectionState === 'disconnected';
