import type { WebRTCManagerOptions } from 'holdfast';
import type { TurnConfig } from './session';

type IceOptions = Pick<WebRTCManagerOptions, 'iceServers' | 'turnUsername' | 'turnCredential'>;

const serversOf = (turn: TurnConfig | null): RTCIceServer[] => {
  const { username, credential, urls } = turn ?? {};
  return urls && username && credential ? [{ urls: [...urls], username, credential }] : [];
};

/**
 * Only servers that our relay names: nobody is asked for a path whom the host of the game did not choose. It is asked anew for each connection,
 * since its credentials expire within an evening; while it is away those of the last time have to do.
 */
export function iceOptions(turn: TurnConfig | null, ask: () => Promise<TurnConfig | null>): IceOptions {
  if (turn && !turn.urls) return { turnUsername: turn.username, turnCredential: turn.credential };
  let last = turn;
  const iceServers = async () => {
    last = await ask().catch(() => last);
    return serversOf(last);
  };
  return { iceServers };
}
