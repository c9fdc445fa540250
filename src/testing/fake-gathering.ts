import type { FakeNetwork, Page } from './fake-network';
import { type FakeCandidate, type LocalGeneration, type PathKind, writeCandidate } from './fake-sdp';

interface Gatherer {
  /** False once the generation is replaced or the connection is closed. */
  isCurrent(): boolean;
  state(state: RTCIceGatheringState): void;
  /** Called with each candidate, and with null at the end. */
  found(candidate: FakeCandidate | null): void;
  /** The TURN server refused the credentials. */
  refused(): void;
}

const HOST_MS = 1;
const RELAY_MS = 3;

const hasTurn = ({ iceServers = [] }: RTCConfiguration) =>
  iceServers.some(
    ({ urls, username, credential }) =>
      username && credential && [urls].flat().some((url) => url.startsWith('turn')),
  );

/** Gathers candidates for one generation: a host candidate unless only relays are allowed, and a relay candidate if there is a TURN server. */
export function gather(
  generation: LocalGeneration,
  configuration: RTCConfiguration,
  { page, network, random }: { page: Page; network: FakeNetwork; random: () => number },
  gatherer: Gatherer,
): void {
  const lateMs = network.gatheringDelayMs[page];
  const soon = (delayMs: number, act: () => void) =>
    network.timers.after(delayMs + lateMs, () => {
      if (gatherer.isCurrent() && !network.isKilled(page)) act();
    });
  const find = (kind: PathKind) => {
    const candidate = writeCandidate(kind, page, 50_000 + Math.floor(random() * 10_000), generation.ufrag);
    generation.candidates.push(candidate);
    generation.kinds.add(kind);
    gatherer.found(candidate);
  };
  soon(0, () => gatherer.state('gathering'));
  if (configuration.iceTransportPolicy !== 'relay') soon(HOST_MS, () => find('direct'));
  if (hasTurn(configuration) && network.turn === 'up') soon(RELAY_MS, () => find('relay'));
  if (hasTurn(configuration) && network.turn === 'refuses') soon(RELAY_MS, () => gatherer.refused());
  soon(RELAY_MS, () => {
    gatherer.found(null);
    gatherer.state('complete');
  });
}
