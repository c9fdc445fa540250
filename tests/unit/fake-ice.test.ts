import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { FakeIce } from '../../src/testing/fake-ice';
import { FakeNetwork, type Page } from '../../src/testing/fake-network';
import type { PathKind } from '../../src/testing/fake-sdp';
import { type BrowserProfile, PROFILES } from '../../src/testing/profiles';
import { Timers } from '../../src/testing/timers';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

const { chromium, firefox } = PROFILES;
const BROWSERS = [chromium, firefox];
const DIRECT: readonly PathKind[] = ['direct'];
const BOTH: readonly PathKind[] = ['direct', 'relay'];

/** Two agents, and everything that the first reports, with the time since the last look. */
function createScene(profile: BrowserProfile) {
  const timers = new Timers();
  const network = new FakeNetwork(timers, () => 0.5);
  let sinceMs = performance.now();
  let told: string[] = [];
  const create = (page: Page): FakeIce => {
    const tell = (what: string) => {
      if (page === 0) told.push(`${performance.now() - sinceMs} ${what}`);
    };
    const ice: FakeIce = new FakeIce(
      { page, profile, network },
      {
        iceStateChanged: () => tell(`ice ${ice.iceConnectionState}`),
        connectionStateChanged: () => tell(`connection ${ice.connectionState}`),
        selected: () => tell(`selected ${ice.kind} ${ice.generations}`),
        flowing: () => tell('flowing'),
        failed: () => tell('failed'),
      },
    );
    return ice;
  };
  const [a, b] = [create(0), create(1)];
  const localKinds = { a: new Set<PathKind>(), b: new Set<PathKind>() };
  return {
    a,
    b,
    network,
    timers,
    localKinds,
    /** Both ends have both descriptions of a generation, and each knows the candidates of the other. */
    begin(generation: number, kinds = DIRECT) {
      const [mine, theirs] = [`a${generation}`, `b${generation}`];
      localKinds.a = new Set(kinds);
      localKinds.b = new Set(kinds);
      a.begin({ local: mine, remote: theirs, localKinds: localKinds.a, remoteKinds: new Set() });
      b.begin({ local: theirs, remote: mine, localKinds: localKinds.b, remoteKinds: new Set() });
      for (const kind of kinds) {
        a.addRemoteCandidate(theirs, kind);
        b.addRemoteCandidate(mine, kind);
      }
    },
    /** What is reported from now on, until `ms` have passed. */
    within(ms: number) {
      [sinceMs, told] = [performance.now(), []];
      vi.advanceTimersByTime(ms);
      return told;
    },
    /** What is reported during an act, and in the `ms` after it. */
    by(act: () => void, ms = 0) {
      [sinceMs, told] = [performance.now(), []];
      act();
      vi.advanceTimersByTime(ms);
      return told;
    },
  };
}

function connect(profile: BrowserProfile, kinds = DIRECT) {
  const scene = createScene(profile);
  scene.begin(1, kinds);
  scene.within(100);
  expect([scene.a, scene.b].map(({ isUp, kind }) => [isUp, kind])).toEqual([
    [true, kinds[0]],
    [true, kinds[0]],
  ]);
  return scene;
}

