import type { WebRTCManager } from 'holdfast';
import { describe, expect, it } from 'vitest';
import { connectPlayers, countOf, createPlayers, namesOf, type Player, pass } from './players';

/** What upstream's game does: it asks for a restart from inside `onConnectionLost`. */
function askOnLost({ manager, heard }: Player): Promise<boolean>[] {
  const answers: Promise<boolean>[] = [];
  manager.onConnectionLost = (info) => {
    heard.push(['onConnectionLost', info]);
    answers.push(manager.attemptIceRestart());
  };
  return answers;
}

/** Notes `iceRestartAttempts` as a callback sees it. */
function noteAttempts({ manager, heard }: Player): [name: string, attempts: number][] {
  const notes: [string, number][] = [];
  for (const name of ['onConnectionLost', 'onConnectionRestored', 'onConnectionFailed'] as const) {
    manager[name] = () => {
      heard.push([name]);
      notes.push([name, manager.iceRestartAttempts]);
    };
  }
  return notes;
}

describe.each(['chromium', 'firefox'] as const)('an outage in %s', (profile) => {
  it.each([3, 8, 20, 40, 60])(
    'announces lost and restored once on both ends after %i s, and then data flows',
    async (s) => {
      const { world, a, b } = await connectPlayers({}, { profile });
      const asked = [askOnLost(a), askOnLost(b)];
      world.network.cut();
      await pass(s * 1_000);
      world.network.heal();
      await pass(5_000);
      for (const { heard, manager } of [a, b]) {
        expect(namesOf(heard)).toEqual(['onConnectionLost', 'onConnectionRestored']);
        expect(manager.state).toBe('connected');
      }
      expect(await Promise.all(asked.flat())).toEqual([true, true]);
      expect([a.manager.send('from a'), b.manager.send('from b')]).toEqual([true, true]);
      await pass(100);
      expect(b.heard.at(-1)).toEqual(['onDataChannelMessage', 'from a']);
      expect(a.heard.at(-1)).toEqual(['onDataChannelMessage', 'from b']);
    },
  );

  it.each([
    ['a lifetime', { maxPacketLifeTime: 250 }],
    ['no retransmits', { maxRetransmits: 0 }],
  ])(
    'drops what is sent during it on a channel with %s, and delivers all that is sent once restored',
    async (_, life) => {
      const { world, a, b } = await connectPlayers({ channel: { ordered: false, ...life } }, { profile });
      let sent = 0;
      const ticker = setInterval(() => {
        a.manager.send(`before ${sent}`);
        sent += 1;
      }, 16);
      a.manager.onConnectionRestored = () => {
        clearInterval(ticker);
        for (let index = 0; index < 10; index++) a.manager.send(`after ${index}`);
      };
      await pass(100);
      world.network.cut();
      b.heard.length = 0;
      await pass(3_000);
      world.network.heal();
      await pass(5_000);
      const messages = b.heard.filter(([name]) => name === 'onDataChannelMessage').map(([, data]) => data);
      expect(sent).toBeGreaterThan(100);
      expect(messages).toEqual(Array.from({ length: 10 }, (_, index) => `after ${index}`));
    },
  );

  it('is recovered even if the game asks for no restart', async () => {
    const { world, a, b } = await connectPlayers({}, { profile });
    world.network.cut();
    await pass(30_000);
    world.network.heal();
    await pass(5_000);
    for (const { heard } of [a, b])
      expect(namesOf(heard)).toEqual(['onConnectionLost', 'onConnectionRestored']);
  });

  it('is announced on both ends when only one direction is cut', async () => {
    const { world, a, b } = await connectPlayers({}, { profile });
    world.network.cut(0);
    await pass(20_000);
    world.network.heal(0);
    await pass(5_000);
    for (const { heard } of [a, b])
      expect(namesOf(heard)).toEqual(['onConnectionLost', 'onConnectionRestored']);
  });

  it('is recovered when signaling was cut too, once both are back', async () => {
    const { world, a, b } = await connectPlayers({}, { profile });
    world.cutOff();
    await pass(30_000);
    world.reachAgain();
    await pass(10_000);
    for (const { heard } of [a, b])
      expect(namesOf(heard)).toEqual(['onConnectionLost', 'onConnectionRestored']);
  });

  it('announces failed once, after close and with a reason, when it never ends', async () => {
    const { world, a, b } = await connectPlayers({}, { profile });
    world.network.cut();
    world.relay.loss = 1;
    await pass(120_000);
    for (const { heard, manager } of [a, b]) {
      expect(namesOf(heard)).toEqual(['onConnectionLost', 'onDataChannelClose', 'onConnectionFailed']);
      expect(heard.at(-1)?.[1]).toMatchObject({ reason: expect.any(String), advice: expect.any(String) });
      expect(manager.state).toBe('failed');
    }
  });

  it('starts with lost, which carries both states and the time', async () => {
    const { world, a } = await connectPlayers({}, { profile });
    world.network.cut();
    const before = Date.now();
    await pass(10_000);
    expect(a.heard).toEqual([
      [
        'onConnectionLost',
        {
          iceState: expect.stringMatching(/^(connected|disconnected)$/),
          dcState: 'open',
          timestamp: expect.any(Number),
        },
      ],
    ]);
    expect(Number(Object(a.heard[0]?.[1]).timestamp)).toBeGreaterThan(before);
  });

  it.each([
    ['close()', (manager: WebRTCManager) => manager.close()],
    ['connectToPeer of another player', (manager: WebRTCManager) => void manager.connectToPeer(3)],
  ])('ends with %s, and no attempt stays counted', async (_, end) => {
    const { world, a } = await connectPlayers({}, { profile });
    world.network.cut();
    await pass(10_000);
    expect(a.manager.iceRestartAttempts).toBe(1);
    end(a.manager);
    expect(a.manager.iceRestartAttempts).toBe(0);
  });

  it('starts with lost, which carries the state of ICE, not of the connection', async () => {
    const { world, a } = await connectPlayers({}, { profile });
    const pc = Object(a.manager.peerConnection);
    Object.defineProperty(pc, 'iceConnectionState', { get: () => 'completed' });
    world.network.cut();
    await pass(3_000);
    expect(a.heard).toEqual([
      ['onConnectionLost', expect.objectContaining({ iceState: 'completed', dcState: 'open' })],
    ]);
  });
});

