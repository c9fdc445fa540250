import type { FakeDataChannel } from './fake-data-channel';
import { gather } from './fake-gathering';
import { FakeIce } from './fake-ice';
import type { FakeNetwork, IceAgent, Page } from './fake-network';
import { FakeSctp } from './fake-sctp';
import {
  kindOfCandidate,
  type LocalGeneration,
  newGeneration,
  type ParsedSdp,
  randomFingerprint,
  readSdp,
  writeSdp,
} from './fake-sdp';
import { FakeStats } from './fake-stats';
import { FakeTarget } from './fake-target';
import type { BrowserProfile } from './profiles';

export interface FakePeerConnectionOptions {
  page: Page;
  profile: BrowserProfile;
  network: FakeNetwork;
  random: () => number;
  configuration: RTCConfiguration;
  /** Finds the fake that an ICE agent belongs to. */
  sctpOf(agent: IceAgent): FakeSctp | null;
}

type Handler = ((event: never) => unknown) | null;

const wrongState = (what: string) => new DOMException(what, 'InvalidStateError');

/** `RTCPeerConnection` for data channels, between the two pages of a fake world. Timing is that of its profile's browser. */
export class FakePeerConnection extends FakeTarget {
  signalingState: RTCSignalingState = 'stable';
  iceGatheringState: RTCIceGatheringState = 'new';
  onconnectionstatechange: Handler = null;
  ondatachannel: Handler = null;
  onicecandidate: Handler = null;
  onicecandidateerror: Handler = null;
  oniceconnectionstatechange: Handler = null;
  onicegatheringstatechange: Handler = null;
  onnegotiationneeded: Handler = null;
  onsignalingstatechange: Handler = null;
  readonly ice: FakeIce;
  readonly association: FakeSctp;
  readonly #options: FakePeerConnectionOptions;
  readonly #stats: FakeStats;
  readonly #iceTransport = new EventTarget();
  readonly #fingerprint: string;
  #configuration: RTCConfiguration;
  #version = 1;
  #local: LocalGeneration | null = null;
  #pendingLocal: LocalGeneration | null = null;
  #remote: ParsedSdp | null = null;
  #pendingRemote: ParsedSdp | null = null;
  /** What `createOffer()` or `createAnswer()` named. */
  #planned: LocalGeneration | null = null;
  #localType: 'offer' | 'answer' = 'offer';
  #isRestartWanted = false;
  #wasConnected = false;

  constructor(options: FakePeerConnectionOptions) {
    super();
    this.#options = options;
    this.#configuration = options.configuration;
    this.#fingerprint = randomFingerprint(options.random);
    const { page, profile, network } = options;
    this.ice = new FakeIce(options, {
      statesChanged: () => this.#onStates(),
      selected: () => this.#onSelected(),
      flowing: () => this.association.flow(),
      failed: () => profile.failureEndsSctp && this.#wasConnected && this.association.close({ isTold: true }),
    });
    this.association = new FakeSctp({
      page,
      profile,
      network,
      kind: () => this.ice.kind,
      peer: () => this.#findPeer(),
      announce: (channel) => this.fire('datachannel', { channel }),
    });
    this.#stats = new FakeStats(this.ice, network, profile);
  }

  get iceConnectionState(): RTCIceConnectionState {
    return this.ice.iceConnectionState;
  }

  get connectionState(): RTCPeerConnectionState {
    return this.ice.connectionState;
  }

