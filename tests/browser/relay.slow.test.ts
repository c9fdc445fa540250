import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { eventually, type TestBrowser } from '../support/browser-page';
import { launchChromium } from '../support/chromium';
import { type Coturn, startCoturn } from '../support/coturn';
import { launchFirefox } from '../support/firefox';
import { ownAddress } from '../support/own-address';
import { requires } from '../support/requirements';
import {
  connect,
  leave,
  openVenue,
  type Player,
  playing,
  seat,
  seatTwo,
  untilReceived,
  type Venue,
} from './players';

/** The goal for a verdict on an impossible relay; empty gathering gives it far sooner. */
const VERDICT_MS = 20_000;

describe.skipIf(!requires('chromium', 'firefox', 'coturn'))('relays in real browsers', () => {
  let venue: Venue;
  let coturn: Coturn;
  let chromium: TestBrowser;
  let firefox: TestBrowser;

  beforeAll(async () => {
    [venue, coturn, chromium, firefox] = await Promise.all([
      openVenue(),
      startCoturn(ownAddress()),
      launchChromium(),
      launchFirefox(),
    ]);
  });
  afterAll(() => Promise.all([venue.close(), coturn.dispose(), chromium.close(), firefox.close()]));

  it.each(['Chromium', 'Firefox'] as const)('carry a link between Chromium and %s', async (name) => {
    const options = { iceServers: coturn.iceServers, forceRelay: true };
    const pair = await playing(venue, [chromium, name === 'Firefox' ? firefox : chromium], { options });
    for (const player of pair) {
      await untilReceived(player, 60);
      const { detail } = await player.untilTold('callback', 'onConnectionTypeDetected');
      expect(detail).toMatchObject({ connectionType: 'relay', relayProtocol: 'udp' });
    }
    await leave(pair);
  });

  it('are reported by a Firefox that saw the relayed candidate in checks before its signal', async () => {
    const game = randomUUID();
    const relaying = await seat(venue, chromium, 1, {
      game,
      options: { iceServers: coturn.iceServers, forceRelay: true },
    });
    const told = await seat(venue, firefox, 2, { game });
    await relaying.drive('holdCandidates');
    await connect([relaying, told]);
    await told.untilState('connected');

    await relaying.drive('sendHeldCandidates');

    await eventually(
      () => told.drive('connectionType'),
      (path) => Object(path).connectionType === 'relay',
      { what: 'the relay' },
    );
    expect(await told.drive('connectionType')).toMatchObject({
      remoteCandidateType: 'relay',
      relayProtocol: 'udp',
    });
    await leave([relaying, told]);
  });

  const verdict = async (player: Player) => {
    const failed = await player.untilTold('event', 'failed');
    const called = await player.untilTold('mark', 'connect');
    expect(failed.atMs - called.atMs).toBeLessThan(VERDICT_MS);
    // An offer of the other player that was under way may revive the link afterwards.
    expect((await player.callbacks())[0]).toBe('onConnectionFailed');
    return failed.detail;
  };

  it('are reported missing as soon as gathering ends empty, if none is configured', async () => {
    const pair = await seatTwo(venue, [chromium, firefox], { options: { forceRelay: true } });
    await connect(pair);
    for (const player of pair) expect(await verdict(player)).toMatchObject({ reason: 'no-relay' });
    await leave(pair);
  });

  it('that refuse the credentials are named as the reason', async () => {
    const iceServers = coturn.iceServers.map((server) => ({ ...server, credential: 'wrong' }));
    const pair = await seatTwo(venue, [chromium, chromium], { options: { forceRelay: true, iceServers } });
    await connect(pair);
    for (const player of pair) expect(await verdict(player)).toMatchObject({ reason: 'turn-auth' });
    await leave(pair);
  });
});
