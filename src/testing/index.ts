/** Fakes of two browsers, the network between them and the signaling server, for tests of a game. */

export { CHAOS_KINDS, type Chaos, type ChaosFault, type ChaosKind, type ChaosOptions } from './chaos';
export { type FakeClock, installFakeClock } from './fake-clock';
export type { Page } from './fake-network';
export type { FakeSocket } from './fake-socket';
export {
  createFakeWorld,
  type FakeEnd,
  type FakeWorld,
  type FakeWorldOptions,
  type NetworkControls,
  type Profile,
  type RelayControls,
} from './fake-world';
export { type BrowserProfile, PROFILES, type ProfileName } from './profiles';
