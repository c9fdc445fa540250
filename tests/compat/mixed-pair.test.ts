import type { WebRTCManagerOptions } from 'holdfast';
import type { FakeWorld, ProfileName } from 'holdfast/testing';
import { describe, expect, it, onTestFinished } from 'vitest';
import {
  connectPlayers,
  createPlayer,
  HANDSHAKE_MS,
  libraryTimers,
  namesOf,
  type Player,
  pass,
  signalsOf,
  startWorld,
} from '../contract/players';
import { UpstreamPeer } from './upstream-peer';

interface MixedPair {
  world: FakeWorld;
  holdfast: Player;
  upstream: UpstreamPeer;
}

type HoldfastRole = 'offerer' | 'answerer';

/** Some relays acknowledge nothing, ours does; a pair must work with either. */
function createMixed(
  role: HoldfastRole,
  profile: ProfileName,
  options: WebRTCManagerOptions = {},
): MixedPair {
  const world = startWorld({ profile });
  world.relay.acknowledges = false;
  const [ours, theirs] = role === 'offerer' ? [world.a, world.b] : [world.b, world.a];
  const upstream = new UpstreamPeer({
    socket: theirs.socket,
    gameId: world.gameId,
    myPlayerId: theirs.playerId,
    createPeerConnection: theirs.environment.createPeerConnection,
  });
  onTestFinished(() => upstream.close());
  return { world, holdfast: createPlayer(world, ours, options), upstream };
}

async function connectMixed(
  role: HoldfastRole,
  profile: ProfileName,
  options?: WebRTCManagerOptions,
): Promise<MixedPair> {
  const pair = createMixed(role, profile, options);
  const { holdfast, upstream } = pair;
  void holdfast.manager.connectToPeer(role === 'offerer' ? 2 : 1);
  void upstream.connectToPeer(holdfast.end.playerId);
  await pass(HANDSHAKE_MS);
  expect(holdfast.manager.state).toBe('connected');
  holdfast.heard.length = 0;
  return pair;
}

/** Sends a message each way, and expects both to arrive. */
async function expectData({ holdfast, upstream }: MixedPair): Promise<void> {
  const mark = `mark ${performance.now()}`;
  expect([holdfast.manager.send(mark), upstream.send(mark)]).toEqual([true, true]);
  await pass(200);
  expect(upstream.messages).toContain(mark);
  expect(holdfast.heard).toContainEqual(['onDataChannelMessage', mark]);
}

/** The ufrags of the local and the remote description. */
const ufragsOf = (pc: RTCPeerConnection | null) =>
  [pc?.localDescription, pc?.remoteDescription].map((each) => /a=ice-ufrag:(\S+)/.exec(each?.sdp ?? '')?.[1]);

const outageOf = ({ heard }: Player) => namesOf(heard).filter((name) => name !== 'onDataChannelMessage');