describe('a first connection of fake ICE', () => {
  it.each([
    {
      profile: chromium,
      told: [
        '0 ice checking',
        '0 connection connecting',
        '35 ice connected',
        '35 connection connected',
        '35 selected direct 1',
        '35 flowing',
        '35 flowing',
      ],
    },
    {
      profile: firefox,
      told: [
        '0 ice checking',
        '0 connection connecting',
        '40 ice connected',
        '40 connection connected',
        '40 selected direct 1',
        '40 flowing',
        '40 flowing',
      ],
    },
  ])('takes its own time and a round trip ($profile.name)', ({ profile, told }) => {
    const { begin, by, network } = createScene(profile);
    network.setDelay(20, 0);
    network.setDelay(10, 1);
    expect(by(() => begin(1), 1_000)).toEqual(told);
  });

  it.each([
    {
      profile: chromium,
      told: [
        '0 ice checking',
        '0 connection connecting',
        '15000 ice disconnected',
        '15000 connection failed',
        '15000 failed',
      ],
    },
    {
      profile: firefox,
      told: [
        '0 ice checking',
        '0 connection connecting',
        '11000 ice failed',
        '11000 connection failed',
        '11000 failed',
      ],
    },
  ])('fails in a black hole ($profile.name)', ({ profile, told }) => {
    const { begin, by, network } = createScene(profile);
    network.cut();
    expect(by(() => begin(1), 60_000)).toEqual(told);
  });

  it.each([
    { profile: chromium, told: [] },
    { profile: firefox, told: ['5000 ice failed', '5000 connection failed', '5000 failed'] },
  ])('stays as it is, or fails, without a remote candidate ($profile.name)', ({ profile, told }) => {
    const { begin, by } = createScene(profile);
    expect(by(() => begin(1, []), 60_000)).toEqual(told);
  });

  it.each([
    { profile: chromium, told: [] },
    { profile: firefox, told: ['0 ice failed', '0 connection failed', '0 failed'] },
  ])(
    'stays as it is, or fails at once, without a candidate of its own ($profile.name)',
    ({ profile, told }) => {
      const { a, begin, by } = createScene(profile);
      const act = () => {
        begin(1, []);
        a.gatheredNothing();
      };
      expect(by(act, 60_000)).toEqual(told);
    },
  );

  it.each([
    { profile: chromium, told: [] },
    { profile: firefox, told: ['0 ice failed', '0 connection failed', '0 failed'] },
  ])(
    'does the same if it found nothing before it had the descriptions ($profile.name)',
    ({ profile, told }) => {
      const { a, begin, by } = createScene(profile);
      const act = () => {
        a.gatheredNothing();
        begin(1, []);
      };
      expect(by(act, 60_000)).toEqual(told);
    },
  );

  it.each([
    {
      profile: chromium,
      told: [
        '0 ice checking',
        '0 connection connecting',
        '3005 ice connected',
        '3005 connection connected',
        '3005 selected direct 1',
        '3005 flowing',
        '3005 flowing',
      ],
    },
    {
      profile: firefox,
      told: [
        '0 ice checking',
        '0 connection connecting',
        '3010 ice connected',
        '3010 connection connected',
        '3010 selected direct 1',
        '3010 flowing',
        '3010 flowing',
      ],
    },
  ])('waits until there is a path ($profile.name)', ({ profile, told }) => {
    const { begin, by, network } = createScene(profile);
    network.cut(1);
    const act = () => {
      begin(1);
      setTimeout(() => network.heal(), 3_000);
    };
    expect(by(act, 60_000)).toEqual(told);
  });
});

/** What each browser reports when a path is gone and does not come back. */
const OUTAGE_THAT_LASTS = [
  {
    profile: chromium,
    told: [
      '6300 ice disconnected',
      '6300 connection disconnected',
      '16300 connection failed',
      '16300 failed',
    ],
  },
  {
    profile: firefox,
    told: [
      '5000 ice disconnected',
      '5000 connection disconnected',
      '28000 ice failed',
      '28000 connection failed',
      '28000 failed',
    ],
  },
];

