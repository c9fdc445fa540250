import type { FakeDataChannel } from './fake-data-channel';
import { FakeIce } from './fake-ice';
import type { FakeNetwork, Page } from './fake-network';
import { FakeSctp } from './fake-sctp';
import {
  type FakeCandidate,
  type ParsedSdp,
  type PathKind,
  randomFingerprint,
  randomText,
  readSdp,
  writeCandidate,
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
  sctpOf(agent: FakeIce): FakeSctp | null;
}

/** What one `setLocalDescription()` made: a name for its ICE generation, and what was gathered for it. */
interface LocalGeneration {
  ufrag: string;
  password: string;
  kinds: Set<PathKind>;
  candidates: FakeCandidate[];
}

type Handler = ((event: never) => unknown) | null;

const wrongState = (what: string) => new DOMException(what, 'InvalidStateError');
const HOST_GATHERING_MS = 1;
const RELAY_GATHERING_MS = 3;

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
    return { maxMessageSize, state, transport: { iceTransport: transportTellsPair ? this.#iceTransport : undefined } };
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
    return this.association.createChannel(label, init.negotiated ? { ...rest, ...(id !== undefined && { id }) } : rest);
  }

  restartIce(): void {
    this.#isRestartWanted = true;
  }

  async createOffer(): Promise<{ type: 'offer'; sdp: string }> {
    this.#refuseIfClosed();
    return { type: 'offer', sdp: '' };
  }

  async createAnswer(): Promise<{ type: 'answer'; sdp: string }> {
    this.#refuseIfClosed();
    return { type: 'answer', sdp: '' };
  }

  async setLocalDescription(description?: RTCLocalSessionDescriptionInit): Promise<void> {
    await Promise.resolve();
    this.#refuseIfClosed();
    if (description?.type === 'rollback') return this.#rollBack('have-local-offer');
    if (this.signalingState === 'have-remote-offer') return this.#answer();
    this.#offer();
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
    if (isNew) this.#begin();
    this.#learnFrom(parsed);
  }

  async addIceCandidate(init?: RTCIceCandidateInit | null): Promise<void> {
    await Promise.resolve();
    this.#refuseIfClosed();
    const remote = this.#pendingRemote ?? this.#remote;
    if (!remote) throw wrongState('no remote description');
    if (!init?.candidate) return;
    if (!init.candidate.startsWith('candidate:')) throw new DOMException('unreadable candidate', 'OperationError');
    const ufrag = init.usernameFragment ?? remote.ufrag;
    if (ufrag !== remote.ufrag && ufrag !== this.#remote?.ufrag)
      throw new DOMException('unknown ufrag', 'OperationError');
    remote.candidates.push(init.candidate);
    this.ice.learn(ufrag, / typ relay/.test(init.candidate) ? 'relay' : 'direct');
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
    const isRestart = this.#isRestartWanted || this.#local === null;
    // A pending offer that is renewed without a restart keeps its generation.
    this.#pendingLocal = isRestart ? this.#newGeneration() : (this.#pendingLocal ?? this.#local);
    this.#isRestartWanted = false;
    this.#localType = 'offer';
    this.#version += 1;
    this.#show('have-local-offer');
    if (!isRestart || !this.#pendingLocal) return;
    this.ice.renewClock();
    this.#gather(this.#pendingLocal);
  }

  #answer(): void {
    const isRestart = this.#pendingRemote?.ufrag !== this.#remote?.ufrag;
    const pending = this.#pendingRemote;
    if (isRestart) this.#local = this.#newGeneration();
    this.#remote = pending;
    this.#pendingRemote = null;
    this.#localType = 'answer';
    this.#version += 1;
    this.#show('stable');
    if (!isRestart || !pending || !this.#local) return;
    this.#begin();
    this.ice.renewClock();
    this.#learnFrom(pending);
    this.#gather(this.#local);
  }

  #takeOffer(offer: ParsedSdp): void {
    if (this.signalingState === 'have-local-offer') this.#rollBack('have-local-offer');
    this.#pendingRemote = offer;
    this.#show('have-remote-offer');
  }

  /** What is rolled back is still wanted: the next offer restarts ICE too. */
  #rollBack(from: RTCSignalingState): void {
    if (this.signalingState !== from) throw wrongState(`nothing to roll back in ${this.signalingState}`);
    if (this.#pendingLocal && this.#pendingLocal !== this.#local && this.#local) this.#isRestartWanted = true;
    this.#pendingLocal = this.#pendingRemote = null;
    this.#show('stable');
  }

  #begin(): void {
    if (!this.#local || !this.#remote) return;
    const { ufrag: local, kinds: localKinds } = this.#local;
    this.ice.begin({ local, remote: this.#remote.ufrag, localKinds, remoteKinds: new Set() });
  }

  #learnFrom({ ufrag, candidates }: ParsedSdp): void {
    for (const candidate of candidates) this.ice.learn(ufrag, candidate.includes(' typ relay') ? 'relay' : 'direct');
  }

  #newGeneration(): LocalGeneration {
    const { random } = this.#options;
    return { ufrag: randomText(4, random), password: randomText(24, random), kinds: new Set(), candidates: [] };
  }

  #gather(generation: LocalGeneration): void {
    const { timers, turn } = this.#options.network;
    const { iceServers = [], iceTransportPolicy } = this.#configuration;
    const hasTurn = iceServers.some(
      ({ urls, username, credential }) => username && credential && [urls].flat().some((url) => url.startsWith('turn')),
    );
    const isCurrent = () =>
      this.signalingState !== 'closed' && (this.#pendingLocal === generation || this.#local === generation);
    const soon = (delayMs: number, act: () => void) => timers.after(delayMs, () => isCurrent() && act());
    soon(0, () => this.#showGathering('gathering'));
    if (iceTransportPolicy !== 'relay') soon(HOST_GATHERING_MS, () => this.#found(generation, 'direct'));
    if (hasTurn && turn === 'up') soon(RELAY_GATHERING_MS, () => this.#found(generation, 'relay'));
    if (hasTurn && turn === 'refuses')
      soon(RELAY_GATHERING_MS, () => this.fire('icecandidateerror', { errorCode: 401, errorText: 'Unauthorized' }));
    soon(RELAY_GATHERING_MS, () => {
      this.fire('icecandidate', { candidate: null });
      this.#showGathering('complete');
    });
  }

  #found(generation: LocalGeneration, kind: PathKind): void {
    const port = 50_000 + Math.floor(this.#options.random() * 10_000);
    const candidate = writeCandidate(kind, this.#options.page, port, generation.ufrag);
    generation.candidates.push(candidate);
    generation.kinds.add(kind);
    this.fire('icecandidate', { candidate });
    this.#options.network.changed();
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
