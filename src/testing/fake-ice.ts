import type { FakeNetwork, Generation, IceAgent, Page } from './fake-network';
import type { PathKind } from './fake-sdp';
import type { BrowserProfile } from './profiles';
import { Alarm } from './timers';

export interface IceListener {
  iceStateChanged(): void;
  connectionStateChanged(): void;
  /** A pair was selected: the first, another, or the same again. */
  selected(): void;
  /** The selected pair carries data. Called again whenever the network has changed. */
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

/** The ICE agent of one fake connection: which path works, and when and how the browser reports it. */
export class FakeIce implements IceAgent {
  iceConnectionState: RTCIceConnectionState = 'new';
  connectionState: RTCPeerConnectionState = 'new';
  /** The path of the selected pair. */
  kind: PathKind | null = null;
  /** How many generations have been selected so far. */
  generations = 0;
  readonly page: Page;
  readonly #profile: BrowserProfile;
  readonly #network: FakeNetwork;
  readonly #listener: IceListener;
  #current: Generation | null = null;
  /** The generation before. It keeps answering until the other end has left it, too. */
  #previous: Generation | null = null;
  #next: Generation | null = null;
  #isClosed = false;
  #isChecking = false;
  #hasNoCandidates = false;
  /** It reported `failed` and no longer sends anything. In Chromium it still receives from an end that has not failed, until a restart. */
  #hasFailed = false;
  #lostAtMs: number | null = null;
  readonly #nominationTimer: Alarm;
  readonly #disconnectTimer: Alarm;
  readonly #failTimer: Alarm;
  readonly #healTimer: Alarm;
  readonly #switchTimer: Alarm;

