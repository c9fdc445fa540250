import type { FakeNetwork, Generation, IceAgent, Page } from './fake-network';
import type { PathKind } from './fake-sdp';
import type { BrowserProfile } from './profiles';
import { Alarm } from './timers';

export interface IceListener {
  iceStateChanged(): void;
  connectionStateChanged(): void;
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

const kindsOf = (one: Generation, other: Generation): PathKind[] => {
  if (one.localKinds.size === 0 || other.localKinds.size === 0) return [];
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
  /** How many generations were selected so far. */
  generations = 0;
  readonly page: Page;
  readonly #profile: BrowserProfile;
  readonly #network: FakeNetwork;
  readonly #listener: IceListener;
  #current: Generation | null = null;
  /** The one before: it answers until the other end has left it too. */
  #former: Generation | null = null;
  #next: Generation | null = null;
  #isClosed = false;
  #hasBegun = false;
  #hasFoundNothing = false;
  /** It said `failed`, and sends nothing any more. In Chromium it still hears another end that has not failed, until a restart wakes it. */
  #hasGivenUp = false;
  #lostAtMs: number | null = null;
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
    return this.iceConnectionState === 'connected';
  }

  /** The path of the selected pair, unless it was given up, or an address that it needs is gone. */
  get liveKind(): PathKind | null {
    const theirs = this.#current && this.peer?.generationOf(this.#current.remote);
    const isGone = [this.#current, theirs].some((each) => each?.localKinds.size === 0);
    return isGone || this.#hasGivenUp ? null : this.kind;
  }

  /** The agent at the other end of the selected pair. */
  get peer(): IceAgent | null {
    return this.#current && this.#network.agentOf(this.#current.remote);
  }

  generationOf(ufrag: string): Generation | null {
    // One that gave up answers no more checks; only Chromium goes on.
    const current = this.iceConnectionState === 'failed' ? null : this.#current;
    return [this.#next, current, this.#former].find((each) => each?.local === ufrag) ?? null;
  }

  /** Both descriptions of a generation are there: its checks begin. */
  begin(generation: Generation): void {
    this.#next = generation;
    const isFirst = this.#current === null;
    const { withoutCandidatesFailsAfterMs, restartShowsChecking } = this.#profile;
    if (isFirst && withoutCandidatesFailsAfterMs !== null)
      this.#end.arm(withoutCandidatesFailsAfterMs, () => this.#fail());
    if (isFirst && this.#hasFoundNothing) this.findNothing();
    if (!isFirst && !this.isUp && restartShowsChecking)
      this.#show('checking', this.connectionState === 'failed' ? 'failed' : 'connecting');
    this.#network.changed();
  }

  /** Gathering ended without a candidate. */
  findNothing(): void {
    this.#hasFoundNothing = true;
    if (!this.#profile.failsWithoutOwnCandidates || this.#current || !this.#next) return;
    this.#end.cancel();
    this.#end.arm(0, () => this.#fail());
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
    this.#hasGivenUp = false;
    this.#end.cancel();
    this.#end.arm(this.#profile.restartFailsAfterMs, () => this.#fail());
    // Chromium words the way out of `failed` so.
    if (this.connectionState === 'failed' && !this.#profile.iceSaysFailed)
      this.#show('disconnected', 'disconnected');
    this.look();
  }

  look(): void {
    if (this.#isClosed || this.#network.isKilled(this.page)) return this.#cancelAll();
    if (this.#current) this.#lookAtCurrent(this.#current);
    this.#lookAtNext();
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
    if (!this.#pathOf(next) || this.#isHeldUp) return this.#nomination.cancel();
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
    this.#former = this.#current;
    this.#current = this.#next;
    this.#next = null;
    this.generations += 1;
    this.#select(kind);
  }

  /** A pair that is called connected, and carries nothing, is kept until its own timers run out. */
  get #isHeldUp(): boolean {
    return this.isUp && this.#lostAtMs !== null && this.#profile.switchMs !== null;
  }

  #select(kind: PathKind): void {
    this.kind = kind;
    this.#lostAtMs = null;
    this.#hasGivenUp = false;
    for (const alarm of [this.#doubt, this.#end, this.#healing, this.#switch]) alarm.cancel();
    this.#show('connected', 'connected');
    this.#listener.selected();
    this.#network.changed();
  }

  #lookAtCurrent(current: Generation): void {
    const kinds = this.#pathsOf(current);
    const { kind } = this;
    if (kind && kinds.includes(kind)) {
      this.#doubt.cancel();
      this.#switch.cancel();
      this.#lostAtMs = null;
      // It does not heal by itself after `failed`, but shows `disconnected` where its other end is up.
      if (this.#hasGivenUp) {
        if (this.peer?.isUp) this.#show('disconnected', 'disconnected');
      } else if (this.connectionState === 'disconnected' || this.iceConnectionState === 'checking')
        this.#healing.arm(this.#profile.healMs + this.#network.rttMs(), () => this.#select(kind));
      else if (this.isUp) this.#listener.flowing();
      return;
    }
    this.#healing.cancel();
    this.#lostAtMs ??= performance.now();
    if (this.isUp) this.#doubt.arm(this.#profile.disconnectedAfterMs, () => this.#suspect());
    this.#considerSwitch(kinds);
  }

  #considerSwitch([other]: PathKind[]): void {
    const { switchMs } = this.#profile;
    const isRenewed = () => this.#next !== null && this.#pathOf(this.#next) !== null;
    if (switchMs === null || this.#hasGivenUp || this.connectionState === 'failed' || !(other || isRenewed()))
      return this.#switch.cancel();
    const lostForMs = performance.now() - (this.#lostAtMs ?? performance.now());
    this.#switch.arm(Math.max(0, switchMs - lostForMs), () => {
      if (isRenewed()) this.#nominate();
      else if (other) this.#select(other);
    });
  }

  #suspect(): void {
    this.#show('disconnected', 'disconnected');
    this.#end.arm(this.#profile.failedAfterDisconnectedMs, () => this.#fail());
  }

  #fail(): void {
    this.#cancelAll();
    this.#next = null;
    this.#hasGivenUp = true;
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
    if (this.#isClosed) return;
    const [isIceNew, isConnectionNew] = [
      this.iceConnectionState !== ice,
      this.connectionState !== connection,
    ];
    this.iceConnectionState = ice;
    this.connectionState = connection;
    if (isIceNew) this.#listener.iceStateChanged();
    if (isConnectionNew && !this.#isClosed) this.#listener.connectionStateChanged();
  }

  #cancelAll(): void {
    for (const alarm of [this.#nomination, this.#doubt, this.#end, this.#healing, this.#switch])
      alarm.cancel();
  }
}
