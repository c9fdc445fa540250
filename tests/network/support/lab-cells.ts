import { setTimeout as delay } from 'node:timers/promises';
import { BOTH_CONNECTED, type FaultTimes, type LabCell } from './cell.js';
import type { Lab } from './lab.js';
import type { Match } from './match.js';

type LabMatch = Match<Lab>;

const during = (seconds: number, begin: (match: LabMatch) => Promise<number>) => async (match: LabMatch) => {
  const faultAtMs = await begin(match);
  await delay(seconds * 1_000);
  return { faultAtMs, healedAtMs: await match.ground.heal() };
};

const lasting = (begin: (match: LabMatch) => Promise<number>) => async (match: LabMatch) => {
  const faultAtMs = await begin(match);
  return { faultAtMs, healedAtMs: faultAtMs };
};

const peerToPeerCut = (seconds: number, browsers: LabCell['browsers'], goalMs: number): LabCell => ({
  name: `udp-${seconds}-${browsers}`,
  title: `(1) peer-to-peer UDP dropped for ${seconds} s`,
  browsers,
  on: 'lab',
  fault: during(seconds, ({ ground }) => ground.cutPeerToPeerUdp()),
  end: BOTH_CONNECTED,
  figure: 'afterHealMs',
  goalMs,
  worstMs: browsers === 'cc' ? 250 : goalMs,
});

const fullCut = (seconds: number, goalMs: number | null, browsers: LabCell['browsers'] = 'cc'): LabCell => ({
  name: `peer-${seconds}-${browsers}`,
  title: `(2) one peer cut off entirely for ${seconds} s`,
  browsers,
  on: 'lab',
  fault: during(seconds, ({ ground }) => ground.cutPeer('a')),
  end: BOTH_CONNECTED,
  figure: 'afterHealMs',
  goalMs,
  ...(goalMs !== null && seconds >= 40 && { worstMs: goalMs }),
});

const withTurn = { withTurn: true } as const;

/** A reload is over when the page plays again, counted from its `connectToPeer`. */
const reload = async (match: LabMatch): Promise<FaultTimes> => {
  const faultAtMs = Date.now();
  await match.reload('b');
  const connect = (await match.drive('b', 'records')).find(({ name }) => name === 'connect');
  return { faultAtMs, healedAtMs: connect?.wallMs ?? faultAtMs };
};

const leaving = (
  name: string,
  title: string,
  leave: (match: LabMatch) => Promise<unknown>,
  end: LabCell['end'],
): LabCell => ({
  name,
  title,
  browsers: 'cc',
  on: 'lab',
  manager: { recoveryBudgetMs: 10_000 },
  fault: async (match) => {
    const faultAtMs = Date.now();
    await leave(match);
    return { faultAtMs, healedAtMs: faultAtMs };
  },
  end,
  figure: 'outageMs',
  goalMs: null,
});

