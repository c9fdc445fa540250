/** What the browser reports about the surroundings of a page: the network, the tab, sleep. */
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { overhear } from './overheard';
import {
  connectPlayers,
  createPlayer,
  HANDSHAKE_MS,
  namesOf,
  type Player,
  pass,
  startWorld,
} from './players';

let [window, document] = [new EventTarget(), new EventTarget()];
const happens = (target: EventTarget, event: string) => target.dispatchEvent(new Event(event));

beforeEach(() => {
  [window, document] = [new EventTarget(), new EventTarget()];
  vi.stubGlobal('addEventListener', window.addEventListener.bind(window));
  vi.stubGlobal('removeEventListener', window.removeEventListener.bind(window));
  vi.stubGlobal('document', document);
});
afterEach(() => void vi.unstubAllGlobals());

const attemptsOf = ({ lines }: Player) =>
  lines.filter(({ line }) => /restart attempt/.test(String(line[0]))).length;

describe('a change of network', () => {
  it('starts recovery at once when the page comes online, instead of waiting for the link to heal', async () => {
    const { world, a } = await connectPlayers();
    world.network.cut();
    await pass(2_000);
    expect(a.manager.state).toBe('disconnected');
    happens(window, 'online');
    expect(a.manager.state).toBe('restarting');
  });

  it('spends no attempt while the page is offline, and recovers once it is online', async () => {
    const { world, a, b } = await connectPlayers();
    world.network.cut();
    happens(window, 'offline');
    await pass(30_000);
    expect([a.manager.state, attemptsOf(a), b.manager.state, attemptsOf(b)]).toEqual([
      'restarting',
      0,
      'restarting',
      0,
    ]);
    world.network.heal();
    happens(window, 'online');
    await pass(1_000);
    for (const { manager, heard } of [a, b]) {
      expect(manager.state).toBe('connected');
      expect(namesOf(heard)).toEqual(['onConnectionLost', 'onConnectionRestored']);
    }
  });

  it('is ignored by a closed manager', async () => {
    const { a } = await connectPlayers();
    a.manager.close();
    const told = vi.fn();
    a.manager.on('state', told);
    for (const event of ['offline', 'online', 'pageshow']) expect(() => happens(window, event)).not.toThrow();
    expect([told.mock.calls, a.manager.state]).toEqual([[], 'closed']);
  });
});

describe('a page that becomes visible again', () => {
  it('pings the other end at once, before the next heartbeat', async () => {
    const world = startWorld();
    const { environment, sent } = overhear(world.a);
    const patient = { heartbeatMs: 60_000, silenceMs: 300_000 };
    const a = createPlayer(world, world.a, { ...patient, environment });
    const b = createPlayer(world, world.b, patient);
    void a.manager.connectToPeer(2);
    void b.manager.connectToPeer(1);
    await pass(5_000);
    const before = sent().length;
    await pass(5_000);
    expect(sent().length).toBe(before);
    happens(document, 'visibilitychange');
    expect(sent().slice(before)).toEqual([expect.stringMatching(/^p\d+$/)]);
  });
});

describe('a page that slept', () => {
  /** While it sleeps, its clock runs but no timer does. */
  async function connectSleeper() {
    const world = startWorld();
    let sleptMs = 0;
    const now = () => performance.now() + sleptMs;
    const options = { recoveryBudgetMs: 20_000, maxIceRestarts: 10 };
    const a = createPlayer(world, world.a, { ...options, environment: { ...world.a.environment, now } });
    const b = createPlayer(world, world.b);
    void a.manager.connectToPeer(2);
    void b.manager.connectToPeer(1);
    await pass(HANDSHAKE_MS);
    const sleep = (ms: number) => {
      sleptMs += ms;
    };
    return { world, a, sleep };
  }

  it.each([
    [60_000, 'restarting'],
    [0, 'failed'],
  ])('has its full recovery budget again in an outage (%i ms of sleep: %s)', async (ms, state) => {
    const { world, a, sleep } = await connectSleeper();
    world.network.cut();
    world.relay.loss = 1;
    await pass(15_000);
    expect(a.manager.state).toBe('restarting');
    sleep(ms);
    await pass(15_000);
    expect(a.manager.state).toBe(state);
  });

  it('drops a socket that died meanwhile, although the link seems alive', async () => {
    const { a, sleep } = await connectSleeper();
    a.end.socket.freeze();
    let ends = 0;
    a.end.socket.on('disconnect', () => (ends += 1));
    await pass(10_000);
    expect(ends).toBe(0);
    sleep(20_000);
    await pass(2_000);
    expect([ends, a.manager.state]).toEqual([1, 'connected']);
  });
});
