/**
 * Hides how browsers differ in reporting the state of ICE (docs/discoveries). In Chromium `iceConnectionState` stays `disconnected` and only
 * `connectionState` becomes `failed`; after a restart out of `failed` it goes through `connectionState: disconnected` to `connected`. Firefox changes both
 * together.
 */
type IceStates = Pick<RTCPeerConnection, 'iceConnectionState' | 'connectionState'>;

export const iceIsUp = ({ iceConnectionState, connectionState }: IceStates) =>
  (iceConnectionState === 'connected' || iceConnectionState === 'completed') && connectionState !== 'failed';

export const iceHasFailed = ({ iceConnectionState, connectionState }: IceStates) =>
  iceConnectionState === 'failed' || connectionState === 'failed';

export const iceIsSuspect = ({ iceConnectionState }: IceStates) => iceConnectionState === 'disconnected';
