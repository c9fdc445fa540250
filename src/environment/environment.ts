import type { Browser } from '../../machines';

/** What the library needs of the world around it. By default the browser's globals, looked up when they are used. */
export interface Environment {
  /** As `new RTCPeerConnection(configuration)`; may throw. */
  createPeerConnection(configuration: RTCConfiguration): RTCPeerConnection;
  /** Monotonic, in ms. */
  now(): number;
  /** In [0, 1). */
  random(): number;
  /** Whose habits are to be reckoned with. */
  readonly browser: Browser;
}

function detectBrowser(): Browser {
  const agent = globalThis.navigator?.userAgent ?? '';
  // Its agent may be another browser's: for pages that want one, or where it simulates a phone.
  if ('mozInnerScreenX' in globalThis || agent.includes('Firefox/')) return 'firefox';
  return agent.includes('Chrome/') ? 'chromium' : 'other';
}

export const browserEnvironment = (): Environment => ({
  createPeerConnection: (configuration) => new globalThis.RTCPeerConnection(configuration),
  now: () => performance.now(),
  random: Math.random,
  browser: detectBrowser(),
});