describe('a blip', () => {
  it('is not announced when it is shorter than the grace period', async () => {
    const { world, a, b } = await connectPlayers({ disconnectGraceMs: 500 });
    const pc = a.manager.peerConnection;
    world.network.cut();
    await pass(1_200);
    world.network.heal();
    await pass(10_000);
    expect([...a.heard, ...b.heard]).toEqual([]);
    expect(a.manager.peerConnection).toBe(pc);
  });

  it('spends no attempt when it heals within the 5 s timer', async () => {
    const { world, a } = await connectPlayers();
    const states: string[] = [];
    a.manager.on('state', ({ state, attempts }) => states.push(`${state} ${attempts}`));
    world.network.cut();
    await pass(4_000);
    world.network.heal();
    await pass(1_000);
    expect(states).toEqual(['disconnected 0', 'connected 0']);
  });
});

describe('iceRestartAttempts', () => {
  it('is at least 1 from lost until restored has returned, and 0 afterwards', async () => {
    const { world, a, b } = await connectPlayers();
    const notes = [noteAttempts(a), noteAttempts(b)];
    world.network.cut();
    await pass(3_000);
    for (const { manager } of [a, b]) expect(manager.iceRestartAttempts).toBeGreaterThanOrEqual(1);
    await pass(20_000);
    for (const { manager } of [a, b]) expect(manager.iceRestartAttempts).toBeGreaterThanOrEqual(1);
    world.network.heal();
    await pass(5_000);
    for (const each of notes) {
      expect(each.map(([name]) => name)).toEqual(['onConnectionLost', 'onConnectionRestored']);
      for (const [, attempts] of each) expect(attempts).toBeGreaterThanOrEqual(1);
    }
    for (const { manager } of [a, b]) expect(manager.iceRestartAttempts).toBe(0);
  });

  it('is 1 in restarting while signaling is down, although no attempt is counted yet', async () => {
    const { world, a } = await connectPlayers();
    world.cutOff();
    await pass(20_000);
    expect([a.manager.state, a.manager.iceRestartAttempts]).toEqual(['restarting', 1]);
  });

  it('is 1 from a caller’s restart of a live link until its restored', async () => {
    const { a } = await connectPlayers();
    const notes = noteAttempts(a);
    expect(await a.manager.attemptIceRestart()).toBe(true);
    expect(a.manager.iceRestartAttempts).toBe(1);
    await pass(5_000);
    expect(notes).toEqual([['onConnectionRestored', 1]]);
    expect(a.manager.iceRestartAttempts).toBe(0);
  });

  it('is 1 again after a restart inside onConnectionRestored, until that is answered', async () => {
    const { world, a } = await connectPlayers();
    const notes: [string, number][] = [];
    a.manager.onConnectionRestored = () => {
      notes.push(['told', a.manager.iceRestartAttempts]);
      if (notes.length > 1) return;
      void a.manager.attemptIceRestart();
      queueMicrotask(() => notes.push(['asked', a.manager.iceRestartAttempts]));
    };
    world.network.cut();
    await pass(10_000);
    world.network.heal();
    await pass(10_000);
    expect(notes).toEqual([
      ['told', expect.any(Number)],
      ['asked', 1],
      ['told', 1],
    ]);
    expect(a.manager.iceRestartAttempts).toBe(0);
  });

  it('is 0 on the next link once that is up, even if the previous link owed an answer', async () => {
    const { world, a, b } = await connectPlayers();
    world.network.cut();
    void a.manager.attemptIceRestart();
    void a.manager.connectToPeer(3);
    await pass(500);
    void a.manager.connectToPeer(2);
    void b.manager.connectToPeer(1);
    await pass(20_000);
    expect([a.manager.state, a.manager.iceRestartAttempts]).toEqual(['restarting', 1]);
    world.network.heal();
    await pass(5_000);
    expect([a.manager.state, a.manager.iceRestartAttempts]).toEqual(['connected', 0]);
  });

  it('stays 0 through an outage that is never announced', async () => {
    const { world, a } = await connectPlayers();
    world.network.cut();
    await pass(1_200);
    expect(a.manager.iceRestartAttempts).toBe(0);
    world.network.heal();
    await pass(5_000);
    expect(a.manager.iceRestartAttempts).toBe(0);
  });
});

