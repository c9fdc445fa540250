import type { WebRTCManagerOptions } from 'holdfast';
import type { TurnConfig } from './session';

export type IceOptions = Pick<WebRTCManagerOptions, 'iceServers' | 'turnUsername' | 'turnCredential'>;

const serversOf = (turn: TurnConfig | null): RTCIceServer[] => {
  const { username, credential, urls } = turn ?? {};
  return urls && username && credential ? [{ urls: [...urls], username, credential }] : [];
};

/**
 * Only servers that our relay names: nobody is asked for a path whom the host of the game did not choose. The first connection takes those that came
 * with the game, and waits for nothing. For each later one the relay is asked, since credentials expire within an evening; while it is away those of
 * the last time have to do.
 */
export function iceOptions(turn: TurnConfig | null, ask: () => Promise<TurnConfig | null>): IceOptions {
  if (turn && !turn.urls) return { turnUsername: turn.username, turnCredential: turn.credential };
  let last = turn;
  const renewed = async () => {
    last = await ask().catch(() => last);
    return serversOf(last);
  };
  let next: () => RTCIceServer[] | Promise<RTCIceServer[]> = () => {
    next = renewed;
    return serversOf(turn);
  };
  return { iceServers: () => next() };
}
