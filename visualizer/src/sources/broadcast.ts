import { channelPort, INSPECT_CHANNEL, lockNameOf } from 'holdfast/inspect';
import { type SourceListener, takeMessage } from './source';

/** Watches the games of this origin in this browser. @returns what ends it. */
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
    takeMessage(data, watching, (link, event) => port.post({ holdfast: 1, type: 'control', link, event })),
  );
  port.post({ holdfast: 1, type: 'hello' });
  listener.state('open');
  return () => {
    isOver.abort();
    channel.close();
  };
}

/** Resolves when the page of a link has died, `bye` or not; with false where that cannot be known. */
async function untilGone(link: string, signal: AbortSignal): Promise<boolean> {
  const { locks } = navigator;
  if (!locks) return false;
  const name = lockNameOf(link);
  try {
    const { held = [] } = await locks.query();
    // A source that holds none, of another version say, would seem to be dead at once.
    if (!held.some((lock) => lock.name === name)) return false;
    return await locks.request(name, { signal }, () => true);
  } catch {
    return false;
  }
}
