import { channelPort, INSPECT_CHANNEL, lockNameOf } from 'holdfast/inspect';
import { handleMessage, type SourceListener } from './source';

/** Watches the games of this origin in this browser. @returns a function that stops it. */
export function watchBroadcast(listener: SourceListener): () => void {
  if (typeof BroadcastChannel !== 'function') {
    listener.state('unreachable');
    return () => {};
  }
  const channel = new BroadcastChannel(INSPECT_CHANNEL);
  const port = channelPort(channel);
  const isOver = new AbortController();
  const known = new Set<string>();
  const noticeEnd = (link: string) => {
    if (known.has(link)) return;
    known.add(link);
    void untilGone(link, isOver.signal).then((isGone) => {
      known.delete(link);
      if (isGone) listener.gone(link);
    });
  };
  const watching: SourceListener = {
    ...listener,
    records(records, control) {
      for (const { link } of records) noticeEnd(link);
      listener.records(records, control);
    },
  };
  port.listen((data) =>
    handleMessage(data, watching, (link, event) => port.post({ holdfast: 1, type: 'control', link, event })),
  );
  port.post({ holdfast: 1, type: 'hello' });
  listener.state('open');
  return () => {
    isOver.abort();
    channel.close();
  };
}

/** Resolves with true once the page of a link is gone, even without a `bye`; with false if that cannot be detected. */
async function untilGone(link: string, signal: AbortSignal): Promise<boolean> {
  const { locks } = navigator;
  if (!locks) return false;
  const name = lockNameOf(link);
  try {
    const { held = [] } = await locks.query();
    // A source that holds no lock, for example of another version, would seem to be gone at once.
    if (!held.some((lock) => lock.name === name)) return false;
    return await locks.request(name, { signal }, () => true);
  } catch {
    return false;
  }
}
