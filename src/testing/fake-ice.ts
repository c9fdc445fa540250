import type { FakeNetwork, Generation, IceAgent, Page } from './fake-network';
import type { PathKind } from './fake-sdp';
import type { BrowserProfile } from './profiles';
import { Alarm } from './timers';

export interface IceListener {
  statesChanged(): void;
  /** A pair was selected: the first, another, or the same anew. */
  selected(): void;
  /** The selected pair carries data; told again whenever the network changed. */
  flowing(): void;
  failed(): void;
}

interface IceOptions {
  page: Page;
  profile: BrowserProfile;
  network: FakeNetwork;
}

/** A link that heals by itself shows it after the next check. */
const HEAL_MS = 20;

const kindsOf = (one: Generation, other: Generation): PathKind[] => {
  const isDirect = one.localKinds.has('direct') && other.localKinds.has('direct');
  const isRelay = one.localKinds.has('relay') || other.localKinds.has('relay');
  return [...(isDirect ? ['direct' as const] : []), ...(isRelay ? ['relay' as const] : [])];
};

/** ICE of one fake connection: which path is there, and what the browser says about it, and when. */
export class FakeIce implements IceAgent {
  iceConnectionState: RTCIceConnectionState = 'new';
  connectionState: RTCPeerConnectionState = 'new';
  /** The path of the selected pair. */
  kind: PathKind | null = null;
  readonly page: Page;
  readonly #profile: BrowserProfile;
  readonly #network: FakeNetwork;
  readonly #listener: IceListener;
  #current: Generation | null = null;
  #next: Generation | null = null;
  #isClosed = false;
  #hasBegun = false;
  readonly #nomination: Alarm;
  readonly #doubt: Alarm;
  readonly #end: Alarm;
  readonly #healing: Alarm;
  readonly #switch: Alarm;

