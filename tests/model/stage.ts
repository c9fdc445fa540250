import { vi } from 'vitest';
import { defaultPolicy, PRESETS, type RecoveryPolicy, type Timings } from '../../machines';
import { WebRTCManager, type WebRTCManagerOptions } from '../../src';
import { createFakeWorld, type FakeEnd, type FakeWorld, type ProfileName } from '../../src/testing';
import { UpstreamPeer } from '../compat/upstream-peer';
import type { Step } from './chart-model';
import type { Route } from './routes';
import { Watched } from './watched';

/** Longer than any test. */
const NEVER_MS = 1_000_000_000;
/** Longer than any delay of the library or the browsers. */
const PATIENCE_MS = 100_000;

export interface Setting {
  profile: ProfileName;
  /** Who is at the other end. */
  peer: 'holdfast' | 'upstream';
  /** Ours: the lower id offers. */
  role: 'offerer' | 'answerer';
}

const silent = { debug() {}, info() {}, warn() {}, error() {} };

const ANOTHER = ['addEventListener', 'removeEventListener'] as const;

/** The page around our end: only this end gets its events. */
function surround(create: () => WebRTCManager) {
  const [window, document, connection] = [new EventTarget(), new EventTarget(), new EventTarget()];
  vi.stubGlobal('document', document);
  vi.stubGlobal('navigator', { connection });
  for (const name of ANOTHER) vi.stubGlobal(name, window[name].bind(window));
  const manager = create();
  vi.unstubAllGlobals();
  return { manager, window, document, connection };
}

/** Delays that the path waits for have their usual length; the others never end. */
function timingsFor(path: readonly Step[], maxIceRestarts: number): Timings {
  const lasts = (wanted: string, ms: number) => (path.some(({ type }) => type === wanted) ? ms : NEVER_MS);
  return {
    ...PRESETS.default,
    connectTimeoutMs: lasts('after connectTimeout', 15_000),
    offererPatienceMs: lasts('after offererPatience', 3_000),
    disconnectTimeoutMs: lasts('after disconnectTimeout', 5_000),
    recoveryBudgetMs: lasts('after recoveryBudget', 90_000),
    stableMs: lasts('after stable', 10_000),
    directRetryMs: lasts('after directRetry', 30_000),
    silenceMs: lasts('life.silent', 1_000),
    maxIceRestarts,
  };
}

/** The other end suspects nobody by itself. */
const SLEEPY = {
  ...PRESETS.default,
  silenceMs: NEVER_MS,
  disconnectTimeoutMs: NEVER_MS,
  connectTimeoutMs: NEVER_MS,
  recoveryBudgetMs: NEVER_MS,
  maxIceRestarts: 100,
};

/** The world of one path: our end, whose machine is watched, and another end that does only what the path asks of it. */
export class Stage {
  readonly world: FakeWorld;
  readonly watched: Watched;
  readonly manager: WebRTCManager;
  readonly page: { window: EventTarget; document: EventTarget; connection: EventTarget };
  other: WebRTCManager | UpstreamPeer | null = null;
  readonly #setting: Setting;
  readonly #path: readonly Step[];
  readonly #timings: Timings;
  readonly #ours: FakeEnd;
  readonly #theirs: FakeEnd;
  #at = 0;
  /** Whether our browser rejects answers. */
  isPicky = false;