describe('an outage of fake ICE', () => {
  it.each(OUTAGE_THAT_LASTS)('is reported, and ends in `failed` ($profile.name)', ({ profile, told }) => {
    const { by, network } = connect(profile);
    expect(by(() => network.cut(1), 60_000)).toEqual(told);
  });

  it.each([
    { profile: chromium, told: ['4900 flowing'] },
    { profile: firefox, told: ['4900 flowing'] },
  ])('is not reported if it ends before that ($profile.name)', ({ profile, told }) => {
    const { network, by } = connect(profile);
    const act = () => {
      network.cut();
      setTimeout(() => network.heal(), 4_900);
    };
    expect(by(act, 60_000)).toEqual(told);
  });

  it.each([
    {
      profile: chromium,
      told: [
        '140 ice connected',
        '140 connection connected',
        '140 selected direct 1',
        '140 flowing',
        '140 flowing',
      ],
    },
    {
      profile: firefox,
      told: [
        '2040 ice connected',
        '2040 connection connected',
        '2040 selected direct 1',
        '2040 flowing',
        '2040 flowing',
      ],
    },
  ])('heals, once reported, after a delay and a round trip ($profile.name)', ({ profile, told }) => {
    const { network, within, by } = connect(profile);
    network.cut();
    within(10_000);
    network.setDelay(20);
    expect(by(() => network.heal(), 60_000)).toEqual(told);
  });

  it.each([
    { profile: chromium, told: ['9250 connection failed', '9250 failed'] },
    { profile: firefox, told: ['20950 ice failed', '20950 connection failed', '20950 failed'] },
  ])('fails at the usual time if it returns while healing ($profile.name)', ({ profile, told }) => {
    const { network, within, by } = connect(profile);
    network.cut();
    within(7_000);
    network.heal();
    within(50);
    expect(by(() => network.cut(), 60_000)).toEqual(told);
  });

  it.each([
    { profile: chromium, told: ['4200 selected relay 1', '4200 flowing', '4200 flowing'] },
    { profile: firefox, told: ['5000 ice disconnected', '5000 connection disconnected'] },
  ])(
    'of only the direct path ends on a relay that is known, or is reported ($profile.name)',
    ({ profile, told }) => {
      const { network, by } = connect(profile, BOTH);
      expect(by(() => network.blockDirect(), 20_000)).toEqual(told);
    },
  );

  it.each(OUTAGE_THAT_LASTS)(
    'of an address ends like one of its path ($profile.name)',
    ({ profile, told }) => {
      const { network, localKinds, a, by } = connect(profile);
      const act = () => {
        localKinds.a.clear();
        expect([a.kind, a.liveKind]).toEqual(['direct', null]);
        network.changed();
      };
      expect(by(act, 60_000)).toEqual(told);
    },
  );

  it("of the other end's address leaves no live path here either", () => {
    const { localKinds, a } = connect(chromium);
    localKinds.b.clear();
    expect([a.kind, a.liveKind]).toEqual(['direct', null]);
  });

  it.each([
    { profile: chromium, told: [] },
    { profile: firefox, told: [] },
  ])('is not reported by a page that is gone ($profile.name)', ({ profile, told }) => {
    const { network, by } = connect(profile);
    expect(by(() => network.kill(0), 60_000)).toEqual(told);
  });

  it.each([
    { profile: chromium, told: [] },
    { profile: firefox, told: [] },
  ])('does not heal by itself after it failed ($profile.name)', ({ profile, told }) => {
    const { network, within, by } = connect(profile);
    network.cut();
    within(60_000);
    expect(by(() => network.heal(), 60_000)).toEqual(told);
  });
});

describe('a restart of fake ICE', () => {
  it.each([
    {
      profile: chromium,
      told: [
        '0 flowing',
        '0 flowing',
        '0 flowing',
        '0 flowing',
        '90 selected direct 2',
        '90 flowing',
        '90 flowing',
      ],
    },
    {
      profile: firefox,
      told: [
        '0 flowing',
        '0 flowing',
        '0 flowing',
        '0 flowing',
        '57 selected direct 2',
        '57 flowing',
        '57 flowing',
      ],
    },
  ])('of a live link reports nothing but its selection ($profile.name)', ({ profile, told }) => {
    const { begin, by, network } = connect(profile);
    network.setDelay(20);
    expect(by(() => begin(2), 60_000)).toEqual(told);
  });

  it.each([
    { profile: chromium, told: ['3200 selected relay 2', '3200 flowing', '3200 flowing'] },
    { profile: firefox, told: ['17 selected relay 2', '17 flowing', '17 flowing'] },
  ])(
    'in an outage that is not reported yet takes effect at once, or when the old pair is abandoned ($profile.name)',
    ({ profile, told }) => {
      const { begin, by, within, network } = connect(profile, BOTH);
      network.blockDirect();
      within(1_000);
      expect(by(() => begin(2, ['relay']), 20_000)).toEqual(told);
    },
  );

  it.each([
    { profile: chromium, told: ['15000 connection failed', '15000 failed'] },
    {
      profile: firefox,
      told: [
        '0 ice checking',
        '0 connection connecting',
        '11000 ice failed',
        '11000 connection failed',
        '11000 failed',
      ],
    },
  ])('of a suspect link follows its own clock ($profile.name)', ({ profile, told }) => {
    const { a, begin, by, within, network } = connect(profile);
    network.cut();
    within(7_000);
    const act = () => {
      begin(2);
      a.restartFailureTimer();
    };
    expect(by(act, 60_000)).toEqual(told);
  });

  it.each([
    {
      profile: chromium,
      told: [
        '50 ice connected',
        '50 connection connected',
        '50 selected direct 2',
        '50 flowing',
        '50 flowing',
      ],
    },
    {
      profile: firefox,
      told: [
        '17 ice connected',
        '17 connection connected',
        '17 selected direct 2',
        '17 flowing',
        '17 flowing',
      ],
    },
  ])('of a suspect link connects once there is a path ($profile.name)', ({ profile, told }) => {
    const { a, begin, by, within, network } = connect(profile);
    network.cut();
    within(7_000);
    begin(2);
    a.restartFailureTimer();
    within(3_000);
    expect(by(() => network.heal(), 60_000)).toEqual(told);
  });

  it.each([
    {
      profile: chromium,
      told: [
        '0 connection disconnected',
        '50 ice connected',
        '50 connection connected',
        '50 selected direct 2',
        '50 flowing',
        '50 flowing',
      ],
    },
    {
      profile: firefox,
      told: [
        '0 ice checking',
        '17 ice connected',
        '17 connection connected',
        '17 selected direct 2',
        '17 flowing',
        '17 flowing',
      ],
    },
  ])('after `failed` connects ($profile.name)', ({ profile, told }) => {
    const { a, b, begin, by, within, network } = connect(profile);
    network.cut();
    within(60_000);
    network.heal();
    const act = () => {
      begin(2);
      for (const ice of [a, b]) ice.restartFailureTimer();
    };
    expect(by(act, 60_000)).toEqual(told);
  });

  it.each([
    { profile: chromium, told: [] },
    { profile: firefox, told: [] },
  ])('of a live link starts no clock ($profile.name)', ({ profile, told }) => {
    const { a, by } = connect(profile);
    expect(by(() => a.restartFailureTimer(), 60_000)).toEqual(told);
  });
});

