import type { ConnectionState, Evidence, FailureReason, PathInfo } from 'holdfast';
import { describe, expect, it } from 'vitest';
import { DuelLink, type ManagedLink, RELINK, type RecoveryStatus } from '../src/link';
import { RELAYED } from './relayed';

const EVIDENCE: Evidence = {
  remote: 'holdfast',
  remoteIsFirefox: false,
  channel: 'closed',
  wasUp: true,
  answered: false,
  relayOnly: false,
  relayAvailable: false,
  gathered: true,
  turnRefused: false,
  path: 'direct',
  signaling: 'up',
  awake: true,
};

/** A manager without a network: the test is its browser, and calls its callbacks. */
class ScriptedManager implements ManagedLink {
  state: ConnectionState = 'new';
  onDataChannelOpen: ManagedLink['onDataChannelOpen'] = null;
  onDataChannelMessage: ManagedLink['onDataChannelMessage'] = null;
  onDataChannelClose: ManagedLink['onDataChannelClose'] = null;
  onConnectionFailed: ManagedLink['onConnectionFailed'] = null;
  onConnectionTypeDetected: ManagedLink['onConnectionTypeDetected'] = null;
  onQualityDegraded: ManagedLink['onQualityDegraded'] = null;
  onConnectionLost: ManagedLink['onConnectionLost'] = null;
  onConnectionRestored: ManagedLink['onConnectionRestored'] = null;
  refusesRestarts = false;
  readonly calls: string[] = [];
  readonly forceRelay: boolean;
  #listener: ((status: RecoveryStatus) => void) | null = null;

  constructor(forceRelay: boolean) {
    this.forceRelay = forceRelay;
  }

  on(_event: 'status', listener: (status: RecoveryStatus) => void): () => void {
    this.#listener = listener;
    return () => {
      this.#listener = null;
    };
  }

  become(state: ConnectionState, attempts = 0, waitingFor: RecoveryStatus['waitingFor'] = null): void {
    this.state = state;
    this.#listener?.({ state, attempts, maxAttempts: 3, waitingFor });
  }

  fail(reason: FailureReason): void {
    this.become('failed');
    if (reason !== 'connect-timeout') this.onDataChannelClose?.();
    this.onConnectionFailed?.({ reason, advice: '', cause: null, attempts: 3, evidence: EVIDENCE });
  }

  async connectToPeer(peerId: string): Promise<void> {
    this.calls.push(`connect ${peerId}`);
  }

  async attemptIceRestart(): Promise<boolean> {
    this.calls.push('restart');
    return !this.refusesRestarts;
  }

  send(): boolean {
    this.calls.push('send');
    return true;
  }

  close(): void {
    this.calls.push('close');
  }
}

function play() {
  const managers: ScriptedManager[] = [];
  const fallback: unknown[] = [];
  const told: string[] = [];
  const notices: string[] = [];
  const tones: string[] = [];
  const paths: PathInfo[] = [];
  const packets: unknown[] = [];
  const timers = new Set<() => void>();
  const link = new DuelLink({
    createManager: (forceRelay) => {
      const manager = new ScriptedManager(forceRelay);
      managers.push(manager);
      return manager;
    },
    sendFallback: (data) => fallback.push(data) > 0,
    onPacket: (data) => void packets.push(data),
    onConnectionType: (path) => void paths.push(path),
    onLost: () => void told.push('lost'),
    onRestored: () => void told.push('restored'),
    onNotice: (text, tone) => {
      notices.push(text);
      tones.push(tone);
    },
    onChange: () => undefined,
    every: (ms, call) => {
      expect(ms).toBe(10_000);
      timers.add(call);
      return () => void timers.delete(call);
    },
  });
  link.connect('2', false);
  const handshake = fallback.splice(0);
  const manager = (): ScriptedManager => managers.at(-1) ?? expect.fail('no manager was made');
  return { link, managers, manager, handshake, fallback, told, notices, tones, paths, packets, timers };
}

const packet = new Uint8Array([1]);

