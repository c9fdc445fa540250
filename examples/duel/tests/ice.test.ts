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

/** What a manager is given each time that it asks. */
async function serversOf({ iceServers }: ReturnType<typeof iceOptions>) {
  return typeof iceServers === 'function' ? iceServers() : iceServers;
}

describe('the ICE servers of a duel', () => {
  it('are asked for anew each time: an evening outlasts the credentials with which it began', async () => {
    const minted = [config('of seven'), config('of eleven')];
    const options = iceOptions(config('of three'), async () => minted.shift() ?? null);
    expect(await serversOf(options)).toEqual(servers('of seven'));
    expect(await serversOf(options)).toEqual(servers('of eleven'));
  });

  it('are those of the last time while the relay is away', async () => {
    const answers = [async () => config('of seven'), () => Promise.reject(new Error('timeout'))];
    const options = iceOptions(config('of three'), () => answers.pop()?.() ?? Promise.reject(new Error()));
    expect(await serversOf(options)).toEqual(servers('of three'));
    expect(await serversOf(options)).toEqual(servers('of seven'));
    expect(await serversOf(options)).toEqual(servers('of seven'));
  });

  it('are none where the relay knows none', async () => {
    expect(await serversOf(iceOptions(null, async () => null))).toEqual([]);
  });
});
