import {
  type LocalGeneration,
  newGeneration,
  type ParsedSdp,
  randomFingerprint,
  readSdp,
  showSdp,
  writeSdp,
} from './fake-sdp';
import type { BrowserProfile } from './profiles';

interface NegotiationListener {
  stateChanged(): void;
  /** An offer has a new generation: candidates are to be gathered for it. */
  offered(local: LocalGeneration): void;
  answered(local: LocalGeneration): void;
  /** Both descriptions of a new generation are set. */
  agreed(local: LocalGeneration, remote: ParsedSdp): void;
  /** A candidate of the other end, for its generation `ufrag`. */
  candidate(ufrag: string, candidate: string): void;
}

const wrongState = (what: string) => new DOMException(what, 'InvalidStateError');

/** Offers, answers and rollbacks of one fake connection, as in JSEP with a single data channel section. */
export class FakeNegotiation {
  state: RTCSignalingState = 'stable';
  readonly #profile: BrowserProfile;
  readonly #random: () => number;
  readonly #fingerprint: string;
  readonly #listener: NegotiationListener;
  #version = 1;
  #local: LocalGeneration | null = null;
  #pendingLocal: LocalGeneration | null = null;
  #remote: ParsedSdp | null = null;
  #pendingRemote: ParsedSdp | null = null;
  #remoteType: 'offer' | 'answer' = 'offer';
  /** The generation of the last `createOffer()` or `createAnswer()`. */
  #planned: LocalGeneration | null = null;
  #localType: 'offer' | 'answer' = 'offer';
  #isRestartRequested = false;

  constructor(profile: BrowserProfile, random: () => number, listener: NegotiationListener) {
    this.#profile = profile;
    this.#random = random;
    this.#fingerprint = randomFingerprint(random);
    this.#listener = listener;
  }

