import { connect } from 'node:net';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import type { LogFields } from '../src/logger';
import { networkOf } from '../src/network';
import type { RelayServerOptions } from '../src/options';
import { Tally } from '../src/tally';
import { DEADLINE_MS, eventually, startWorld, stopTimers, type World } from './world';

/** The answer to a page that connects by polling, as pages do. */
async function knock({ url }: World, headers: Record<string, string> = {}, query = ''): Promise<unknown> {
  const answer = await fetch(`${url}/socket.io/?EIO=4&transport=polling${query}`, { headers });
  return answer.ok ? 'welcome' : (await answer.json()).message;
}

const warnings = ({ lines }: World) => lines.filter(({ level }) => level === 'warn');

describe('a refused connection', () => {
  const allowedOrigins = ['https://game.example'];
  const elsewhere = { origin: 'https://www.game.example' };
  const addressOf = ({ headers }: { headers: Record<string, unknown> }): string => {
    if (headers['x-real-ip'] === 'nobody') throw new TypeError('no such header');
    return '192.0.2.1';
  };

  it.each<[string, RelayServerOptions, (world: World) => Promise<unknown>]>([
    ['origin not allowed', { allowedOrigins }, (world) => knock(world, elsewhere)],
    [
      'addressOf failed',
      { addressOf, maxSocketsPerAddress: 9 },
      (world) => knock(world, { 'x-real-ip': 'nobody' }),
    ],
    ['relay full', { maxSockets: 1 }, knock],
    ['too many new connections', { handshakes: { perSecond: 0.001, burst: 1 } }, knock],
    ['too many connections of this address', { maxSocketsPerAddress: 1 }, knock],
    ['too many connections that joined no game', { maxUnjoinedSockets: 1, now: () => 0 }, knock],
    ['Session ID unknown', {}, (world) => knock(world, {}, '&sid=of-another-relay')],
  ])('is answered with %j, which is also logged', async (why, options, refused) => {
    const world = await startWorld(options);
    await world.connect();
    expect(await refused(world)).toBe(why);
    expect(warnings(world)).toMatchObject([{ message: 'connection refused', fields: { why, count: 1 } }]);
  });

  it('does not concern script tags, which send no origin: their answer is a text that a page cannot read', async () => {
    const { url } = await startWorld({ allowedOrigins });
    for (const name of ['j', '%6A']) {
      const answer = await fetch(`${url}/socket.io/?EIO=4&transport=polling&${name}=0`);
      expect(await answer.text()).toMatch(/^0\{"sid":/);
    }
  });

  it('does not depend on `addressOf` when no limit needs an address', async () => {
    const world = await startWorld({ addressOf });
    expect(await knock(world, { 'x-real-ip': 'nobody' })).toBe('welcome');
  });

  it('is the one after three hundred at once; a second later a hundred more are admitted', async () => {
    const clock = { nowMs: 0 };
    const world = await startWorld({ now: () => clock.nowMs });
    const come = async (count: number) => {
      let welcome = 0;
      for (let n = 0; n < count; n += 1) welcome += Number((await knock(world)) === 'welcome');
      return welcome;
    };
    expect(await come(310)).toBe(300);
    clock.nowMs = 1_000;
    expect(await come(110)).toBe(100);
  });

  it('is the TCP connection beyond `maxSockets` and a thousand more', async () => {
    const world = await startWorld({ maxSockets: 1 });
    const port = world.server.address?.port ?? 0;
    for (let n = 0; n < 1_002; n += 1) {
      const tcp = connect(port, '127.0.0.1').on('error', () => {});
      onTestFinished(() => void tcp.destroy());
    }
    const fields = { why: 'too many TCP connections', count: 1 };
    await eventually(() =>
      expect(warnings(world)).toMatchObject([{ message: 'connection refused', fields }]),
    );
  });

  it('is logged with at most 128 characters of its origin', async () => {
    const world = await startWorld({ allowedOrigins });
    await knock(world, { origin: `https://${'x'.repeat(1_000)}` });
    expect(warnings(world)).toMatchObject([{ fields: { origin: `https://${'x'.repeat(120)}` } }]);
  });

  it('is counted: one log line for each reason, with the origin, and one more at the end', async () => {
    const world = await startWorld({ allowedOrigins });
    for (let n = 0; n < 20; n += 1) await knock(world, elsewhere);
    await world.server.close();
    const fields = { why: 'origin not allowed', origin: 'https://www.game.example' };
    expect(warnings(world).map((line) => line.fields)).toEqual([
      { ...fields, count: 1 },
      { ...fields, count: 19 },
    ]);
  });
});

describe('an admitted connection', () => {
  it('is pinged every ten seconds, given twenty to answer, and may send 272 KiB at once', async () => {
    const { url } = await startWorld();
    const opening = await (await fetch(`${url}/socket.io/?EIO=4&transport=polling`)).text();
    expect(JSON.parse(opening.slice(1))).toMatchObject({
      pingInterval: 10_000,
      pingTimeout: 20_000,
      maxPayload: 272 * 1_024,
    });
  });

  it('gets other ping times when the relay is configured so', async () => {
    const { url } = await startWorld({ pingIntervalMs: 4_000, pingTimeoutMs: 5_000 });
    const opening = await (await fetch(`${url}/socket.io/?EIO=4&transport=polling`)).text();
    expect(JSON.parse(opening.slice(1))).toMatchObject({ pingInterval: 4_000, pingTimeout: 5_000 });
  });

  it('is evicted when it sends nothing within ten seconds, and cut off thirty later if no poll takes the goodbye', async () => {
    const world = await startWorld({ pingIntervalMs: 10 * DEADLINE_MS });
    const timers = stopTimers();
    expect(await knock(world)).toBe('welcome');
    timers.pass(39_000);
    expect(world.server.stats.sockets).toBe(1);
    timers.pass(1_000);
    expect(world.server.stats.sockets).toBe(0);
  });
});

describe('connections of one address', () => {
  it.each([
    ['192.0.2.1', '192.0.2.1'],
    ['::ffff:192.0.2.1', '::ffff:192.0.2.1'],
    ['2001:db8:1:2::1', '2001:db8:1:2'],
    ['2001:db8:1:2:ffff:ffff:ffff:ffff', '2001:db8:1:2'],
    ['2001:db8::7', '2001:db8:0:0'],
    ['2001::b:c:d:e:f:1', '2001:0:b:c'],
    ['fe80::1%eth0', 'fe80:0:0:0'],
    ['::1', '0:0:0:0'],
    ['', ''],
  ])('are those of its /64 network in IPv6: %j', (address, network) => {
    expect(networkOf(address)).toBe(network);
  });
});

describe('a tally', () => {
  it('reports a reason at once, then its count each minute, and at once again after a minute without; leaves no timer', () => {
    vi.useFakeTimers();
    const said: LogFields[] = [];
    const tally = new Tally((fields) => said.push(fields));
    const meet = (times: number) => {
      for (let n = 0; n < times; n += 1) tally.count('full', { why: 'full' });
      const heard = said.splice(0).map(({ count }) => count);
      vi.advanceTimersByTime(60_000);
      return [heard, said.splice(0).map(({ count }) => count)];
    };
    expect([meet(5), meet(3), meet(0), meet(1)]).toEqual([
      [[1], [4]],
      [[], [3]],
      [[], []],
      [[1], []],
    ]);
    tally.stop();
    expect(vi.getTimerCount()).toBe(0);
    vi.useRealTimers();
  });
});
