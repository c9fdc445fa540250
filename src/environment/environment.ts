import type { Browser } from '../../machines';

/** The world as the library needs it; everything the default takes from globals is looked up when it is used. */
export interface Environment {
  createPeerConnection(configuration: RTCConfiguration): RTCPeerConnection;
  /** Monotonic, in ms. */
  now(): number;
  /** In [0, 1). */
  random(): number;
  readonly browser: Browser;
}

function detectBrowser(): Browser {
  const agent = globalThis.navigator?.userAgent ?? '';
  if (agent.includes('Firefox/')) return 'firefox';
  return agent.includes('Chrome/') ? 'chromium' : 'other';
}

export const browserEnvironment = (): Environment => ({
  createPeerConnection: (configuration) => new globalThis.RTCPeerConnection(configuration),
  now: () => performance.now(),
  random: Math.random,
  browser: detectBrowser(),
});
