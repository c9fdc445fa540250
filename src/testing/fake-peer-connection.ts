import type { FakeDataChannel } from './fake-data-channel';
import { gather } from './fake-gathering';
import { FakeIce } from './fake-ice';
import { FakeNegotiation } from './fake-negotiation';
import type { FakeNetwork, IceAgent, Page } from './fake-network';
import { FakeSctp } from './fake-sctp';
import { kindOfCandidate, type LocalGeneration, type ParsedSdp } from './fake-sdp';
import { FakeStats } from './fake-stats';
import { FakeTarget, type RunTask } from './fake-target';
import type { BrowserProfile } from './profiles';

export interface FakePeerConnectionOptions {
  page: Page;
  profile: BrowserProfile;
  network: FakeNetwork;
  random: () => number;
  configuration: RTCConfiguration;
  run: RunTask;
  /** Finds the association of an ICE agent. */
  sctpOf(agent: IceAgent): FakeSctp | null;
}

type Handler = ((event: never) => unknown) | null;

/** From the loss of the page's address to the end of the association. */
const ADDRESS_LOSS_MS = 10;

const wrongState = (what: string) => new DOMException(what, 'InvalidStateError');

/** An `RTCPeerConnection` for data channels between the two pages of a fake world, with the timing of the browser in its profile. */
export class FakePeerConnection extends FakeTarget {
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
  readonly #negotiation: FakeNegotiation;
  readonly #iceTransport = Object.assign(new EventTarget(), {
    getSelectedCandidatePair: () => this.#stats.selectedPair(),
  });
  #configuration: RTCConfiguration;

  constructor(options: FakePeerConnectionOptions) {
    super(options.run);
    this.#options = options;
    this.#configuration = options.configuration;
    const { page, profile, network, run } = options;
    this.ice = new FakeIce(options, {
      iceStateChanged: () => this.fire('iceconnectionstatechange'),
      connectionStateChanged: () => this.fire('connectionstatechange'),
      selected: () => this.#onSelected(),
      flowing: () => this.association.flow(),
      failed: () => profile.failureEndsSctp && this.association.close({ notify: true }),
    });
    this.association = new FakeSctp({
      page,
      profile,
      network,
      run,
      kind: () => this.ice.liveKind,
      peer: () => this.#findPeer(),
      announce: (channel) => this.fire('datachannel', { channel }),
    });
    this.#stats = new FakeStats({ ice: this.ice, association: this.association, network, profile });
    this.#negotiation = new FakeNegotiation(profile, options.random, {
      stateChanged: () => this.fire('signalingstatechange'),
      offered: (local) => {
        if (profile.offerRenewsClock) this.ice.restartFailureTimer();
        this.#gather(local);
      },
      answered: (local) => this.#gather(local),
      agreed: (local, remote) => this.#begin(local, remote),
      candidate: (ufrag, candidate) => this.ice.addRemoteCandidate(ufrag, kindOfCandidate(candidate)),
    });
  }

  get signalingState(): RTCSignalingState {
    return this.#negotiation.state;
  }

  get iceConnectionState(): RTCIceConnectionState {
    return this.ice.iceConnectionState;
  }

  get connectionState(): RTCPeerConnectionState {
    return this.ice.connectionState;
  }

  get localDescription(): { type: 'offer' | 'answer'; sdp: string } | null {
    return this.#negotiation.local;
  }

  get remoteDescription(): { type: 'offer' | 'answer'; sdp: string } | null {
    return this.#negotiation.remote;
  }

  get sctp() {
    if (!this.#negotiation.isAgreed) return null;
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
      throw new TypeError('maxRetransmits and maxPacketLifeTime are mutually exclusive');
    if (init.negotiated && init.id === undefined) throw new TypeError('a negotiated channel needs an id');
    const { id: _, ...unnumbered } = init;
    return this.association.createChannel(label, init.negotiated ? init : unnumbered);
  }

  restartIce(): void {
    this.#negotiation.requestRestart();
  }

  async createOffer(options?: RTCOfferOptions): Promise<{ type: 'offer'; sdp: string }> {
    this.#refuseIfClosed();
    return this.#negotiation.createOffer(options);
  }

  async createAnswer(): Promise<{ type: 'answer'; sdp: string }> {
    this.#refuseIfClosed();
    return this.#negotiation.createAnswer();
  }

  async setLocalDescription(description?: RTCLocalSessionDescriptionInit): Promise<void> {
    await Promise.resolve();
    this.#refuseIfClosed();
    this.#negotiation.setLocal(description);
  }

  async setRemoteDescription(description: RTCSessionDescriptionInit): Promise<void> {
    await Promise.resolve();
    this.#refuseIfClosed();
    this.#negotiation.setRemote(description);
  }

  async addIceCandidate(init?: RTCIceCandidateInit | null): Promise<void> {
    await Promise.resolve();
    this.#refuseIfClosed();
    this.#negotiation.addCandidate(init);
  }

  async getStats(): Promise<Map<string, Record<string, unknown>>> {
    return this.#stats.report();
  }

  close(): void {
    this.#negotiation.state = 'closed';
    this.association.close({ notify: false });
    this.ice.close();
  }

  /** The page gets another address, and the candidates gathered before become useless. */
  moveAway(): void {
    const { network, profile } = this.#options;
    this.#negotiation.forgetGathered();
    if (profile.addressLossEndsSctp && this.association.state === 'connected')
      network.timers.after(ADDRESS_LOSS_MS, () => this.association.close({ notify: true }));
    network.changed();
  }

  /** The page disappears: it sends no more packets, and the other end gets no notice. */
  vanish(): void {
    this.#negotiation.state = 'closed';
    this.association.close({ notify: true });
    this.ice.close();
  }

  #begin(
    { ufrag: local, kinds: localKinds }: LocalGeneration,
    { ufrag: remote, candidates }: ParsedSdp,
  ): void {
    this.ice.begin({ local, remote, localKinds, remoteKinds: new Set() });
    this.ice.restartFailureTimer();
    for (const candidate of candidates) this.ice.addRemoteCandidate(remote, kindOfCandidate(candidate));
  }

  #gather(generation: LocalGeneration): void {
    const { page, network, random } = this.#options;
    gather(
      generation,
      this.#configuration,
      { page, network, random },
      {
        isCurrent: () => this.#negotiation.uses(generation),
        state: (state) => this.#showGathering(state),
        found: (candidate) => {
          this.fire('icecandidate', { candidate });
          if (candidate === null && generation.kinds.size === 0) this.ice.gatheredNothing();
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
    this.#stats.select();
    this.association.flow();
    this.#options.run(() => {
      this.#iceTransport.dispatchEvent(new Event('selectedcandidatepairchange'));
    });
  }

  #showGathering(state: RTCIceGatheringState): void {
    this.iceGatheringState = state;
    this.fire('icegatheringstatechange');
  }

  #refuseIfClosed(): void {
    if (this.signalingState === 'closed') throw wrongState('closed');
  }
}
