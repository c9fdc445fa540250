import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { requires } from '../support/requirements';
import type { Carried } from './support/firewall.js';
import { LAB_NEEDS, Lab } from './support/lab.js';
import { Match, PEERS } from './support/match.js';

const PATIENCE = { timeout: 20_000, interval: 200 };
/** Between two readings of the router; both players send 60 messages a second. */
const MANY_PACKETS = 10;

describe.skipIf(!requires(...LAB_NEEDS))('the reported path', () => {
  let match: Match<Lab>;

  beforeAll(async () => {
    const manager = { preset: 'rollback', directRetryMs: 3_000 } as const;
    match = await Match.open(await Lab.open(), { browsers: 'cf', manager, withTurn: true });
  });
  afterAll(() => match?.close());

  let before: Carried = { direct: 0, relayed: 0 };
  /** The path of the packets since the last reading, as the router counted them; null if they took both, or hardly any went. */
  const pathOfPackets = async () => {
    const { direct, relayed } = await match.ground.carried();
    const since = { direct: direct - before.direct, relayed: relayed - before.relayed };
    before = { direct, relayed };
    if (Math.min(since.direct, since.relayed) > 0) return null;
    return since.direct > MANY_PACKETS ? 'direct' : since.relayed > MANY_PACKETS ? 'relay' : null;
  };
  const untilPacketsGo = (path: 'direct' | 'relay') => expect.poll(pathOfPackets, PATIENCE).toBe(path);

  /** The paths that each end reported, in order; another candidate of the same path does not count. */
  const told = async () =>
    (await Promise.all(PEERS.map((peer) => match.drive(peer, 'records')))).map((records) =>
      records
        .filter(({ source, name }) => source === 'event' && name === 'path')
        .map(({ detail }) => Reflect.get(Object(detail), 'connectionType'))
        .filter((path, index, all) => path !== all[index - 1]),
    );
  const untilTold = (...paths: string[]) => expect.poll(told, PATIENCE).toEqual([paths, paths]);

  it('matches the packets, as they go direct, over the relay, and direct again', async () => {
    await untilPacketsGo('direct');
    await untilTold('direct');

    await match.ground.blockDirectForGood();
    await untilPacketsGo('relay');
    await untilTold('direct', 'relay');

    await match.ground.heal();
    await untilPacketsGo('direct');
    await untilTold('direct', 'relay', 'direct');
  });
});
