import type { WebRTCManagerOptions } from 'holdfast';
import type { TurnConfig } from './session';

export type IceOptions = Pick<WebRTCManagerOptions, 'iceServers' | 'turnUsername' | 'turnCredential'>;

const serversOf = (turn: TurnConfig | null): RTCIceServer[] => {
  const { username, credential, urls } = turn ?? {};
  return urls && username && credential ? [{ urls: [...urls], username, credential }] : [];
};

/**
 * Uses only the servers that the relay names, and so none that the host of the game did not choose. The first connection uses the servers that came
 * with the game and need not wait. Each later connection asks the relay again, because credentials expire after a few hours. While the relay is unreachable
 * it uses the last ones.
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