describe('fake ICE', () => {
  it.each(BROWSERS)('finds a generation by its name until the other end has left it ($name)', (profile) => {
    const { a, begin, within, network, b } = connect(profile);
    const known = () => ['a1', 'a2', 'a3', 'b1'].filter((name) => a.generationOf(name));
    expect(known()).toEqual(['a1']);
    begin(2);
    expect(known()).toEqual(['a1', 'a2']);
    within(1_000);
    expect(known()).toEqual(['a1', 'a2']);
    begin(3);
    within(1_000);
    expect(known()).toEqual(['a2', 'a3']);
    expect([a.peer, b.peer, a.generations]).toEqual([b, a, 3]);
    b.close();
    expect([a.peer, network.agentOf('b3')]).toEqual([null, null]);
  });

  it.each(BROWSERS)('closes at once, and does nothing more ($name)', (profile) => {
    const { a, by, begin, timers } = createScene(profile);
    begin(1);
    expect(by(() => a.close(), 60_000)).toEqual([]);
    expect([a.iceConnectionState, a.connectionState, timers.size]).toEqual(['closed', 'closed', 0]);
  });

  it.each([
    { mine: ['direct'], theirs: ['direct'], path: 'direct' },
    { mine: BOTH, theirs: BOTH, path: 'direct' },
    { mine: ['relay'], theirs: ['direct'], path: 'relay' },
    { mine: ['direct'], theirs: ['relay'], path: 'relay' },
    { mine: ['relay'], theirs: ['relay'], path: 'relay' },
    { mine: [], theirs: BOTH, path: null },
    { mine: BOTH, theirs: [], path: null },
  ] as const)('selects the path $path between $mine and $theirs', ({ mine, theirs, path }) => {
    const { a, b, within } = createScene(chromium);
    a.begin({ local: 'a', remote: 'b', localKinds: new Set(mine), remoteKinds: new Set() });
    b.begin({ local: 'b', remote: 'a', localKinds: new Set(theirs), remoteKinds: new Set() });
    for (const kind of theirs) a.addRemoteCandidate('b', kind);
    for (const kind of mine) b.addRemoteCandidate('a', kind);
    within(100);
    expect([a.kind, b.kind, a.liveKind]).toEqual([path, path, path]);
  });

  it('needs only one candidate of the other end, at either end, but of the right generation', () => {
    const { a, b, within } = createScene(chromium);
    a.begin({ local: 'a', remote: 'b', localKinds: new Set(DIRECT), remoteKinds: new Set() });
    b.begin({ local: 'b', remote: 'a', localKinds: new Set(DIRECT), remoteKinds: new Set() });
    within(100);
    a.addRemoteCandidate('another', 'direct');
    within(100);
    expect([a.iceConnectionState, b.iceConnectionState]).toEqual(['new', 'new']);
    b.addRemoteCandidate('a', 'direct');
    within(100);
    expect([a.iceConnectionState, b.iceConnectionState]).toEqual(['connected', 'connected']);
  });

  it('finds no relay when neither end has one', () => {
    const { a, begin, by, network } = createScene(chromium);
    network.blockDirect();
    by(() => begin(1), 1_000);
    expect(a.kind).toBe(null);
  });

  it('does not connect generations that do not belong together', () => {
    const { a, b, within } = createScene(chromium);
    a.begin({ local: 'a', remote: 'b', localKinds: new Set(DIRECT), remoteKinds: new Set(DIRECT) });
    b.begin({ local: 'b', remote: 'another', localKinds: new Set(DIRECT), remoteKinds: new Set(DIRECT) });
    within(1_000);
    expect([a.kind, b.kind]).toEqual([null, null]);
  });
});