describe.each(['offerer', 'answerer'] as const)('a manager with an upstream peer, as %s', (role) => {
  describe.each(['chromium', 'firefox'] as const)('in %s', (profile) => {
    it('connects, opens once, and carries data both ways', async () => {
      const pair = await connectMixed(role, profile);
      expect(pair.upstream.told).toEqual(['open']);
      await expectData(pair);
    });

    it('connects when the peer comes first', async () => {
      const pair = createMixed(role, profile);
      void pair.upstream.connectToPeer(pair.holdfast.end.playerId);
      await pass(2_000);
      void pair.holdfast.manager.connectToPeer(role === 'offerer' ? 2 : 1);
      await pass(2_000);
      expect(pair.holdfast.manager.state).toBe('connected');
      await expectData(pair);
    });

    it('sends it no control traffic, shows it only the game channel, and does not suspect its silence', async () => {
      const { holdfast, upstream } = await connectMixed(role, profile);
      await pass(120_000);
      expect(upstream.messages).toEqual([]);
      expect(upstream.announced).toEqual(role === 'offerer' ? ['game'] : []);
      expect(upstream.told).toEqual(['open']);
      expect([holdfast.manager.state, holdfast.heard]).toEqual(['connected', []]);
    });

    it('announces lost and restored once when the network is back before the browsers give up', async () => {
      const pair = await connectMixed(role, profile);
      pair.world.network.cut();
      await pass(9_000);
      expect(outageOf(pair.holdfast)).toEqual(['onConnectionLost']);
      pair.world.network.heal();
      await pass(20_000);
      expect(outageOf(pair.holdfast)).toEqual(['onConnectionLost', 'onConnectionRestored']);
      expect(pair.upstream.told).toEqual(['open', 'lost', 'restored']);
      await expectData(pair);
    });

    it('restarts a live link when asked, and announces restored once', async () => {
      const pair = await connectMixed(role, profile);
      expect(await pair.holdfast.manager.attemptIceRestart()).toBe(true);
      await pass(30_000);
      expect(outageOf(pair.holdfast)).toEqual(['onConnectionRestored']);
      expect(pair.holdfast.end.peerConnections).toHaveLength(1);
      expect(pair.holdfast.manager.peerConnection?.signalingState).toBe('stable');
      await expectData(pair);
    });

    it('repeats a restart of a live link that was lost on the way', async () => {
      const { holdfast } = await connectMixed(role, profile);
      holdfast.end.socket.freeze();
      await holdfast.manager.attemptIceRestart();
      await pass(800);
      holdfast.end.socket.up();
      await pass(500);
      const { peerConnection } = holdfast.manager;
      expect([peerConnection?.signalingState, namesOf(holdfast.heard)]).toEqual([
        'stable',
        ['onConnectionRestored'],
      ]);
    });

    it('takes a restart of a live link by the peer without an outage', async () => {
      const pair = await connectMixed(role, profile);
      await pair.upstream.attemptIceRestart();
      await pass(30_000);
      expect(outageOf(pair.holdfast)).toEqual([]);
      expect(pair.holdfast.manager.state).toBe('connected');
      await expectData(pair);
    });

    it('agrees on one generation when both restart at once', async () => {
      const pair = await connectMixed(role, profile);
      void pair.holdfast.manager.attemptIceRestart();
      void pair.upstream.attemptIceRestart();
      await pass(1_000);
      const ours = pair.holdfast.manager.peerConnection;
      expect(ufragsOf(ours)).toEqual(ufragsOf(pair.upstream.peerConnection).reverse());
      await expectData(pair);
    });

    it('recovers when both restart in an outage', async () => {
      const pair = await connectMixed(role, profile);
      pair.holdfast.manager.onConnectionLost = () => {
        void pair.holdfast.manager.attemptIceRestart();
        void pair.upstream.attemptIceRestart();
      };
      pair.world.network.cut();
      await pass(9_000);
      pair.world.network.heal();
      await pass(30_000);
      expect(outageOf(pair.holdfast)).toEqual(['onConnectionRestored']);
      await expectData(pair);
    });

    it('fails with channel-closed when the peer closes, and leaves no timer after close()', async () => {
      const { world, holdfast, upstream } = await connectMixed(role, profile);
      upstream.close();
      await pass(120_000);
      expect(holdfast.manager.state).toBe('failed');
      expect(outageOf(holdfast).slice(-2)).toEqual(['onDataChannelClose', 'onConnectionFailed']);
      expect(holdfast.heard.at(-1)?.[1]).toMatchObject({ reason: 'channel-closed' });
      holdfast.manager.close();
      expect(libraryTimers(world)).toBe(0);
    });

    it('sends a goodbye that the peer ignores', async () => {
      const { holdfast, upstream } = await connectMixed(role, profile);
      holdfast.manager.close();
      await pass(HANDSHAKE_MS);
      expect(upstream.told).toEqual(['open', 'close']);
      expect(upstream.heardTypes).toContain('bye');
    });
  });

  it('starts again with a peer that reloaded in an outage and answers our restart with its new connection', async () => {
    const pair = await connectMixed(role, 'chromium');
    const { world, holdfast, upstream } = pair;
    const [ours, theirs] = role === 'offerer' ? [world.a, world.b] : [world.b, world.a];
    world.network.cut();
    upstream.unload();
    await pass(8_000);
    world.network.heal();
    const reloaded = new UpstreamPeer({
      socket: theirs.socket,
      gameId: world.gameId,
      myPlayerId: theirs.playerId,
      createPeerConnection: theirs.environment.createPeerConnection,
      isInitiator: false,
    });
    onTestFinished(() => reloaded.close());
    await reloaded.connectToPeer(ours.playerId);
    await holdfast.manager.attemptIceRestart();
    await pass(5_000);
    expect(holdfast.manager.state).toBe('connected');
    expect(outageOf(holdfast)).toEqual(['onConnectionLost', 'onConnectionRestored']);
    await expectData({ world, holdfast, upstream: reloaded });
  });

  it('recovers from an outage of 40 s in Chromium, whose channel survives', async () => {
    const pair = await connectMixed(role, 'chromium');
    pair.world.network.cut();
    await pass(40_000);
    pair.world.network.heal();
    await pass(10_000);
    expect(outageOf(pair.holdfast)).toEqual(['onConnectionLost', 'onConnectionRestored']);
    expect(pair.holdfast.end.peerConnections).toHaveLength(1);
    await expectData(pair);
  });

  it('fails once, with a reason, after an outage that Firefox’s channel does not survive', async () => {
    const pair = await connectMixed(role, 'firefox');
    pair.world.network.cut();
    pair.world.relay.loss = 1;
    await pass(60_000);
    pair.world.network.heal();
    pair.world.relay.loss = 0;
    await pass(30_000);
    expect(outageOf(pair.holdfast)).toEqual(['onConnectionLost', 'onDataChannelClose', 'onConnectionFailed']);
    expect(pair.holdfast.heard.at(-1)?.[1]).toMatchObject({
      reason: expect.stringMatching(/^(channel-closed|peer-silent)$/),
      evidence: { channel: 'closed', remote: 'upstream' },
    });
  });

  it('keeps trying until the peer is back when the game connects again after the channel had closed', async () => {
    const { world, holdfast, upstream } = await connectMixed(role, 'firefox');
    const [ours, theirs] = role === 'offerer' ? [world.a, world.b] : [world.b, world.a];
    world.network.cut();
    world.relay.loss = 1;
    await pass(60_000);
    expect(holdfast.manager.state).toBe('failed');
    upstream.unload();
    world.network.heal();
    world.relay.loss = 0;
    void holdfast.manager.connectToPeer(theirs.playerId);
    await pass(20_000);
    expect(holdfast.manager.state).toBe('restarting');
    const reloaded = new UpstreamPeer({
      socket: theirs.socket,
      gameId: world.gameId,
      myPlayerId: theirs.playerId,
      createPeerConnection: theirs.environment.createPeerConnection,
    });
    onTestFinished(() => reloaded.close());
    void reloaded.connectToPeer(ours.playerId);
    await pass(5_000);
    expect(holdfast.manager.state).toBe('connected');
    await expectData({ world, holdfast, upstream: reloaded });
  });
});

