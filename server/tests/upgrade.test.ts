import { io } from 'socket.io-client';
import { describe, expect, it, onTestFinished } from 'vitest';
import { frame, ping } from '../../tests/support/raw-web-socket';
import { openRaw } from './raw-client';
import { DEADLINE_MS, eventually, startWorld, type World } from './world';

/** A session that polls, and is connected to the main namespace. */
async function startPolling({ url }: World): Promise<string> {
  const path = `${url}/socket.io/?EIO=4&transport=polling`;
  const { sid } = JSON.parse((await (await fetch(path)).text()).slice(1));
  await fetch(`${path}&sid=${sid}`, { method: 'POST', body: '40' });
  return sid;
}

const closings = ({ lines }: World) =>
  lines.filter(({ message }) => message === 'socket closed').map(({ fields }) => fields?.why);

describe('a WebSocket beside the polls of its session', () => {
  const rates = { bytes: { perSecond: 1, burst: 200_000 } };

  it('replaces them, with whatever a page sends meanwhile', async () => {
    const { url } = await startWorld();
    const socket = io(url, { forceNew: true, reconnection: false });
    onTestFinished(() => void socket.close());
    const answers = Array.from({ length: 150 }, () =>
      socket.timeout(DEADLINE_MS).emitWithAck('holdfast_ping', 'x'.repeat(1_000)),
    );
    await new Promise((resolve) => socket.io.once('open', () => socket.io.engine.once('upgrade', resolve)));
    answers.push(socket.timeout(DEADLINE_MS).emitWithAck('holdfast_ping'));
    expect(await Promise.all(answers)).toEqual(answers.map(() => ({ ok: true })));
  });

  it.each([
    ['asks for it again and again', '2probe', 'too many packets that are not messages'],
    ['floods before it has asked for it', 'x'.repeat(10_000), 'data rate exceeded'],
  ])('counts towards the limits of its session: a client that %s is evicted', async (_, text, why) => {
    const world = await startWorld({ penaltyMs: 10 * DEADLINE_MS, rates, now: () => 0 });
    const raw = await openRaw(world, `transport=websocket&sid=${await startPolling(world)}`);
    await eventually(() => expect(raw.socket.isUpgraded).toBe(true));
    const flood = Buffer.concat(Array.from({ length: 200 }, () => frame(text)));
    await eventually(() => {
      if (!raw.socket.isFull) raw.socket.write(flood);
      expect(closings(world)).toEqual([why]);
    });
  });
});

describe('a WebSocket that has replaced polls', () => {
  it('is limited like any other: a client that floods it with pings is evicted', async () => {
    const world = await startWorld({ penaltyMs: 10 * DEADLINE_MS });
    const raw = await openRaw(world, `transport=websocket&sid=${await startPolling(world)}`);
    await eventually(() => expect(raw.socket.isUpgraded).toBe(true));
    raw.says('2probe');
    await eventually(() => expect(raw.texts).toContain('3probe'));
    raw.says('5');
    for (let n = 0; n < 100; n += 1) raw.socket.write(ping());
    await eventually(() => expect(closings(world)).toEqual(['too many pings']));
  });
});

describe('a WebSocket that no page would open', () => {
  it.each<[string, string, Buffer?]>([
    ['is requested as a poll', 'transport=polling'],
    ['sends before it is admitted', 'transport=websocket', ping()],
  ])('is cut off at once when it %s', async (_, query, behind) => {
    const raw = await openRaw(await startWorld({ penaltyMs: 10 * DEADLINE_MS }), query, behind);
    await eventually(() => expect(raw.isClosed).toBe(true));
  });
});