  constructor({ page, profile, network }: IceOptions, listener: IceListener) {
    this.page = page;
    this.#profile = profile;
    this.#network = network;
    this.#listener = listener;
    const alarm = () => new Alarm(network.timers);
    [this.#nomination, this.#doubt, this.#end] = [alarm(), alarm(), alarm()];
    [this.#healing, this.#switch] = [alarm(), alarm()];
    network.join(this);
  }

  get isUp(): boolean {
    return this.iceConnectionState === 'connected' || this.iceConnectionState === 'completed';
  }

  /** The agent at the other end of the selected pair. */
  get peer(): IceAgent | null {
    return this.#current && this.#network.agentOf(this.#current.remote);
  }

  generationOf(ufrag: string): Generation | null {
    // One that gave up answers no more checks; only Chromium goes on.
    const current = this.iceConnectionState === 'failed' ? null : this.#current;
    return [this.#next, current].find((each) => each?.local === ufrag) ?? null;
  }

  /** Both descriptions of a generation are there: its checks begin. */
  begin(generation: Generation): void {
    this.#next = generation;
    const isFirst = this.#current === null;
    const { withoutCandidatesFailsAfterMs, restartShowsChecking } = this.#profile;
    if (isFirst && withoutCandidatesFailsAfterMs !== null) {
      this.#show('checking', 'connecting');
      this.#end.arm(withoutCandidatesFailsAfterMs, () => this.#fail());
    }
    if (!isFirst && !this.isUp && restartShowsChecking) this.#show('checking', 'connecting');
    this.#network.changed();
  }

  /** A candidate of the other end has come. */
  learn(remote: string, kind: PathKind): void {
    const generation = [this.#next, this.#current].find((each) => each?.remote === remote);
    generation?.remoteKinds.add(kind);
    this.#network.changed();
  }

  /** A restart was offered or answered: the clock towards `failed` begins anew, and the old generation goes on checking. */
  renewClock(): void {
    if (this.#current === null || this.isUp) return;
    this.#end.cancel();
    this.#end.arm(this.#profile.restartFailsAfterMs, () => this.#fail());
    if (this.connectionState === 'failed' && !this.#profile.iceSaysFailed)
      this.#show('disconnected', 'disconnected');
    this.look();
  }

  look(): void {
    if (this.#isClosed || this.#network.isKilled(this.page)) return this.#cancelAll();
    this.#lookAtNext();
    if (this.#current) this.#lookAtCurrent(this.#current);
  }

  close(): void {
    this.#isClosed = true;
    this.iceConnectionState = 'closed';
    this.connectionState = 'closed';
    this.#cancelAll();
    this.#network.leave(this);
  }

  #lookAtNext(): void {
    const next = this.#next;
    if (!next) return;
    const isFirst = this.#current === null;
    if (isFirst && next.remoteKinds.size > 0 && !this.#hasBegun) this.#startFirstClock();
    if (!this.#pathOf(next)) return this.#nomination.cancel();
    const ownMs = isFirst ? this.#profile.connectMs : this.#profile.restartMs;
    this.#nomination.arm(ownMs + this.#network.rttMs(), () => this.#nominate());
  }

  #startFirstClock(): void {
    this.#hasBegun = true;
    this.#show('checking', 'connecting');
    this.#end.cancel();
    this.#end.arm(this.#profile.firstConnectFailsAfterMs, () => this.#fail());
  }

  #nominate(): void {
    const kind = this.#next && this.#pathOf(this.#next);
    if (!kind) return;
    this.#current = this.#next;
    this.#next = null;
    this.#select(kind);
  }

  #select(kind: PathKind): void {
    this.kind = kind;
    for (const alarm of [this.#doubt, this.#end, this.#healing, this.#switch]) alarm.cancel();
    // Chromium words the way out of `failed` so.
    if (this.connectionState === 'failed' && !this.#profile.iceSaysFailed)
      this.#show('disconnected', 'disconnected');
    this.#show('connected', 'connected');
    this.#listener.selected();
    this.#network.changed();
  }

  #lookAtCurrent(current: Generation): void {
    const kinds = this.#pathsOf(current);
    if (this.kind && kinds.includes(this.kind)) {
      this.#doubt.cancel();
      this.#switch.cancel();
      const isDoubted = this.iceConnectionState === 'disconnected' && this.connectionState === 'disconnected';
      if (isDoubted || this.iceConnectionState === 'checking')
        this.#healing.arm(HEAL_MS + this.#network.rttMs(), () => this.#select(this.kind ?? 'direct'));
      else if (this.isUp) this.#listener.flowing();
      return;
    }
    this.#healing.cancel();
    if (this.isUp) this.#doubt.arm(this.#profile.disconnectedAfterMs, () => this.#suspect());
    const [other] = kinds;
    if (!other || this.connectionState === 'failed') return this.#switch.cancel();
    this.#switch.arm(this.#profile.switchMs, () => this.#select(other));
  }

  #suspect(): void {
    this.#show('disconnected', 'disconnected');
    this.#end.arm(this.#profile.failedAfterDisconnectedMs, () => this.#fail());
  }

  #fail(): void {
    this.#cancelAll();
    this.#next = null;
    this.#show(this.#profile.iceSaysFailed ? 'failed' : 'disconnected', 'failed');
    this.#listener.failed();
    this.look();
  }

  #pathOf(generation: Generation): PathKind | null {
    return this.#pathsOf(generation)[0] ?? null;
  }

  /** The paths that work both ways now, best first. */
  #pathsOf(generation: Generation): PathKind[] {
    const peer = this.#network.agentOf(generation.remote);
    const theirs = peer?.generationOf(generation.remote);
    if (theirs?.remote !== generation.local) return [];
    if (generation.remoteKinds.size + theirs.remoteKinds.size === 0) return [];
    return kindsOf(generation, theirs).filter(
      (kind) => this.#network.carries(0, kind) && this.#network.carries(1, kind),
    );
  }

  #show(ice: RTCIceConnectionState, connection: RTCPeerConnectionState): void {
    if (this.#isClosed || (this.iceConnectionState === ice && this.connectionState === connection)) return;
    this.iceConnectionState = ice;
    this.connectionState = connection;
    this.#listener.statesChanged();
  }

  #cancelAll(): void {
    for (const alarm of [this.#nomination, this.#doubt, this.#end, this.#healing, this.#switch])
      alarm.cancel();
  }
}
