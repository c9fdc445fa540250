import { createConnectionMachine, PRESETS } from 'holdfast/machines';
import { describe, expect, it } from 'vitest';
import { createActor } from 'xstate';
import { broadcastInspect, type ChannelLike } from '../src/broadcast-inspect';
import { parseMessage } from '../src/feed';
import { follow, unwatched } from '../src/watched';

/** A channel that only notes what is posted; `hear` is the page talking back. */
function watchedGame(now = () => 7) {
  const posted: unknown[] = [];
  const channel: ChannelLike = { onmessage: null, postMessage: (message) => void posted.push(message) };
  const actor = createActor(createConnectionMachine(), {
    input: { timings: PRESETS.default, browser: 'chromium', relayOnly: false },
    inspect: broadcastInspect('player 1', channel, now),
  });
  actor.start();
  const hear = (data: unknown) => channel.onmessage?.(new MessageEvent('message', { data }));
  return { actor, posted, hear, messages: () => posted.map(parseMessage).filter((each) => each !== null) };
}

describe('broadcastInspect', () => {
  it('posts each transition as JSON, and nothing but names, states and context', () => {
    const { actor, posted } = watchedGame();
    actor.send({ type: 'connect' });
    const { context } = actor.getSnapshot();
    expect(posted.at(-1)).toEqual({
      kind: 'snapshot',
      link: 'player 1',
      at: 7,
      event: 'connect',
      value: { checking: 'offered' },
      context,
    });
    expect(structuredClone(posted)).toEqual(posted);
  });

  it('posts what the game is told', () => {
    const { actor, messages } = watchedGame();
    actor.send({ type: 'connect' });
    actor.send({ type: 'link.up' });
    actor.send({ type: 'remote.left' });
    const told = messages().flatMap((each) => (each.kind === 'announced' ? [each.announcement] : []));
    expect(told).toEqual(['open', 'close', 'closed']);
  });

  it('answers a page that was opened later with the last snapshot', () => {
    const { actor, posted, hear } = watchedGame();
    actor.send({ type: 'connect' });
    const before = posted.length;
    hear({ kind: 'hello' });
    hear({ kind: 'whatever' });
    expect(posted.slice(before)).toEqual([posted[before - 1]]);
  });

  it('does not end the game when the channel refuses', () => {
    const channel: ChannelLike = {
      onmessage: null,
      postMessage: () => {
        throw new Error('closed');
      },
    };
    const actor = createActor(createConnectionMachine(), {
      input: { timings: PRESETS.default, browser: 'chromium', relayOnly: false },
      inspect: broadcastInspect('player 1', channel),
    });
    actor.start();
    actor.send({ type: 'connect' });
    expect(actor.getSnapshot().value).toEqual({ checking: 'offered' });
  });
});

describe('the page', () => {
  it('follows one link: its state, the arrow taken last, and a log', () => {
    const { actor, messages } = watchedGame();
    actor.send({ type: 'connect' });
    actor.send({ type: 'link.up' });
    const known = messages().reduce(follow, unwatched('player 1'));
    expect(known.arrow).toEqual({ from: 'checking', to: 'connected' });
    expect(known.log.map(({ tone, text }) => `${tone} ${text}`)).toEqual(
      expect.arrayContaining(['moved connect', 'moved link.up', 'announced open']),
    );
    expect(messages().reduce(follow, unwatched('player 2'))).toEqual(unwatched('player 2'));
  });

  it.each([null, 'text', [], { kind: 'snapshot' }, { kind: 'announced', link: 1, at: 0, announcement: 'x' }])(
    'takes %j for no message',
    (data) => {
      expect(parseMessage(data)).toBeNull();
    },
  );
});
