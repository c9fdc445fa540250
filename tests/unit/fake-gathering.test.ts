import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { gather } from '../../src/testing/fake-gathering';
import { FakeNetwork, type Page } from '../../src/testing/fake-network';
import type { LocalGeneration } from '../../src/testing/fake-sdp';
import { Timers } from '../../src/testing/timers';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

interface Scene {
  configuration?: RTCConfiguration;
  page?: Page;
  prepare?: (network: FakeNetwork) => void;
  during?: (network: FakeNetwork, scene: { isCurrent: boolean }) => void;
}

const TURN = { urls: 'turn:relay.example', username: 'user', credential: 'pass' };

/** Everything that a gathering reports, with its time. */
function gathered({ configuration = {}, page = 0, prepare, during }: Scene) {
  const network = new FakeNetwork(new Timers(), () => 0.5);
  prepare?.(network);
  const generation: LocalGeneration = { ufrag: 'AbCd', password: '', kinds: new Set(), candidates: [] };
  const told: string[] = [];
  const beganMs = performance.now();
  const tell = (what: string) => void told.push(`${performance.now() - beganMs} ${what}`);
  const scene = { isCurrent: true };
  gather(
    generation,
    configuration,
    { page, network, random: () => 0.5 },
    {
      isCurrent: () => scene.isCurrent,
      state: tell,
      found: (candidate) =>
        tell(candidate ? (/\S+ typ \w+/.exec(candidate.candidate)?.[0] ?? '') : 'the end'),
      refused: () => tell('refused'),
    },
  );
  vi.advanceTimersByTime(1);
  during?.(network, scene);
  vi.advanceTimersByTime(1_000);
  return { told, kinds: [...generation.kinds], candidates: generation.candidates.length };
}

const HOST_ONLY = {
  told: ['0 gathering', '1 55000 typ host', '3 the end', '3 complete'],
  kinds: ['direct'],
  candidates: 1,
};
const BOTH = {
  told: ['0 gathering', '1 55000 typ host', '3 55000 typ relay', '3 the end', '3 complete'],
  kinds: ['direct', 'relay'],
  candidates: 2,
};

describe('gathering at a fake page', () => {
  it('finds only a host candidate without a relay', () => {
    expect(gathered({})).toEqual(HOST_ONLY);
  });

  it.each([
    ['one server', [TURN]],
    ['a server of several addresses', [{ ...TURN, urls: ['stun:stun.example', 'turns:relay.example'] }]],
    ['one server of several', [{ urls: 'stun:stun.example' }, TURN]],
  ])('finds a relay too, by %s', (_, iceServers) => {
    expect(gathered({ configuration: { iceServers } })).toEqual(BOTH);
  });

  it.each([
    ['no server', []],
    ['a STUN server', [{ ...TURN, urls: 'stun:turn.example' }]],
    ['no name', [{ ...TURN, username: '' }]],
    ['no password', [{ ...TURN, credential: '' }]],
  ])('finds no relay by %s', (_, iceServers) => {
    expect(gathered({ configuration: { iceServers } })).toEqual(HOST_ONLY);
  });

  it('finds only the relay when only relays are allowed', () => {
    expect(gathered({ configuration: { iceServers: [TURN], iceTransportPolicy: 'relay' } })).toEqual({
      told: ['0 gathering', '3 55000 typ relay', '3 the end', '3 complete'],
      kinds: ['relay'],
      candidates: 1,
    });
  });

  it('finds nothing when only relays are allowed and there is none', () => {
    expect(gathered({ configuration: { iceTransportPolicy: 'relay' } })).toEqual({
      told: ['0 gathering', '3 the end', '3 complete'],
      kinds: [],
      candidates: 0,
    });
  });

  it.each([
    { turn: 'down', told: HOST_ONLY.told },
    { turn: 'refuses', told: ['0 gathering', '1 55000 typ host', '3 refused', '3 the end', '3 complete'] },
  ] as const)('reports a relay accordingly that is or does: $turn', ({ turn, told }) => {
    const prepare = (network: FakeNetwork) => {
      network.turn = turn;
    };
    expect(gathered({ configuration: { iceServers: [TURN] }, prepare }).told).toEqual(told);
    if (turn === 'refuses') expect(gathered({ prepare })).toEqual(HOST_ONLY);
  });

  it('is as late as the network of its page makes it', () => {
    const prepare = (network: FakeNetwork) => {
      network.gatheringDelayMs[1] = 100;
    };
    expect(gathered({ prepare })).toEqual(HOST_ONLY);
    expect(gathered({ prepare, page: 1 }).told).toEqual([
      '100 gathering',
      '101 55000 typ host',
      '103 the end',
      '103 complete',
    ]);
  });

  it.each<[string, NonNullable<Scene['during']>]>([
    [
      'a generation is replaced',
      (_, scene) => {
        scene.isCurrent = false;
      },
    ],
    ['its page is killed', (network) => network.kill(0)],
  ])('stops when %s', (_, during) => {
    const { told } = gathered({ configuration: { iceServers: [TURN] }, during });
    expect(told).toEqual(['0 gathering', '1 55000 typ host']);
  });

  it('continues when the other page is killed', () => {
    expect(gathered({ during: (network) => network.kill(1) })).toEqual(HOST_ONLY);
  });
});