describe.each(['offerer', 'answerer'] as const)('a Holdfast peer that is the %s', (role) => {
  it('is treated as an upstream peer when its page comes back with upstream’s manager of an older game', async () => {
    const { world, a, b } = await connectPlayers();
    const [theirs, ours] = role === 'offerer' ? [a, b] : [b, a];
    world.network.cut();
    theirs.manager._sendSignal = () => undefined;
    theirs.manager.close();
    await pass(3_000);
    world.network.heal();
    const reloaded = new UpstreamPeer({
      socket: theirs.end.socket,
      gameId: world.gameId,
      myPlayerId: theirs.end.playerId,
      createPeerConnection: theirs.end.environment.createPeerConnection,
    });
    onTestFinished(() => reloaded.close());
    void reloaded.connectToPeer(ours.end.playerId);
    await pass(20_000);
    expect(ours.manager.state).toBe('connected');
    expect(outageOf(ours)).toEqual(['onConnectionLost', 'onConnectionRestored']);
    await expectData({ world, holdfast: ours, upstream: reloaded });
  });
});

describe('a pair whose ids upstream orders differently', () => {
  it('connects although the peer expects our offer, which comes only after 3 s', async () => {
    const world = startWorld({ playerIds: ['alpha', 'beta'] });
    world.relay.acknowledges = false;
    const upstream = new UpstreamPeer({
      socket: world.a.socket,
      gameId: world.gameId,
      myPlayerId: 'alpha',
      createPeerConnection: world.a.environment.createPeerConnection,
      isInitiator: false,
    });
    onTestFinished(() => upstream.close());
    const holdfast = createPlayer(world, world.b);
    void upstream.connectToPeer('beta');
    void holdfast.manager.connectToPeer('alpha');
    await pass(2_900);
    expect(signalsOf(world, world.b)).not.toContain('offer');
    await pass(1_500);
    expect(holdfast.manager.state).toBe('connected');
    expect(upstream.told).toEqual(['open']);
  });
});
