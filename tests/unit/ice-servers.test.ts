import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { consoleLogger } from '../../src/log/logger';
import { IceServers, isTurn } from '../../src/peer/ice-servers';

type Servers = RTCIceServer[];
type Answer = { resolve(servers: Servers): void; reject(error: Error): void };

const OLD: Servers = [{ urls: 'stun:old.example' }];
const NEW: Servers = [{ urls: 'stun:new.example' }];

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

const pass = (ms: number) => vi.advanceTimersByTimeAsync(ms);

/** A provider that answers when the test says so. */
function slow() {
  const answers: Answer[] = [];
  const warnings: string[] = [];
  const nothing = () => {};
  const logger = {
    debug: nothing,
    info: nothing,
    warn: (line: unknown) => void warnings.push(String(line)),
    error: nothing,
  };
  const servers = new IceServers({
    iceServers: () => new Promise<Servers>((resolve, reject) => void answers.push({ resolve, reject })),
    providerTimeoutMs: 10_000,
    logger,
  });
  const got: Servers[] = [];
  return { servers, answers, warnings, got, get: () => servers.get((found) => void got.push(found)) };
}

describe('servers that are available at once', () => {
  it('are passed on within the same call', () => {
    const servers = new IceServers({ iceServers: () => NEW, providerTimeoutMs: 10_000, logger: console });
    const use = vi.fn();
    servers.get(use);
    expect(use).toHaveBeenCalledWith(NEW);
  });
});

describe('a provider', () => {
  it('that is slow is called once for all that wait', async () => {
    const { answers, got, get } = slow();
    get();
    get();
    expect(answers).toHaveLength(1);
    answers[0]?.resolve(NEW);
    await pass(0);
    expect(got).toEqual([NEW, NEW]);
    get();
    expect(answers).toHaveLength(2);
  });

  it('that never settles is not awaited: after its time the last known servers are used, or none', async () => {
    const { servers, answers, warnings, got, get } = slow();
    get();
    await pass(9_999);
    expect(got).toEqual([]);
    await pass(1);
    expect([got, servers.isStale]).toEqual([[[]], true]);
    get();
    answers[1]?.resolve(OLD);
    await pass(0);
    expect([got, servers.isStale]).toEqual([[[], OLD], false]);
    get();
    await pass(9_999);
    expect(got).toHaveLength(2);
    await pass(1);
    expect([got.at(-1), servers.isStale]).toEqual([OLD, true]);
    get();
    expect([got.length, answers.length]).toEqual([4, 4]);
    expect(warnings).toEqual([
      '[WebRTC] iceServers took too long; using none',
      '[WebRTC] iceServers took too long; using the last known',
    ]);
  });

  it('that answers after its time is too late for those who waited, and serves those who come next', async () => {
    const { servers, answers, got, get } = slow();
    get();
    await pass(10_000);
    answers[0]?.resolve(OLD);
    await pass(0);
    expect([got, servers.isStale]).toEqual([[[]], false]);
    get();
    expect(got).toEqual([[], OLD]);
    answers[1]?.resolve(NEW);
    await pass(0);
    get();
    answers[2]?.resolve(NEW);
    await pass(60_000);
    expect(got).toEqual([[], OLD, NEW]);
  });

  it('that answers after its time does not replace the next answer', async () => {
    const { servers, answers, got, get } = slow();
    get();
    await pass(10_000);
    get();
    answers[0]?.resolve(OLD);
    await pass(9_999);
    expect(got).toEqual([[]]);
    await pass(1);
    expect([got, servers.isStale]).toEqual([[[], OLD], true]);
  });

  it('that fails after its time affects nobody', async () => {
    const { answers, got, get } = slow();
    get();
    await pass(10_000);
    answers[0]?.reject(new Error('late'));
    await pass(0);
    get();
    answers[1]?.resolve(NEW);
    await pass(0);
    expect(got).toEqual([[], NEW]);
  });

  it('that fails leaves the last known servers', async () => {
    const { servers, answers, warnings, got, get } = slow();
    get();
    answers[0]?.resolve(OLD);
    await pass(0);
    get();
    answers[1]?.reject(new Error('no network'));
    await pass(0);
    expect([got, servers.isStale]).toEqual([[OLD, OLD], true]);
    expect(warnings).toEqual(['[WebRTC] iceServers gave no servers; using the last known']);
  });

  it.each([
    ['null', null],
    ['a string', 'turn:one.example'],
    ['a server without an address', [{}]],
    ['a server with an address that is not a string', [{ urls: ['stun:one.example', 7] }]],
    ['null among others', [...OLD, null]],
    ['a server without an address among others', [...OLD, {}]],
  ])('that returns %s has failed', async (_, given) => {
    const { servers, answers, warnings, got, get } = slow();
    get();
    Reflect.apply(answers[0]?.resolve ?? Object, undefined, [given]);
    await pass(0);
    expect([got, servers.isStale]).toEqual([[[]], true]);
    expect(warnings).toEqual(['[WebRTC] iceServers gave no servers; using none']);
  });

  it('that fails again and again causes one warning until it succeeds', async () => {
    const { answers, warnings, get } = slow();
    const [failing, working] = [
      (answer: Answer) => answer.reject(new Error('no network')),
      (answer: Answer) => answer.resolve(OLD),
    ];
    for (const settle of [failing, failing, failing, working, failing, failing]) {
      get();
      const answer = answers.at(-1);
      if (answer) settle(answer);
      await pass(0);
    }
    expect(warnings).toEqual([
      '[WebRTC] iceServers gave no servers; using none',
      '[WebRTC] iceServers gave no servers; using the last known',
    ]);
  });

  it('leaves no timer once it is stopped', () => {
    const { servers, get } = slow();
    get();
    servers.stop();
    expect(vi.getTimerCount()).toBe(0);
  });
});

describe('credentials that expire', () => {
  it('are reported from a minute before the first expires, every 15 s, until all have', () => {
    vi.setSystemTime(1_800_000_000_000);
    const until = (expiry: number) => ({ urls: 'turn:relay.example', username: `${expiry}:name` });
    const servers = new IceServers({
      iceServers: () => [...OLD, until(1_800_000_300), until(1_800_000_120)],
      providerTimeoutMs: 1_000,
      logger: consoleLogger('silent'),
    });
    servers.get(() => {});
    const told: number[] = [];
    for (let second = 1; second <= 300; second += 1) {
      vi.advanceTimersByTime(1_000);
      if (servers.shouldRenew()) told.push(second);
    }
    expect(told).toEqual([61, 77, 93, 109, 125]);
  });
});

describe('a TURN server', () => {
  it.each<[RTCIceServer['urls'], boolean]>([
    ['turn:relay.example', true],
    [['stun:stun.example', 'turns:relay.example'], true],
    ['stun:turn.example', false],
  ])('is recognized by its addresses: %s', (urls, isOne) => expect(isTurn({ urls })).toBe(isOne));
});