describe('a game like upstream’s, paused by the server on a live link', () => {
  it('is resumed by restored', async () => {
    const { a, b } = await connectPlayers();
    const isPaused = { a: false, b: false };
    for (const [who, { manager, end }] of [
      ['a', a],
      ['b', b],
    ] as const) {
      manager.onConnectionRestored = () => {
        isPaused[who] = false;
      };
      end.socket.on('p2p_pause', () => {
        isPaused[who] = true;
        void manager.attemptIceRestart();
      });
    }
    for (const { end } of [a, b]) end.socket.receive('p2p_pause', { game_id: 'game' });
    expect(isPaused).toEqual({ a: true, b: true });
    await pass(30_000);
    expect(isPaused).toEqual({ a: false, b: false });
  });
});

describe('outages in a row', () => {
  it('are noticed equally soon: packets lost in the first do not count as loss of the link', async () => {
    const { world, a } = await connectPlayers();
    const noticedAfterMs = async () => {
      world.network.cut();
      const cutAtMs = Date.now();
      while (a.manager.state === 'connected' && Date.now() - cutAtMs < 5_000) await pass(50);
      return Date.now() - cutAtMs;
    };
    await pass(5_000);
    const firstMs = await noticedAfterMs();
    await pass(3_000);
    world.network.heal();
    await pass(2_000);
    expect(a.manager.state).toBe('connected');
    const secondMs = await noticedAfterMs();
    expect(secondMs).toBeLessThanOrEqual(firstMs + 200);
  });

  it('are each announced once, and none of six ends in failed', async () => {
    const { world, a, b } = await connectPlayers();
    for (let round = 0; round < 6; round += 1) {
      world.network.cut();
      await pass(12_000);
      world.network.heal();
      await pass(13_000);
    }
    for (const { heard, manager } of [a, b]) {
      expect(manager.state).toBe('connected');
      expect([countOf(heard, 'onConnectionLost'), countOf(heard, 'onConnectionRestored')]).toEqual([6, 6]);
      expect(countOf(heard, 'onConnectionFailed')).toBe(0);
    }
  });

  it('pair each lost with a restored, even on a link that flaps every two seconds', async () => {
    const { world, a, b } = await connectPlayers();
    for (let round = 0; round < 15; round += 1) {
      world.network.cut();
      await pass(2_000);
      world.network.heal();
      await pass(2_000);
    }
    await pass(15_000);
    for (const { heard, manager } of [a, b]) {
      expect(manager.state).toBe('connected');
      // Quality is left out: a flap that is over before it is suspected leaves a long round trip.
      const told = namesOf(heard).filter((name) => name !== 'onQualityDegraded');
      expect(told).toEqual(told.map((_, index) => (index % 2 ? 'onConnectionRestored' : 'onConnectionLost')));
      expect(told.length % 2).toBe(0);
    }
  });
});

describe('a callback that throws', () => {
  it('stops neither the machine nor the other listeners', async () => {
    const { world, a } = await connectPlayers();
    const told: string[] = [];
    a.manager.onConnectionLost = () => {
      throw new Error('the game has a bug');
    };
    a.manager.on('lost', () => told.push('lost'));
    a.manager.on('restored', () => told.push('restored'));
    world.network.cut();
    await pass(20_000);
    world.network.heal();
    await pass(5_000);
    expect(told).toEqual(['lost', 'restored']);
    expect(a.lines.filter(({ level }) => level === 'error')).toHaveLength(1);
  });
});

describe('an outage of both the network and signaling', () => {
  it.each([0, 700])(
    'spends no attempt on a socket that only seems to be up, with a delay of %i ms to the relay',
    async (delayMs) => {
      const { world, a, b } = createPlayers({ preset: 'rollback' });
      world.relay.delayMs = delayMs;
      void a.manager.connectToPeer(b.end.playerId);
      void b.manager.connectToPeer(a.end.playerId);
      await pass(5_000);
      world.cutOff();
      await pass(20_000);
      const counted = () =>
        [a, b].flatMap(({ lines }) => lines.filter(({ line }) => /restart attempt/.test(String(line[0]))));
      expect([a.manager.state, b.manager.state, counted()]).toEqual(['restarting', 'restarting', []]);
      world.reachAgain();
      await pass(5_000);
      expect([a.manager.state, b.manager.state]).toEqual(['connected', 'connected']);
    },
  );
});
