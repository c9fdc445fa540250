import { createFakeWorld, type FakeWorldOptions } from 'holdfast/testing';
import { onTestFinished, vi } from 'vitest';

export const TURN = { urls: 'turn:relay.example', username: 'user', credential: 'pass' };

export const pass = async (ms: number) => void (await vi.advanceTimersByTimeAsync(ms));

/** Offers and answers, with the candidates found by then. */
export async function negotiate(from: RTCPeerConnection, to: RTCPeerConnection): Promise<void> {
  await from.setLocalDescription();
  await pass(5);
  if (from.localDescription) await to.setRemoteDescription(from.localDescription);
  await to.setLocalDescription();
  await pass(5);
  if (to.localDescription) await from.setRemoteDescription(to.localDescription);
}

/** A connection at each page of a fake world on fake timers, and the events of the first one. */
export function createPair(options: FakeWorldOptions = {}, configuration: RTCConfiguration = {}) {
  vi.useFakeTimers({ now: 1_000_000 });
  const world = createFakeWorld(options);
  onTestFinished(() => {
    world.dispose();
    vi.useRealTimers();
  });
  const [a, b] = [
    world.a.environment.createPeerConnection(configuration),
    world.b.environment.createPeerConnection(configuration),
  ];
  const told: string[] = [];
  const states = {
    connection: () => a.connectionState,
    iceconnection: () => a.iceConnectionState,
    icegathering: () => a.iceGatheringState,
    signaling: () => a.signalingState,
  };
  for (const [name, state] of Object.entries(states))
    a.addEventListener(`${name}statechange`, () => told.push(`${name} ${state()}`));
  a.addEventListener('icecandidate', ({ candidate }) =>
    told.push(`candidate ${candidate ? / typ (\w+)/.exec(candidate.candidate)?.[1] : 'none'}`),
  );
  a.addEventListener('icecandidateerror', ({ errorCode, errorText }) =>
    told.push(`error ${errorCode} ${errorText}`),
  );
  a.addEventListener('datachannel', ({ channel }) => told.push(`channel ${channel.label}`));
  return { world, a, b, told };
}

/** The same, connected, with a channel that the first one created. */
export async function connectPair(options: FakeWorldOptions = {}, configuration: RTCConfiguration = {}) {
  const pair = createPair(options, configuration);
  const channel = pair.a.createDataChannel('game', { ordered: false, maxRetransmits: 0 });
  await negotiate(pair.a, pair.b);
  await pass(100);
  return { ...pair, channel, first: pair.told.splice(0) };
}
