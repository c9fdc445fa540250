import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { requires } from '../support/requirements';
import { LAB_NEEDS, Lab } from './support/lab.js';
import { Match, PEERS } from './support/match.js';

/** Only bounds a hang. */
const PATIENCE_MS = 30_000;

describe.skipIf(!requires(...LAB_NEEDS, 'openssl'))('networks that let no UDP out', () => {
  let match: Match<Lab>;

  /** Chromium's network lets out only TLS to port 443, Firefox's only TCP to TURN's own port. */
  beforeAll(async () => {
    const lab = await Lab.open({ turnOverTcp: true });
    await lab.onlyTcpOut('a', 'tls');
    await lab.onlyTcpOut('b', 'tcp');
    match = await Match.open(lab, { browsers: 'cf', manager: { preset: 'rollback' }, withTurn: true });
  });
  afterAll(() => match?.close());

  const callbacks = async () =>
    (await Promise.all(PEERS.map((peer) => match.drive(peer, 'records')))).map((records) =>
      records.filter(({ source }) => source === 'callback'),
    );
  const namesSince = async (sinceMs: number) =>
    (await callbacks()).map((told) => told.filter(({ wallMs }) => wallMs >= sinceMs).map(({ name }) => name));
  const untilPlaying = async () => {
    expect(await match.until('connected', PATIENCE_MS)).toBe(true);
    expect(await match.untilFresh(Date.now(), PATIENCE_MS)).toBe(true);
  };
  const paths = async () =>
    (await callbacks()).map((told) =>
      told.flatMap(({ name, detail }) => (name === 'onConnectionTypeDetected' ? [detail] : [])).at(-1),
    );

  it('are crossed by TURN over TLS and over TCP, and the game receives that path', async () => {
    await untilPlaying();
    expect(await paths()).toMatchObject([
      { connectionType: 'relay', localCandidateType: 'relay', relayProtocol: 'tls' },
      { connectionType: 'relay', localCandidateType: 'relay', relayProtocol: 'tcp' },
    ]);
  });

  it('are crossed again once a TURN server that died is back', async () => {
    const diedAtMs = Date.now();
    await match.ground.turn.stop();
    expect(await match.until(['disconnected', 'restarting'], PATIENCE_MS)).toBe(true);
    await match.ground.turn.start();
    await untilPlaying();
    for (const told of await namesSince(diedAtMs))
      expect(told).toEqual(['onConnectionLost', 'onConnectionRestored']);
  });

  it('are crossed again from another address', async () => {
    const changedAtMs = await match.ground.changeAddress('a');
    expect(await match.untilNoticed(changedAtMs, PATIENCE_MS)).toBe(true);
    await untilPlaying();
    expect((await namesSince(changedAtMs)).flat()).not.toContain('onConnectionFailed');
  });
});
