export type { FakeDataChannel } from './fake-data-channel';
export type { FakeNetwork, Page } from './fake-network';
export type { FakePeerConnection } from './fake-peer-connection';
export type { FakeRelay } from './fake-relay';
export type { FakeSocket } from './fake-socket';
export { createFakeWorld, type FakeEnd, type FakeWorld, type FakeWorldOptions } from './fake-world';
export { type BrowserProfile, PROFILES, type ProfileName } from './profiles';