  constructor({ page, profile, network }: IceOptions, listener: IceListener) {
    this.page = page;
    this.#profile = profile;
    this.#network = network;
    this.#listener = listener;
    const alarm = () => new Alarm(network.timers);
    [this.#nominationTimer, this.#disconnectTimer, this.#failTimer] = [alarm(), alarm(), alarm()];
    [this.#healTimer, this.#switchTimer] = [alarm(), alarm()];
    network.join(this);
  }

  get isUp(): boolean {
    return this.iceConnectionState === 'connected';
  }

  /** The path of the selected pair, unless ICE has failed or an address of the pair is gone. */
  get liveKind(): PathKind | null {
    const theirs = this.#current && this.peer?.generationOf(this.#current.remote);
    const isGone = [this.#current, theirs].some((each) => each?.localKinds.size === 0);
    return isGone || this.#hasFailed ? null : this.kind;
  }

  /** The agent at the other end of the selected pair. */
  get peer(): IceAgent | null {
    return this.#current && this.#network.agentOf(this.#current.remote);
  }

  generationOf(ufrag: string): Generation | null {
    // A failed agent no longer answers checks, except in Chromium, whose `iceConnectionState` stays `disconnected`.
    const current = this.iceConnectionState === 'failed' ? null : this.#current;
    return [this.#next, current, this.#previous].find((each) => each?.local === ufrag) ?? null;
  }

  /** Both descriptions of a generation are set: its checks begin. */
  begin(generation: Generation): void {
    this.#next = generation;
    const isFirst = this.#current === null;
    const { withoutCandidatesFailsAfterMs, restartShowsChecking } = this.#profile;
    if (isFirst && withoutCandidatesFailsAfterMs !== null)
      this.#failTimer.arm(withoutCandidatesFailsAfterMs, () => this.#fail());
    if (isFirst && this.#hasNoCandidates) this.gatheredNothing();
    if (!isFirst && !this.isUp && restartShowsChecking)
      this.#setStates('checking', this.connectionState === 'failed' ? 'failed' : 'connecting');
    this.#network.changed();
  }

  /** Gathering ended without a candidate. */
  gatheredNothing(): void {
    this.#hasNoCandidates = true;
    if (!this.#profile.failsWithoutOwnCandidates || this.#current || !this.#next) return;
    this.#failTimer.cancel();
    this.#failTimer.arm(0, () => this.#fail());
  }

  /** A candidate of the other end has arrived. */
  addRemoteCandidate(remote: string, kind: PathKind): void {
    const generation = [this.#next, this.#current].find((each) => each?.remote === remote);
    generation?.remoteKinds.add(kind);
    this.#network.changed();
  }

  /** A restart was offered or answered: the timer for `failed` starts again, and the old generation keeps checking. */
  restartFailureTimer(): void {
    if (this.#current === null || this.isUp) return;
    this.#hasFailed = false;
    this.#failTimer.cancel();
    this.#failTimer.arm(this.#profile.restartFailsAfterMs, () => this.#fail());
    // Chromium reports the way out of `failed` like this.
    if (this.connectionState === 'failed' && !this.#profile.iceSaysFailed)
      this.#setStates('disconnected', 'disconnected');
    this.look();
  }

  look(): void {
    if (this.#isClosed || this.#network.isKilled(this.page)) return this.#cancelAll();
    if (this.#current) this.#checkCurrent(this.#current);
    this.#checkNext();
  }

  close(): void {
    this.#isClosed = true;
    this.iceConnectionState = 'closed';
    this.connectionState = 'closed';
    this.#cancelAll();
    this.#network.leave(this);
  }

  #checkNext(): void {
    const next = this.#next;
    if (!next) return;
    const isFirst = this.#current === null;
    if (isFirst && next.remoteKinds.size > 0 && !this.#isChecking) this.#startFirstConnectTimer();
    if (!this.#pathOf(next) || this.#mustWaitForSwitch) return this.#nominationTimer.cancel();
    const ownMs = isFirst ? this.#profile.connectMs : this.#profile.restartMs;
    this.#nominationTimer.arm(ownMs + this.#network.rttMs(), () => this.#nominate());
  }

  #startFirstConnectTimer(): void {
    this.#isChecking = true;
    this.#setStates('checking', 'connecting');
    this.#failTimer.cancel();
    this.#failTimer.arm(this.#profile.firstConnectFailsAfterMs, () => this.#fail());
  }

  #nominate(): void {
    const kind = this.#next && this.#pathOf(this.#next);
    if (!kind) return;
    this.#previous = this.#current;
    this.#current = this.#next;
    this.#next = null;
    this.generations += 1;
    this.#select(kind);
  }

  /** A pair that counts as connected but carries nothing is kept until its own timers expire. */
  get #mustWaitForSwitch(): boolean {
    return this.isUp && this.#lostAtMs !== null && this.#profile.switchMs !== null;
  }

  #select(kind: PathKind): void {
    this.kind = kind;
    this.#lostAtMs = null;
    this.#hasFailed = false;
    for (const alarm of [this.#disconnectTimer, this.#failTimer, this.#healTimer, this.#switchTimer])
      alarm.cancel();
    this.#setStates('connected', 'connected');
    this.#listener.selected();
    this.#network.changed();
  }

  #checkCurrent(current: Generation): void {
    const kinds = this.#pathsOf(current);
    const { kind } = this;
    if (kind && kinds.includes(kind)) {
      this.#disconnectTimer.cancel();
      this.#switchTimer.cancel();
      this.#lostAtMs = null;
      // After `failed` it does not heal by itself, but reports `disconnected` if the other end is up.
      if (this.#hasFailed) {
        if (this.peer?.isUp) this.#setStates('disconnected', 'disconnected');
      } else if (this.connectionState === 'disconnected' || this.iceConnectionState === 'checking')
        this.#healTimer.arm(this.#profile.healMs + this.#network.rttMs(), () => this.#select(kind));
      else if (this.isUp) this.#listener.flowing();
      return;
    }
    this.#healTimer.cancel();
    this.#lostAtMs ??= performance.now();
    if (this.isUp) this.#disconnectTimer.arm(this.#profile.disconnectedAfterMs, () => this.#suspect());
    this.#considerSwitch(kinds);
  }

  #considerSwitch([other]: PathKind[]): void {
    const { switchMs } = this.#profile;
    const isRenewed = () => this.#next !== null && this.#pathOf(this.#next) !== null;
    if (switchMs === null || this.#hasFailed || this.connectionState === 'failed' || !(other || isRenewed()))
      return this.#switchTimer.cancel();
    const lostForMs = performance.now() - (this.#lostAtMs ?? performance.now());
    this.#switchTimer.arm(Math.max(0, switchMs - lostForMs), () => {
      if (isRenewed()) this.#nominate();
      else if (other) this.#select(other);
    });
  }

  #suspect(): void {
    this.#setStates('disconnected', 'disconnected');
    this.#failTimer.arm(this.#profile.failedAfterDisconnectedMs, () => this.#fail());
  }

  #fail(): void {
    this.#cancelAll();
    this.#next = null;
    this.#hasFailed = true;
    this.#setStates(this.#profile.iceSaysFailed ? 'failed' : 'disconnected', 'failed');
    this.#listener.failed();
    this.look();
  }

  #pathOf(generation: Generation): PathKind | null {
    return this.#pathsOf(generation)[0] ?? null;
  }

  /** The paths that currently work in both directions, best first. */
  #pathsOf(generation: Generation): PathKind[] {
    const peer = this.#network.agentOf(generation.remote);
    const theirs = peer?.generationOf(generation.remote);
    if (theirs?.remote !== generation.local) return [];
    if (generation.remoteKinds.size + theirs.remoteKinds.size === 0) return [];
    return kindsOf(generation, theirs).filter(
      (kind) => this.#network.carries(0, kind) && this.#network.carries(1, kind),
    );
  }

  #setStates(ice: RTCIceConnectionState, connection: RTCPeerConnectionState): void {
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
    for (const alarm of [
      this.#nominationTimer,
      this.#disconnectTimer,
      this.#failTimer,
      this.#healTimer,
      this.#switchTimer,
    ])
      alarm.cancel();
  }
}