export const LAB_CELLS: readonly LabCell[] = [
  ...[3, 8, 20, 40, 60].map((seconds) => peerToPeerCut(seconds, 'cc', 150)),
  peerToPeerCut(40, 'ff', 600),
  peerToPeerCut(40, 'cf', 600),
  ...[3, 8].map((seconds) => fullCut(seconds, null)),
  fullCut(20, 1_000),
  fullCut(40, 2_000),
  fullCut(60, 2_000),
  fullCut(40, null, 'ff'),
  {
    name: 'address-cc',
    title: '(3) a new address on one peer, the other behind a stateful firewall',
    browsers: 'cc',
    on: 'lab',
    fault: lasting(async ({ ground }) => {
      await ground.statefulFirewall('b');
      return ground.changeAddress('a');
    }),
    end: BOTH_CONNECTED,
    figure: 'outageMs',
    goalMs: 3_000,
  },
  {
    name: 'blocked-cc',
    title: '(4) direct path blocked for good, TURN reachable',
    browsers: 'cc',
    on: 'lab',
    match: withTurn,
    fault: lasting(({ ground }) => ground.blockDirectForGood()),
    end: BOTH_CONNECTED,
    figure: 'outageMs',
    goalMs: 1_200,
  },
  {
    name: 'direct-again-cc',
    title: '(4) direct path back after a while on the relay: silence until direct again',
    browsers: 'cc',
    on: 'lab',
    match: withTurn,
    manager: { directRetryMs: 4_000 },
    fault: async (match) => {
      await match.ground.blockDirectForGood();
      await match.until(['disconnected', 'restarting'], 10_000, ['a']);
      await match.until('connected', 10_000);
      // Long enough for ICE to forget the direct pairs; if sooner, it returns to them by itself.
      await delay(20_000);
      const healedAtMs = await match.ground.heal();
      await match.untilDirect(20_000);
      return { faultAtMs: healedAtMs, healedAtMs };
    },
    end: BOTH_CONNECTED,
    figure: 'silenceMs',
    goalMs: 200,
  },
  {
    name: 'turn-cc',
    title: '(5) TURN server back after 2 s on a relayed link',
    browsers: 'cc',
    on: 'lab',
    match: withTurn,
    manager: { forceRelay: true },
    fault: async ({ ground }) => {
      const faultAtMs = Date.now();
      await ground.turn.stop();
      await delay(2_000);
      await ground.turn.start();
      return { faultAtMs, healedAtMs: Date.now() };
    },
    end: BOTH_CONNECTED,
    figure: 'outageMs',
    goalMs: 3_500,
  },
  {
    name: 'one-way-cc',
    title: '(6) UDP lost one way for 20 s',
    browsers: 'cc',
    on: 'lab',
    fault: during(20, ({ ground }) => ground.oneWayLoss('a->b')),
    end: BOTH_CONNECTED,
    figure: 'afterHealMs',
    goalMs: null,
  },
  {
    name: 'reload-cc',
    title: '(7) a page reloads: playing again after it is back',
    browsers: 'cc',
    on: 'lab',
    fault: reload,
    end: BOTH_CONNECTED,
    figure: 'afterHealMs',
    goalMs: 500,
  },
  leaving('crash-cc', '(7) a browser crashes', (match) => match.crash('b'), { a: 'failed' }),
  leaving('leave-cc', '(7) a player leaves in good order', (match) => match.drive('b', 'close'), {
    a: 'closed',
    b: 'closed',
  }),
  {
    name: 'carrier-cc',
    title: '(8) carrier lost for 10 s',
    browsers: 'cc',
    on: 'lab',
    fault: async ({ ground }) => {
      const { at, back } = await ground.carrierLoss('a', 10_000);
      return { faultAtMs: at, healedAtMs: await back };
    },
    end: BOTH_CONNECTED,
    figure: 'afterHealMs',
    goalMs: null,
  },
  {
    name: 'relay-restart-cc',
    title: '(9) the relay server restarts during an outage of 20 s',
    browsers: 'cc',
    on: 'lab',
    fault: async (match) => {
      const faultAtMs = await match.ground.cutPeerToPeerUdp();
      await delay(5_000);
      await match.ground.stopRelay();
      await delay(5_000);
      await match.ground.startRelay();
      await delay(10_000);
      return { faultAtMs, healedAtMs: await match.ground.heal() };
    },
    end: BOTH_CONNECTED,
    figure: 'afterHealMs',
    goalMs: null,
  },
  {
    name: 'flapping-cc',
    title: '(11) the link flaps every 2 s for 60 s',
    browsers: 'cc',
    on: 'lab',
    fault: async ({ ground }) => {
      const faultAtMs = Date.now();
      for (let flap = 0; flap < 15; flap += 1) {
        await ground.cutPeerToPeerUdp();
        await delay(2_000);
        await ground.heal();
        await delay(2_000);
      }
      return { faultAtMs, healedAtMs: Date.now() };
    },
    end: BOTH_CONNECTED,
    figure: 'afterHealMs',
    goalMs: null,
  },
];
