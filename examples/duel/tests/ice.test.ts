import { describe, expect, it } from 'vitest';
import { iceOptions } from '../src/ice';
import type { TurnConfig } from '../src/session';

const URLS = ['turn:turn.example.org:3478'];

const config = (credential: string): TurnConfig => ({
  username: '1800000000:game.1',
  credential,
  force_relay: false,
  urls: URLS,
});

const servers = (credential: string) => [{ urls: URLS, username: '1800000000:game.1', credential }];

/** What a manager gets each time that it asks. */
function askOf({ iceServers }: ReturnType<typeof iceOptions>) {
  return typeof iceServers === 'function' ? iceServers : () => iceServers;
}

describe('the ICE servers of a duel', () => {
  it('are those that came with the game for the first connection, which does not wait', () => {
    const ask = askOf(iceOptions(config('of three'), () => Promise.reject(new Error('not asked'))));
    expect(ask()).toEqual(servers('of three'));
  });

  it('are requested again for each later one, because credentials expire during an evening', async () => {
    const minted = [config('of seven'), config('of eleven')];
    const ask = askOf(iceOptions(config('of three'), async () => minted.shift() ?? null));
    ask();
    expect(await ask()).toEqual(servers('of seven'));
    expect(await ask()).toEqual(servers('of eleven'));
  });

  it('are the last known ones while the relay is away', async () => {
    const answers = [async () => config('of seven'), () => Promise.reject(new Error('timeout'))];
    const options = iceOptions(config('of three'), () => answers.pop()?.() ?? Promise.reject(new Error()));
    const ask = askOf(options);
    ask();
    expect(await ask()).toEqual(servers('of three'));
    expect(await ask()).toEqual(servers('of seven'));
    expect(await ask()).toEqual(servers('of seven'));
  });

  it('are none if the relay has none', async () => {
    const ask = askOf(iceOptions(null, async () => null));
    expect([ask(), await ask()]).toEqual([[], []]);
  });
});
