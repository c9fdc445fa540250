import { WebRTCManager, type WebRTCManagerOptions } from 'holdfast';
import { createFakeWorld, type FakeEnd } from 'holdfast/testing';
import { ICE_SERVERS, SECRETS } from './secrets';

type Observer = NonNullable<WebRTCManagerOptions['inspect']>;

export interface DemoLink {
  readonly players: readonly [WebRTCManager, WebRTCManager];
  connect(): void;
  /** Cuts the players off from each other and from the relay. */
  cut(): void;
  restoreNetwork(): void;
  restart(): void;
  close(): void;
}

/** How long a suspect link may heal by itself: long enough to be seen, but shorter than the default of 5 s. */
const DISCONNECT_TIMEOUT_MS = 2_000;

/** Two managers in this page with the behaviour of Chromium, a simulated network, and the secrets of a real game in their options. */
export function startLink(observe: (label: string) => Observer): DemoLink {
  const world = createFakeWorld();
  const create = (end: FakeEnd) =>
    new WebRTCManager(end.socket, world.gameId, end.playerId, {
      environment: end.environment,
      logger: 'silent',
      turnUsername: SECRETS.turnUsername,
      turnCredential: SECRETS.turnCredential,
      iceServers: ICE_SERVERS,
      disconnectTimeoutMs: DISCONNECT_TIMEOUT_MS,
      inspect: observe(`player ${end.playerId}`),
    });
  const players = [create(world.a), create(world.b)] as const;
  const [one, two] = players;
  return {
    players,
    connect() {
      void one.connectToPeer(two.myPlayerId);
      void two.connectToPeer(one.myPlayerId);
    },
    cut: () => world.cutOff(),
    restoreNetwork: () => world.reachAgain(),
    restart: () => void one.attemptIceRestart(),
    close: () => one.close(),
  };
}