  get local(): { type: 'offer' | 'answer'; sdp: string } | null {
    const generation = this.#pendingLocal ?? this.#local;
    return generation && { type: this.#localType, sdp: this.#sdpOf(generation, this.#localType) };
  }

  get remote(): { type: 'offer' | 'answer'; sdp: string } | null {
    const parsed = this.#pendingRemote ?? this.#remote;
    return parsed && { type: this.#pendingRemote ? 'offer' : this.#remoteType, sdp: showSdp(parsed) };
  }

  get isAgreed(): boolean {
    return this.#remote !== null;
  }

  requestRestart(): void {
    this.#isRestartRequested = true;
  }

  /** Whether a generation is still in use. */
  uses(generation: LocalGeneration): boolean {
    return this.state !== 'closed' && (this.#pendingLocal === generation || this.#local === generation);
  }

  /** Forgets the gathered candidates, which are no longer valid. */
  forgetGathered(): void {
    for (const generation of [this.#local, this.#pendingLocal]) {
      generation?.kinds.clear();
      generation?.candidates.splice(0);
    }
  }

  /** Chooses the generation that `setLocal()` then uses. */
  createOffer(options?: RTCOfferOptions): { type: 'offer'; sdp: string } {
    this.#requireTurn('offer');
    if (options?.iceRestart) this.#isRestartRequested = true;
    const kept = this.#pendingLocal ?? this.#local;
    this.#planned = this.#isRestartRequested || !kept ? newGeneration(this.#random) : kept;
    return { type: 'offer', sdp: this.#sdpOf(this.#planned, 'offer') };
  }

  createAnswer(): { type: 'answer'; sdp: string } {
    this.#requireTurn('answer');
    this.#planned = this.#isRemoteRestart || !this.#local ? newGeneration(this.#random) : this.#local;
    return { type: 'answer', sdp: this.#sdpOf(this.#planned, 'answer') };
  }

  setLocal({ type }: RTCLocalSessionDescriptionInit = {}): void {
    if (type === 'rollback') return this.#rollBack('have-local-offer');
    if (type) this.#requireTurn(type);
    if (this.state === 'have-remote-offer') {
      if (!this.#planned) this.createAnswer();
      this.#answer();
    } else {
      if (!this.#planned) this.createOffer();
      this.#offer();
    }
  }

  setRemote({ type, sdp = '' }: RTCSessionDescriptionInit): void {
    if (type === 'rollback') return this.#rollBack('have-remote-offer');
    const parsed = readSdp(sdp);
    if (!parsed) throw new DOMException('unreadable description', 'OperationError');
    if (type === 'offer') return this.#takeOffer(parsed);
    if (type !== 'answer' || this.state !== 'have-local-offer') throw wrongState(`no ${type} now`);
    const isNew = this.#pendingLocal !== null && this.#pendingLocal !== this.#local;
    this.#local = this.#pendingLocal ?? this.#local;
    this.#pendingLocal = null;
    this.#remote = parsed;
    this.#remoteType = 'answer';
    this.#setState('stable');
    if (isNew && this.#local) this.#listener.agreed(this.#local, parsed);
    else for (const candidate of parsed.candidates) this.#listener.candidate(parsed.ufrag, candidate);
  }

  addCandidate(init?: RTCIceCandidateInit | null): void {
    const descriptions = [this.#pendingRemote, this.#remote].filter((each) => each !== null);
    if (descriptions.length === 0) throw wrongState('no remote description');
    if (!init?.candidate) return;
    const ufrag = init.usernameFragment ?? descriptions[0]?.ufrag;
    const remote = descriptions.find((each) => each.ufrag === ufrag);
    if (!remote || !init.candidate.startsWith('candidate:'))
      throw new DOMException('unreadable candidate, or unknown ufrag', 'OperationError');
    remote.candidates.push(init.candidate);
    this.#listener.candidate(remote.ufrag, init.candidate);
  }

  #requireTurn(type: RTCSdpType): void {
    const isOurs = (type === 'offer') === (this.state !== 'have-remote-offer');
    if (!isOurs) throw wrongState(`no ${type} in ${this.state}`);
  }

  #offer(): void {
    const kept = this.#pendingLocal ?? this.#local;
    this.#pendingLocal = this.#planned;
    this.#planned = null;
    this.#isRestartRequested = false;
    this.#localType = 'offer';
    this.#version += 1;
    this.#setState('have-local-offer');
    if (this.#pendingLocal === kept || !this.#pendingLocal) return;
    this.#listener.offered(this.#pendingLocal);
  }

  get #isRemoteRestart(): boolean {
    return this.#pendingRemote?.ufrag !== this.#remote?.ufrag;
  }

  #answer(): void {
    const isRestart = this.#isRemoteRestart;
    this.#local = this.#planned;
    this.#remote = this.#pendingRemote;
    this.#remoteType = 'offer';
    this.#planned = this.#pendingRemote = null;
    this.#localType = 'answer';
    this.#version += 1;
    this.#setState('stable');
    if (!isRestart || !this.#remote || !this.#local) return;
    this.#listener.agreed(this.#local, this.#remote);
    this.#listener.answered(this.#local);
  }

  #takeOffer(offer: ParsedSdp): void {
    if (this.state === 'have-local-offer') this.#rollBack('have-local-offer');
    this.#planned = null;
    this.#pendingRemote = offer;
    this.#setState('have-remote-offer');
  }

  /** A restart that is rolled back is still wanted: the next offer also restarts ICE. */
  #rollBack(from: RTCSignalingState): void {
    if (this.state !== from) throw wrongState(`nothing to roll back in ${this.state}`);
    if (this.#pendingLocal && this.#pendingLocal !== this.#local && this.#local)
      this.#isRestartRequested = true;
    this.#pendingLocal = this.#pendingRemote = this.#planned = null;
    this.#setState('stable');
  }

  #setState(state: RTCSignalingState): void {
    if (this.state === state) return;
    this.state = state;
    this.#listener.stateChanged();
  }

  #sdpOf({ ufrag, password, candidates }: LocalGeneration, type: 'offer' | 'answer'): string {
    const [version, fingerprint, profile] = [this.#version, this.#fingerprint, this.#profile];
    return writeSdp({ type, version, ufrag, password, fingerprint, candidates, profile });
  }
}