  get localDescription(): { type: 'offer' | 'answer'; sdp: string } | null {
    const generation = this.#pendingLocal ?? this.#local;
    return generation && { type: this.#localType, sdp: this.#sdpOf(generation, this.#localType) };
  }

  get remoteDescription(): ParsedSdp | null {
    return this.#pendingRemote ?? this.#remote;
  }

  get sctp() {
    if (!this.#remote) return null;
    const { maxMessageSize, state } = this.association;
    const { transportTellsPair } = this.#options.profile;
    return {
      maxMessageSize,
      state,
      transport: { iceTransport: transportTellsPair ? this.#iceTransport : undefined },
    };
  }

  getConfiguration(): RTCConfiguration {
    return this.#configuration;
  }

  setConfiguration(configuration: RTCConfiguration): void {
    this.#refuseIfClosed();
    this.#configuration = configuration;
  }

  createDataChannel(label: string, init: RTCDataChannelInit = {}): FakeDataChannel {
    this.#refuseIfClosed();
    if (init.maxRetransmits !== undefined && init.maxPacketLifeTime !== undefined)
      throw new TypeError('maxRetransmits and maxPacketLifeTime exclude each other');
    if (init.negotiated && init.id === undefined) throw new TypeError('a negotiated channel needs an id');
    const { id, ...rest } = init;
    return this.association.createChannel(
      label,
      init.negotiated ? { ...rest, ...(id !== undefined && { id }) } : rest,
    );
  }

  restartIce(): void {
    this.#isRestartWanted = true;
  }

  /** Names the generation that `setLocalDescription()` then takes. */
  async createOffer(options?: RTCOfferOptions): Promise<{ type: 'offer'; sdp: string }> {
    this.#refuseIfClosed();
    if (options?.iceRestart) this.#isRestartWanted = true;
    const kept = this.#pendingLocal ?? this.#local;
    this.#planned = this.#isRestartWanted || !kept ? newGeneration(this.#options.random) : kept;
    return { type: 'offer', sdp: this.#sdpOf(this.#planned, 'offer') };
  }

  async createAnswer(): Promise<{ type: 'answer'; sdp: string }> {
    this.#refuseIfClosed();
    if (this.signalingState !== 'have-remote-offer') throw wrongState('no offer to answer');
    this.#planned = this.#isRemoteRestart || !this.#local ? newGeneration(this.#options.random) : this.#local;
    return { type: 'answer', sdp: this.#sdpOf(this.#planned, 'answer') };
  }

  async setLocalDescription(description?: RTCLocalSessionDescriptionInit): Promise<void> {
    await Promise.resolve();
    this.#refuseIfClosed();
    if (description?.type === 'rollback') return this.#rollBack('have-local-offer');
    if (this.signalingState === 'have-remote-offer') {
      if (!this.#planned) await this.createAnswer();
      this.#answer();
    } else {
      if (!this.#planned) await this.createOffer();
      this.#offer();
    }
  }

  async setRemoteDescription({ type, sdp = '' }: RTCSessionDescriptionInit): Promise<void> {
    await Promise.resolve();
    this.#refuseIfClosed();
    if (type === 'rollback') return this.#rollBack('have-remote-offer');
    const parsed = readSdp(sdp);
    if (!parsed) throw new DOMException('unreadable description', 'OperationError');
    if (type === 'offer') return this.#takeOffer(parsed);
    if (type !== 'answer' || this.signalingState !== 'have-local-offer') throw wrongState(`no ${type} now`);
    const isNew = this.#pendingLocal !== null && this.#pendingLocal !== this.#local;
    this.#local = this.#pendingLocal ?? this.#local;
    this.#pendingLocal = null;
    this.#remote = parsed;
    this.#show('stable');
    if (isNew) {
      this.#begin();
      this.ice.renewClock();
    }
    this.#learnFrom(parsed);
  }

  async addIceCandidate(init?: RTCIceCandidateInit | null): Promise<void> {
    await Promise.resolve();
    this.#refuseIfClosed();
    const descriptions = [this.#pendingRemote, this.#remote].filter((each) => each !== null);
    if (descriptions.length === 0) throw wrongState('no remote description');
    if (!init?.candidate) return;
    const ufrag = init.usernameFragment ?? descriptions[0]?.ufrag;
    const remote = descriptions.find((each) => each.ufrag === ufrag);
    if (!remote || !init.candidate.startsWith('candidate:'))
      throw new DOMException('unreadable candidate, or of no generation', 'OperationError');
    remote.candidates.push(init.candidate);
    this.ice.learn(remote.ufrag, kindOfCandidate(init.candidate));
  }

  async getStats(): Promise<Map<string, Record<string, unknown>>> {
    return this.#stats.report();
  }

  close(): void {
    if (this.signalingState === 'closed') return;
    this.signalingState = 'closed';
    this.association.close({ isTold: false });
    this.ice.close();
  }

  #offer(): void {
    const kept = this.#pendingLocal ?? this.#local;
    this.#pendingLocal = this.#planned;
    this.#planned = null;
    this.#isRestartWanted = false;
    this.#localType = 'offer';
    this.#version += 1;
    this.#show('have-local-offer');
    if (this.#pendingLocal === kept || !this.#pendingLocal) return;
    if (this.#options.profile.offerRenewsClock) this.ice.renewClock();
    this.#gather(this.#pendingLocal);
  }

  get #isRemoteRestart(): boolean {
    return this.#pendingRemote?.ufrag !== this.#remote?.ufrag;
  }

  #answer(): void {
    const isRestart = this.#isRemoteRestart;
    this.#local = this.#planned;
    this.#remote = this.#pendingRemote;
    this.#planned = this.#pendingRemote = null;
    this.#localType = 'answer';
    this.#version += 1;
    this.#show('stable');
    if (!isRestart || !this.#remote || !this.#local) return;
    this.#begin();
    this.ice.renewClock();
    this.#learnFrom(this.#remote);
    this.#gather(this.#local);
  }

  #takeOffer(offer: ParsedSdp): void {
    if (this.signalingState === 'have-local-offer') this.#rollBack('have-local-offer');
    this.#planned = null;
    this.#pendingRemote = offer;
    this.#show('have-remote-offer');
  }

  /** What is rolled back is still wanted: the next offer restarts ICE too. */
  #rollBack(from: RTCSignalingState): void {
    if (this.signalingState !== from) throw wrongState(`nothing to roll back in ${this.signalingState}`);
    if (this.#pendingLocal && this.#pendingLocal !== this.#local && this.#local) this.#isRestartWanted = true;
    this.#pendingLocal = this.#pendingRemote = this.#planned = null;
    this.#show('stable');
  }

  #begin(): void {
    if (!this.#local || !this.#remote) return;
    const { ufrag: local, kinds: localKinds } = this.#local;
    this.ice.begin({ local, remote: this.#remote.ufrag, localKinds, remoteKinds: new Set() });
  }

  #learnFrom({ ufrag, candidates }: ParsedSdp): void {
    for (const candidate of candidates) this.ice.learn(ufrag, kindOfCandidate(candidate));
  }

  #gather(generation: LocalGeneration): void {
    const { page, network, random } = this.#options;
    gather(
      generation,
      this.#configuration,
      { page, network, random },
      {
        isWanted: () =>
          this.signalingState !== 'closed' &&
          (this.#pendingLocal === generation || this.#local === generation),
        state: (state) => this.#showGathering(state),
        found: (candidate) => {
          this.fire('icecandidate', { candidate });
          network.changed();
        },
        refused: () => this.fire('icecandidateerror', { errorCode: 401, errorText: 'Unauthorized' }),
      },
    );
  }

  #findPeer(): FakeSctp | null {
    const { peer } = this.ice;
    return peer?.isUp && this.ice.isUp ? this.#options.sctpOf(peer) : null;
  }

  #onSelected(): void {
    this.#wasConnected = true;
    this.#stats.measure();
    this.association.flow();
    this.#iceTransport.dispatchEvent(new Event('selectedcandidatepairchange'));
  }

  #onStates(): void {
    this.fire('iceconnectionstatechange');
    this.fire('connectionstatechange');
  }

  #show(state: RTCSignalingState): void {
    if (this.signalingState === state) return;
    this.signalingState = state;
    this.fire('signalingstatechange');
  }

  #showGathering(state: RTCIceGatheringState): void {
    this.iceGatheringState = state;
    this.fire('icegatheringstatechange');
  }

  #sdpOf({ ufrag, password, candidates }: LocalGeneration, type: 'offer' | 'answer'): string {
    const { profile } = this.#options;
    const version = this.#version;
    return writeSdp({ type, version, ufrag, password, fingerprint: this.#fingerprint, candidates, profile });
  }

  #refuseIfClosed(): void {
    if (this.signalingState === 'closed') throw wrongState('closed');
  }
}