  constructor({ steps: path, maxIceRestarts }: Route, setting: Setting) {
    this.#path = path;
    this.#setting = setting;
    this.world = createFakeWorld({ profile: setting.profile, playerIds: [1, 2] });
    [this.#ours, this.#theirs] =
      setting.role === 'offerer' ? [this.world.a, this.world.b] : [this.world.b, this.world.a];
    this.#timings = timingsFor(path, maxIceRestarts);
    const wants = (type: string) => path.some((step) => step.type === type);
    const isEmpty = wants('gathering.empty');
    const isRelayed = path.some(
      ({ type, evidence }) => type === 'peer.learned' && Object(evidence).path === 'relay',
    );
    if (isRelayed) this.world.network.blockDirect();
    const policy = this.#policy();
    this.watched = new Watched(this.#timings, policy, { browser: setting.profile, relayOnly: isEmpty });
    const expiry = Math.floor(Date.now() / 1_000) + (wants('credentials.expiring') ? 62 : 1_000_000);
    const options: WebRTCManagerOptions = {
      ...this.#timings,
      environment: {
        ...this.#ours.environment,
        createPeerConnection: (configuration) => this.#createPeerConnection(configuration),
      },
      logger: silent,
      inspect: this.watched.inspect,
      recovery: policy,
      forceRelay: isEmpty,
      iceServers: isRelayed ? [{ urls: 'turn:relay', username: `${expiry}:me`, credential: 'secret' }] : [],
    };
    const { manager, ...page } = surround(
      () => new WebRTCManager(this.#ours.socket, this.world.gameId, this.#ours.playerId, options),
    );
    this.manager = manager;
    this.page = page;
  }

  get leaf(): string {
    return this.watched.connection.leaf;
  }

  get isUpstream(): boolean {
    return this.#setting.peer === 'upstream';
  }

  get targetId() {
    return this.#theirs.playerId;
  }

  get socket() {
    return this.#ours.socket;
  }

  /** The step that is wanted now. */
  advanceTo(index: number): void {
    this.#at = index;
  }

  /** The other end appears, or a new page in its place. */
  appear(): void {
    const { socket, playerId, environment } = this.#theirs;
    if (this.isUpstream) {
      const upstream = new UpstreamPeer({
        socket,
        gameId: this.world.gameId,
        myPlayerId: playerId,
        createPeerConnection: environment.createPeerConnection,
      });
      this.other = upstream;
      void upstream.connectToPeer(this.#ours.playerId);
      return;
    }
    const manager = new WebRTCManager(socket, this.world.gameId, playerId, {
      ...SLEEPY,
      environment,
      logger: silent,
      iceServers: [],
    });
    this.other = manager;
    void manager.connectToPeer(this.#ours.playerId);
  }

  get isOtherUp(): boolean {
    return this.other instanceof WebRTCManager && this.other.state === 'connected';
  }

  /** What the other end sends is lost on its way here. */
  deafen(): void {
    this.world.network.setLoss(1, this.#setting.role === 'offerer' ? 1 : 0);
  }

  /** The page at the other end vanishes without a goodbye. */
  vanish(): void {
    const { other } = this;
    if (!other) return;
    this.world.network.cut();
    if (other instanceof WebRTCManager) other._sendSignal = () => undefined;
    other.close();
    this.other = null;
  }

  /** What we send, or what the other end sends, is lost on the way; ours counts as relayed if the path counts an attempt. */
  mute({ ours, theirs }: { ours: boolean; theirs: boolean }): void {
    const isCounted = this.#path.some(({ type }) => type === 'attempt.counted');
    if (ours) this.manager._sendSignal = () => (isCounted ? 'relayed' : 'refused');
    else Reflect.deleteProperty(this.manager, '_sendSignal');
    const { other } = this;
    if (!(other instanceof WebRTCManager)) return;
    if (theirs) other._sendSignal = () => 'relayed';
    else Reflect.deleteProperty(other, '_sendSignal');
  }

  /** Lets time pass until it is so. @returns false if it never is. */
  async until(isSo: () => boolean, isHopeless: () => boolean = () => false): Promise<boolean> {
    const deadlineMs = performance.now() + PATIENCE_MS;
    while (!isSo()) {
      if (isHopeless() || performance.now() > deadlineMs || vi.getTimerCount() === 0) return false;
      await vi.advanceTimersToNextTimerAsync();
    }
    return true;
  }

  /** Whether the step would bring nothing new, because it happened earlier by itself. */
  knows({ type, evidence }: Step): boolean {
    const { context } = this.watched.connection;
    const known = Object(Object(context).evidence);
    return (
      type === 'peer.learned' &&
      Object.entries(Object(evidence)).every(([name, value]) => Reflect.get(known, name) === value)
    );
  }

  hasReceived(type: string): boolean {
    return this.watched.received.some((each) => each.type === type);
  }

  close(): void {
    this.manager.close();
    this.other?.close();
    this.world.dispose();
  }

  #createPeerConnection(configuration: RTCConfiguration): RTCPeerConnection {
    const pc = this.#ours.environment.createPeerConnection(configuration);
    const setRemoteDescription = pc.setRemoteDescription.bind(pc);
    pc.setRemoteDescription = async (description) => {
      if (this.isPicky && description.type === 'answer') throw new DOMException('no', 'OperationError');
      await setRemoteDescription(description);
    };
    return pc;
  }

  /** Plans last as the path needs them: forever, unless it waits for their end. */
  #policy(): RecoveryPolicy {
    const next = (...types: string[]) =>
      this.#path.slice(this.#at).find(({ type }) => types.includes(type))?.type;
    const lasts = (type: string, ms: number) => (next(type, 'after recoveryBudget') === type ? ms : NEVER_MS);
    return {
      plan: (input) => {
        if (input.attempts >= input.maxAttempts || input.evidence.turnRefused) return null;
        const usual = defaultPolicy.plan(
          { ...input, attempts: 0, maxAttempts: 1, cause: 'restart' },
          () => 0.5,
        );
        return {
          kind: usual?.kind ?? 'ice-restart',
          delayMs: lasts('after backoff', 700),
          deadlineMs: lasts('after attemptTimeout', 25_000),
          renewMs: 1_000,
        };
      },
    };
  }
}
