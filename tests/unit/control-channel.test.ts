import { describe, expect, it, vi } from 'vitest';
import { consoleLogger } from '../../src/log/logger';
import { ControlChannel } from '../../src/peer/control-channel';
import { connectLinks, createLinkPair, type LinkEnd, namesOf, pass } from './link-pair';

const channelsOf = ({ pc }: LinkEnd) => vi.spyOn(pc, 'createDataChannel');
/** Holds back the browser's events of one kind, as a busy page does. @returns a function that releases them. */
function slow(pc: RTCPeerConnection, handler: 'ondatachannel' | 'onconnectionstatechange'): () => void {
  const kept: (() => void)[] = [];
  const hear = pc[handler] as (this: RTCPeerConnection, event: Event) => unknown;
  Object.assign(pc, { [handler]: (event: Event) => kept.push(() => hear.call(pc, event)) });
  return () => {
    for (const comes of kept.splice(0)) comes();
  };
}
const framesOf = ({ frames }: LinkEnd, letter: string) => frames.filter((frame) => frame.startsWith(letter));

describe('the pings of a fresh link', () => {
  it('are sent every 100 ms until an echo comes, and then stop', async () => {
    const { world, a } = createLinkPair();
    world.network.setLoss(1, 1);
    a.link.offer();
    await pass(500);
    const before = framesOf(a, 'p').length;
    await pass(1_000);
    expect(framesOf(a, 'p').length - before).toBe(10);
    world.network.setLoss(0, 1);
    await pass(300);
    const after = framesOf(a, 'p').length;
    await pass(5_000);
    expect(framesOf(a, 'p').length).toBe(after);
  });

  it("wait until the game's channel has opened, not only their own", async () => {
    const { a, b } = createLinkPair();
    const open = slow(b.pc, 'ondatachannel');
    a.link.suspend();
    a.link.offer();
    await pass(500);
    expect([b.link.control.hasHeartbeat, framesOf(b, 'p')]).toEqual([true, []]);
    open();
    expect([namesOf(b).includes('channel.opened'), framesOf(b, 'p')]).toEqual([true, []]);
    await pass(1);
    expect(framesOf(b, 'p')).toEqual(['p1']);
  });

  it('are sent again as soon as a slow page that missed them is heard', async () => {
    const { a, b } = createLinkPair();
    const late = [slow(b.pc, 'onconnectionstatechange'), slow(b.pc, 'ondatachannel')];
    a.link.offer();
    await pass(10);
    while (framesOf(a, 'p').length === 0) await pass(1);
    await pass(1);
    for (const comes of late) comes();
    await pass(20);
    expect([a.link.isProven, b.link.isProven]).toEqual([true, true]);
  });

  it('are not sent again to a peer that keeps asking and never answers', async () => {
    const { a, b } = createLinkPair();
    const made = channelsOf(b);
    a.link.suspend();
    a.link.offer();
    await pass(500);
    const control = made.mock.results.at(-1)?.value as RTCDataChannel;
    const before = framesOf(b, 'p').length;
    for (let asked = 1; asked <= 20; asked += 1)
      control.onmessage?.(new MessageEvent('message', { data: `p${asked}` }));
    expect([framesOf(b, 'q').length, framesOf(b, 'p').length - before]).toEqual([20, 1]);
  });

  it('are answered even by a page that has not heard of the game’s channel yet', async () => {
    const { a, b } = createLinkPair();
    const made = channelsOf(b);
    slow(b.pc, 'ondatachannel');
    a.link.suspend();
    a.link.offer();
    await pass(500);
    expect(b.link.game).toBeNull();
    const control = made.mock.results.at(-1)?.value as RTCDataChannel;
    control.onmessage?.(new MessageEvent('message', { data: 'p1' }));
    expect(framesOf(b, 'q')).toEqual(['q1']);
  });

  it('are echoed by their number', async () => {
    const { a, b } = await connectLinks();
    const seq = a.link.control.ping();
    await pass(10);
    expect(a.frames).toEqual([`p${seq}`]);
    expect(b.frames).toEqual([`q${seq}`]);
  });
});

describe('a control channel', () => {
  /** One that has yet to open, between two ends that both know it. */
  function startControl() {
    const channel = { readyState: 'connecting' } as RTCDataChannel & { readyState: string };
    const sent: unknown[] = [];
    channel.send = (data: unknown) => void sent.push(data);
    const control = new ControlChannel(
      { isOpen: () => true, isMute: () => false, now: () => 0, logger: consoleLogger('silent') },
      { heard() {}, echoed() {}, moved() {}, bye() {} },
    );
    control.isAgreed = true;
    control.open({ createDataChannel: () => channel } as unknown as RTCPeerConnection);
    return { control, channel, sent };
  }

  it('has no heartbeat, and counts no ping, before it is open', () => {
    const { control, channel, sent } = startControl();
    expect([control.hasHeartbeat, control.ping(), control.roundTrips.sentSince(-1), sent]).toEqual([
      false,
      null,
      0,
      [],
    ]);
    channel.readyState = 'open';
    expect([control.hasHeartbeat, control.ping(), sent]).toEqual([true, 1, ['p1']]);
  });

  it('is proven by a `moved` frame, because the other end moves on an echo of ours', () => {
    const { control, channel } = startControl();
    channel.readyState = 'open';
    channel.onmessage?.(new MessageEvent('message', { data: 'm' }));
    expect(control.hasEcho).toBe(true);
  });

  it('hears nothing once it is closed', () => {
    const { control, channel } = startControl();
    control.close();
    expect([channel.onopen, channel.onmessage]).toEqual([null, null]);
  });
});

describe('frames of the other end', () => {
  it('announce that it moved, and are answered in kind', async () => {
    const { a, b } = await connectLinks();
    a.link.control.send({ type: 'moved' });
    await pass(10);
    expect([a.frames, b.frames]).toEqual([['m'], ['n']]);
    expect([namesOf(a), namesOf(b)]).toEqual([['moved'], ['moved']]);
  });

  it('announce that it leaves, and do not count as a sign of life', async () => {
    const { a, b } = await connectLinks();
    const { lastHeardAtMs } = b.link.control;
    await pass(1_000);
    a.link.control.send({ type: 'bye' });
    await pass(10);
    expect([b.told, b.link.control.lastHeardAtMs, b.frames]).toEqual([[['bye']], lastHeardAtMs, []]);
  });

  it('are signs of life, of whatever kind', async () => {
    const { a, b } = await connectLinks();
    await pass(1_000);
    a.link.control.ping();
    await pass(10);
    const atMs = performance.now();
    expect(
      [atMs - a.link.control.lastHeardAtMs, atMs - b.link.control.lastHeardAtMs].every((ms) => ms <= 10),
    ).toBe(true);
  });
});

describe('a control channel that refuses a frame', () => {
  it('throws nothing when it is pinged', async () => {
    const { a } = await connectLinks();
    const error = new DOMException('full', 'OperationError');
    const control = vi.spyOn(a.frames, 'push').mockImplementation(() => {
      throw error;
    });
    expect(() => a.link.control.ping()).not.toThrow();
    expect(control).toHaveBeenCalled();
  });
});
