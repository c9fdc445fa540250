import {
  broadcast,
  type ChannelLike,
  channelPort,
  createRecorder,
  INSPECT_CHANNEL,
  lockNameOf,
  RELAY_EVENT,
} from 'holdfast/inspect';
import { afterEach, describe, expect, it, vi } from 'vitest';

/** A channel that keeps posted messages, as text. */
function noteChannel() {
  const posted: unknown[] = [];
  const channel: ChannelLike & { isClosed: boolean } = {
    onmessage: null,
    postMessage: (message) => void posted.push(message),
    close: () => {
      channel.isClosed = true;
    },
    isClosed: false,
  };
  const say = (data: unknown) => channel.onmessage?.(new MessageEvent('message', { data }));
  return { channel, posted, say };
}

afterEach(() => {
  vi.unstubAllGlobals();
  vi.useRealTimers();
});

describe('the names that other viewers rely on', () => {
  it('are those in docs/RECORDS.md', () => {
    expect([INSPECT_CHANNEL, lockNameOf('link-7'), RELAY_EVENT]).toEqual([
      'holdfast-inspect',
      'holdfast-inspect:link-7',
      'holdfast_inspect',
    ]);
  });
});

describe('a channel as a port', () => {
  it('posts JSON as text', () => {
    const { channel, posted } = noteChannel();
    channelPort(channel).post({ holdfast: 1, type: 'bye', link: 'a' });
    expect(posted).toEqual(['{"holdfast":1,"type":"bye","link":"a"}']);
  });

  it('delivers what arrives until it is stopped', () => {
    const { channel, say } = noteChannel();
    const heard: unknown[] = [];
    const stop = channelPort(channel).listen((data) => void heard.push(data));
    say('first');
    stop();
    say('second');
    expect(heard).toEqual(['first']);
  });
});

describe('a broadcast', () => {
  /** The page of the recorder, which `hide()` leaves. */
  function stubPage() {
    const page = new EventTarget();
    vi.stubGlobal('addEventListener', page.addEventListener.bind(page));
    vi.stubGlobal('removeEventListener', page.removeEventListener.bind(page));
    return { hide: () => page.dispatchEvent(new Event('pagehide')) };
  }
  const BYE = (link: string) => JSON.stringify({ holdfast: 1, type: 'bye', link });

  it('says bye and closes its channel once when the page is left', () => {
    const page = stubPage();
    const { channel, posted } = noteChannel();
    const recorder = createRecorder();
    broadcast(recorder, { channel });
    expect([posted, channel.isClosed]).toEqual([[], false]);
    page.hide();
    page.hide();
    expect([posted, channel.isClosed]).toEqual([[BYE(recorder.link)], true]);
  });

  it('sends records that come within 40 ms in one message', () => {
    vi.useFakeTimers();
    stubPage();
    const { channel, posted } = noteChannel();
    const recorder = createRecorder();
    broadcast(recorder, { channel });
    recorder.mark('here');
    vi.advanceTimersByTime(39);
    recorder.mark('and here');
    expect(posted).toEqual([]);
    vi.advanceTimersByTime(1);
    expect(posted).toEqual([
      JSON.stringify({ holdfast: 1, type: 'records', isControllable: false, records: recorder.records }),
    ]);
  });

  it('says nothing more when the page is left after it was stopped', () => {
    const page = stubPage();
    const { channel, posted } = noteChannel();
    const recorder = createRecorder();
    broadcast(recorder, { channel })();
    page.hide();
    expect(posted).toEqual([BYE(recorder.link)]);
  });

  it.each([
    ['navigator', undefined],
    ['locks', {}],
  ])('works without %s', (_name, navigator) => {
    vi.stubGlobal('navigator', navigator);
    const { channel, posted } = noteChannel();
    const recorder = createRecorder();
    recorder.mark('here');
    broadcast(recorder, { channel });
    expect(posted).toEqual([
      JSON.stringify({ holdfast: 1, type: 'records', isControllable: false, records: recorder.records }),
    ]);
  });

  it('continues if the lock is refused', async () => {
    const request = vi.fn(() => Promise.reject(new DOMException('no', 'SecurityError')));
    vi.stubGlobal('navigator', { locks: { request } });
    const { channel, posted } = noteChannel();
    const recorder = createRecorder();
    const stop = broadcast(recorder, { channel });
    await expect(request.mock.results[0]?.value).rejects.toThrow('no');
    stop();
    expect(posted).toEqual([BYE(recorder.link)]);
  });
});