describe('the link of a duel', () => {
  it('sends over the data channel once it is open, and nothing before', () => {
    const { link, manager, fallback } = play();
    expect(link.send(packet)).toBe(false);
    manager().onDataChannelOpen?.();
    expect([link.send(packet), link.status.route, fallback]).toEqual([true, 'p2p', []]);
  });

  it('pauses on lost, requests a restart inside the callback, and resumes on restored', () => {
    const { link, manager, told } = play();
    manager().onDataChannelOpen?.();
    manager().onConnectionLost?.({ iceState: 'disconnected', dcState: 'open', timestamp: 0 });
    expect([manager().calls, link.status.paused]).toEqual([['connect 2', 'restart'], true]);
    manager().onConnectionRestored?.();
    expect([link.status.paused, link.status.route, told]).toEqual([false, 'p2p', ['lost', 'restored']]);
  });

  it('shows the counted attempts, and whether recovery waits for the server', () => {
    const { link, manager } = play();
    manager().onDataChannelOpen?.();
    manager().onConnectionLost?.({ iceState: 'disconnected', dcState: 'open', timestamp: 0 });
    manager().become('restarting', 0, 'signaling');
    expect(link.status).toMatchObject({ attempt: 0, maxAttempts: 3, needsServer: true });
    manager().become('restarting', 1);
    expect(link.status).toMatchObject({ attempt: 1, maxAttempts: 3, needsServer: false });
  });

  it('continues through the server when the link fails, and returns to the link when it opens again', async () => {
    const { link, manager, fallback, timers } = play();
    manager().onDataChannelOpen?.();
    manager().onConnectionLost?.({ iceState: 'disconnected', dcState: 'open', timestamp: 0 });
    manager().fail('restarts-exhausted');
    expect([link.send(packet), link.status.route, link.status.paused]).toEqual([true, 'socket', false]);
    expect(fallback).toEqual([packet]);

    for (const retry of timers) retry();
    expect(manager().calls.filter((call) => call === 'restart')).toHaveLength(2);
    manager().become('connected');
    manager().onDataChannelOpen?.();
    manager().onConnectionRestored?.();
    expect([link.send(packet), link.status.route, fallback.length]).toEqual([true, 'p2p', 1]);
    expect(timers.size).toBe(0);
  });

  it('shows once why it failed, however often it is retried, and again after it was up', () => {
    const { manager, notices } = play();
    for (const _retry of [1, 2, 3]) manager().fail('no-relay');
    manager().fail('peer-silent');
    manager().onDataChannelOpen?.();
    manager().fail('peer-silent');
    const reasons = notices.flatMap((notice) => /link failed \((.+)\)/.exec(notice)?.[1] ?? []);
    expect(reasons).toEqual(['no-relay', 'peer-silent', 'peer-silent']);
  });

  it('falls back, too, if the first connect fails', () => {
    const { link, manager } = play();
    manager().fail('connect-timeout');
    expect(link.status.route).toBe('socket');
  });

  it('accepts packets of the fallback at any time, because the other side may have switched first', () => {
    const { link, manager, packets } = play();
    manager().onDataChannelOpen?.();
    link.receiveFallback(packet);
    expect(packets).toEqual([packet]);
  });

  it('uses the server from the start if the other side does, and keeps asking for a link', () => {
    const { link, packets, timers } = play();
    link.receiveFallback(packet);
    expect([link.status.route, packets, timers.size]).toEqual(['socket', [packet], 1]);
    link.close();
    link.receiveFallback(packet);
    expect(link.status.route).toBe('none');
  });

  it('waits with a new manager after the peer closed properly, and connects when the peer asks', async () => {
    const { link, managers, manager } = play();
    manager().onDataChannelOpen?.();
    manager().become('closed');
    manager().onDataChannelClose?.();
    await Promise.resolve();
    expect([managers.length, manager().calls, link.status.route]).toEqual([2, [], 'socket']);
    link.receiveFallback(RELINK);
    expect(manager().calls).toEqual(['connect 2']);
  });

  it('announces itself once, so that a waiting peer offers at once, and a failed one asks again', () => {
    const { link, handshake, fallback } = play();
    link.connect('2', false);
    expect([handshake, fallback]).toEqual([[RELINK], []]);
  });

  it('keeps an existing link when page or socket rejoins the game, and asks it to reach the peer', () => {
    const { link, managers, manager } = play();
    manager().onDataChannelOpen?.();
    link.connect('2', false);
    expect([managers.length, manager().calls, link.status.route]).toEqual([
      1,
      ['connect 2', 'connect 2'],
      'p2p',
    ]);
  });

  it('asks only an unconnected manager for the link every ten seconds, not one that is connecting', async () => {
    const { manager, timers } = play();
    manager().become('closed');
    await Promise.resolve();
    for (const state of ['new', 'checking', 'restarting', 'connected'] as const) {
      manager().state = state;
      for (const retry of timers) retry();
    }
    expect([timers.size, manager().calls]).toEqual([1, ['connect 2']]);
  });

  it('restarts a link that is up, without another manager', async () => {
    const { link, managers, manager } = play();
    manager().onDataChannelOpen?.();
    manager().become('connected');
    await link.restart();
    expect([managers.length, manager().calls]).toEqual([1, ['connect 2', 'restart']]);
  });

  it('ignores a manager that has been replaced', () => {
    const { link, manager } = play();
    const replaced = manager();
    link.setForceRelay(true);
    replaced.become('failed', 3, 'signaling');
    expect(link.status).toMatchObject({ state: 'new', attempt: 0, needsServer: false, forceRelay: true });
  });

  it('shows the path, and critical quality as worse than a warning', () => {
    const { link, manager, notices, tones, paths } = play();
    manager().onConnectionTypeDetected?.(RELAYED);
    expect([link.status.path, paths]).toEqual(['relay', [RELAYED]]);
    for (const status of ['warning', 'critical'] as const)
      manager().onQualityDegraded?.({ status, rtt: 200, message: status, reason: status });
    expect([notices, tones]).toEqual([
      ['warning', 'critical'],
      ['warn', 'bad'],
    ]);
  });

  it('connects again if a requested restart is not possible', async () => {
    const { link, manager, notices } = play();
    manager().fail('no-relay');
    manager().refusesRestarts = true;
    await link.restart();
    expect(manager().calls).toEqual(['connect 2', 'restart', 'connect 2']);
    manager().fail('no-relay');
    expect(notices.filter((notice) => notice.includes('no-relay'))).toHaveLength(2);
  });

  it('forces a relay with a new manager, and notifies the other side', () => {
    const { link, managers, manager, fallback } = play();
    manager().onDataChannelOpen?.();
    link.setForceRelay(true);
    expect(managers.map((m) => m.forceRelay)).toEqual([false, true]);
    expect([managers[0]?.calls.at(-1), manager().calls, fallback, link.status.route]).toEqual([
      'close',
      ['connect 2'],
      [RELINK],
      'socket',
    ]);
  });

  it('leaves nothing running when it is closed, whatever is called afterwards', async () => {
    const { link, managers, manager, timers } = play();
    manager().onDataChannelOpen?.();
    manager().fail('restarts-exhausted');
    link.close();
    link.setForceRelay(true);
    await link.restart();
    expect([managers.length, link.status.state]).toEqual([1, 'closed']);
    expect([manager().calls.at(-1), timers.size, link.send(packet)]).toEqual(['close', 0, false]);
  });

  it.each([
    ['in the middle of the game', false],
    ['while the link was lost', true],
  ])('shows once that the other player closed it, %s', async (_when, isLost) => {
    const { manager, notices } = play();
    const first = manager();
    first.onDataChannelOpen?.();
    if (isLost) first.fail('peer-left');
    else first.onDataChannelClose?.();
    first.become('closed');
    await Promise.resolve();
    expect(notices).toEqual([
      'Playing through the server until the link is back',
      'The other player closed the link',
    ]);
    expect(manager()).not.toBe(first);
  });
});
