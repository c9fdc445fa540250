import type { Browser } from '../../machines';

/** What the library needs from its surroundings. By default it uses the browser's globals, looked up at each use. */
export interface Environment {
  /** Like `new RTCPeerConnection(configuration)`; may throw. */
  createPeerConnection(configuration: RTCConfiguration): RTCPeerConnection;
  /** A monotonic clock, in ms. */
  now(): number;
  /** A random number in [0, 1). */
  random(): number;
  /** The browser whose quirks apply. */
  readonly browser: Browser;
}

function detectBrowser(): Browser {
  const agent = globalThis.navigator?.userAgent ?? '';
  // Firefox may send another browser's user agent, for sites that demand one or while it simulates a phone.
  if ('mozInnerScreenX' in globalThis || agent.includes('Firefox/')) return 'firefox';
  return agent.includes('Chrome/') ? 'chromium' : 'other';
}

export const browserEnvironment = (): Environment => ({
  createPeerConnection: (configuration) => new globalThis.RTCPeerConnection(configuration),
  now: () => performance.now(),
  random: Math.random,
  browser: detectBrowser(),
});
