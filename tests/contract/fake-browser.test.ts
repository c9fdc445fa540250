import { createFakeWorld } from 'holdfast/testing';
import { expect, vi } from 'vitest';
import {
  type AcceptedBrowser,
  describeLink,
  type LinkPair,
  type LinkPairOptions,
} from '../support/link-acceptance';
import { pass } from './players';

async function createFakePair(profile: AcceptedBrowser, options: LinkPairOptions = {}): Promise<LinkPair> {
  vi.useFakeTimers();
  const world = createFakeWorld({ profile });
  const { iceTransportPolicy = 'all', areCandidatesSignaled = true, isCut = false } = options;
  const make = (end: typeof world.a) => end.environment.createPeerConnection({ iceTransportPolicy });
  const pcs = [make(world.a), make(world.b)] as const;
  const [offerer, answerer] = pcs;
  const histories: [string[], string[]] = [[], []];
  const received: string[] = [];
  let isSignaled = true;
  pcs.forEach((pc, index) => {
    const other = pcs[index === 0 ? 1 : 0];
    pc.onicecandidate = ({ candidate }) => {
      // The description of the generation is carried first.
      if (candidate && areCandidatesSignaled && isSignaled)
        setTimeout(() => other.addIceCandidate(candidate).catch(() => {}), 1);
    };
    pc.oniceconnectionstatechange = () => histories[index === 0 ? 0 : 1].push(pc.iceConnectionState);
  });
  const channel = offerer.createDataChannel('bare', { ordered: false, maxRetransmits: 0 });
  const channels: (RTCDataChannel | null)[] = [channel, null];
  answerer.ondatachannel = ({ channel: remote }) => {
    channels[1] = remote;
    remote.onmessage = ({ data }) => received.push(String(data));
  };
  const negotiate = async () => {
    await offerer.setLocalDescription();
    if (!isSignaled || !offerer.localDescription) return;
    await answerer.setRemoteDescription(offerer.localDescription);
    await answerer.setLocalDescription();
    if (answerer.localDescription) await offerer.setRemoteDescription(answerer.localDescription);
  };
  if (isCut) world.network.cut();
  await negotiate();
  return {
    opened: () =>
      vi.waitFor(() => expect(channels.map((each) => each?.readyState)).toEqual(['open', 'open'])),
    states: async (end) => ({
      ice: pcs[end].iceConnectionState,
      connection: pcs[end].connectionState,
      signaling: pcs[end].signalingState,
      channel: channels[end]?.readyState ?? 'none',
    }),
    history: async (end) => [...histories[end]],
    pass: async (ms) => void (await pass(ms)),
    cut: async () => world.network.cut(),
    heal: async () => world.network.heal(),
    restart: async (how) => {
      isSignaled = how.isSignaled;
      offerer.restartIce();
      await negotiate();
    },
    closeRemote: async () => answerer.close(),
    send: async (text) => channel.send(text),
    received: async () => [...received],
    dispose: async () => {
      for (const pc of pcs) pc.close();
      world.dispose();
      vi.useRealTimers();
    },
  };
}

for (const profile of ['chromium', 'firefox'] as const)
  describeLink(`a fake ${profile}`, profile, (options) => createFakePair(profile, options));
