import { describe, expect, it } from 'vitest';
import { iceHasFailed, iceIsSuspect, iceIsUp } from '../../src/peer/ice-state';

type Word = 'up' | 'suspect' | 'failed' | 'neither';

const CASES: [RTCIceConnectionState, RTCPeerConnectionState, Word, string][] = [
  ['new', 'new', 'neither', 'nothing yet'],
  ['checking', 'connecting', 'neither', 'under way'],
  ['connected', 'connecting', 'up', 'ICE before DTLS'],
  ['connected', 'connected', 'up', 'both'],
  ['completed', 'connected', 'up', 'the controlling side'],
  ['disconnected', 'disconnected', 'suspect', 'a cut'],
  ['disconnected', 'failed', 'failed', 'Chromium, which never reports `failed` on ICE'],
  ['failed', 'failed', 'failed', 'Firefox'],
  ['connected', 'failed', 'failed', 'DTLS failed under ICE'],
  ['connected', 'disconnected', 'up', 'Chromium, while it recovers from `failed`'],
  ['closed', 'closed', 'neither', 'closed'],
];

describe('the state of ICE', () => {
  it.each(CASES)('%s / %s is %s: %s', (iceConnectionState, connectionState, word) => {
    const states = { iceConnectionState, connectionState };
    const told: Word = iceHasFailed(states)
      ? 'failed'
      : iceIsSuspect(states)
        ? 'suspect'
        : iceIsUp(states)
          ? 'up'
          : 'neither';
    expect(told).toBe(word);
    expect(iceIsUp(states) && iceHasFailed(states)).toBe(false);
  });
});
