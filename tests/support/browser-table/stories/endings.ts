import { type Laboratory, type Pair, until } from '../laboratory';
import { connected, statesSince } from './scene';

/** What the first end shows first when the second is gone: its channel closes, or ICE notices. */
async function firstSignOf(pair: Pair, leave: () => Promise<unknown>) {
  const leftAtMs = pair.nowMs();
  await leave();
  const look = await until(
    pair,
    0,
    ({ ice, channels }) => ice === 'disconnected' || channels.game === 'closed',
  );
  await pair.dispose();
  const [sign] = look.history.filter(
    ({ what, atMs }) => atMs >= leftAtMs && (what === 'ice' || what === 'game'),
  );
  return {
    sign: sign && `${sign.what} ${sign.state}`,
    signMs: [sign ? sign.atMs - leftAtMs : null],
    ice: statesSince(look, 'ice', leftAtMs),
  };
}

export const endings = {
  async 'the other end closes its connection'(laboratory: Laboratory) {
    const pair = await connected(laboratory);
    return firstSignOf(pair, () => pair.do(1, 'close'));
  },

  async 'the other tab is closed'(laboratory: Laboratory) {
    const pair = await connected(laboratory, { isApart: true });
    return firstSignOf(pair, () => pair.leave('close the tab'));
  },

  async 'the other page navigates away'(laboratory: Laboratory) {
    const pair = await connected(laboratory, { isApart: true });
    return firstSignOf(pair, () => pair.leave('navigate'));
  },
};