describe('an old pair of fake ICE', () => {
  it('is kept as long when only a restart knows the new path (Chromium)', () => {
    const { begin, by, within, network } = connect(chromium);
    network.blockDirect();
    within(1_000);
    expect(by(() => begin(2, ['relay']), 20_000)).toEqual([
      '3200 selected relay 2',
      '3200 flowing',
      '3200 flowing',
    ]);
  });

  it('is not replaced once it has failed (Chromium)', () => {
    const { by, within, network } = connect(chromium, BOTH);
    network.cut();
    within(60_000);
    network.blockDirect();
    expect(by(() => network.heal(), 60_000)).toEqual([]);
  });

  it('heals while a restart waits for the other end (Firefox)', () => {
    const { a, by, within, network } = connect(firefox);
    network.cut();
    within(7_000);
    const restart = () =>
      a.begin({ local: 'a2', remote: 'b2', localKinds: new Set(DIRECT), remoteKinds: new Set() });
    expect(by(restart)).toEqual(['0 ice checking', '0 connection connecting']);
    expect(by(() => network.heal(), 60_000)).toEqual([
      '2000 ice connected',
      '2000 connection connected',
      '2000 selected direct 1',
      '2000 flowing',
      '2000 flowing',
    ]);
  });

  it('heals after `failed` once a restart is offered (Chromium)', () => {
    const { a, by, within, network } = connect(chromium);
    network.cut();
    within(60_000);
    network.heal();
    expect(by(() => a.restartFailureTimer(), 60_000)).toEqual([
      '0 connection disconnected',
      '100 ice connected',
      '100 connection connected',
      '100 selected direct 1',
      '100 flowing',
    ]);
  });
});

describe('fake ICE that failed', () => {
  it.each(BROWSERS)('ends a restart that was under way, too ($name)', (profile) => {
    const { a, b, begin, by, within, network } = connect(profile);
    network.cut();
    within(7_000);
    begin(2);
    for (const ice of [a, b]) ice.restartFailureTimer();
    within(60_000);
    expect(by(() => network.heal(), 60_000)).toEqual([]);
  });

  it.each([
    { profile: chromium, isFound: true },
    { profile: firefox, isFound: false },
  ])('answers the checks of the other end only in Chromium ($profile.name)', ({ profile, isFound }) => {
    const { a, within, network } = connect(profile);
    network.cut();
    within(60_000);
    expect(a.connectionState).toBe('failed');
    expect(a.generationOf('a1') !== null).toBe(isFound);
  });

  it.each(BROWSERS)('fails by the clock of the first candidate, whatever comes later ($name)', (profile) => {
    const { a, begin, within, by, network } = createScene(profile);
    network.cut();
    begin(1);
    within(5_000);
    const failsAfterMs = profile.firstConnectFailsAfterMs - 5_000;
    expect(by(() => a.addRemoteCandidate('b1', 'relay'), 60_000).slice(-2)).toEqual([
      `${failsAfterMs} connection failed`,
      `${failsAfterMs} failed`,
    ]);
  });
});
