import { setTimeout as delay } from 'node:timers/promises';
import type { Account, Match, MatchOptions } from './match.js';
import { PEERS } from './match.js';
import type { Peer } from './namespaces.js';

/** What a fault leaves to look at. Times in ms of the wall clock. */
export interface FaultTimes {
  faultAtMs: number;
  /** The end of the fault, or its beginning where it has none. */
  healedAtMs: number;
}

/** One cell of the matrix: a fault between two browsers, and how it is to end. */
export interface Cell {
  name: string;
  title: string;
  browsers: MatchOptions['browsers'];
  match?: Partial<MatchOptions>;
  manager?: MatchOptions['manager'];
  fault(match: Match): Promise<FaultTimes>;
  /** Ends that are still there, and the state in which they must end. */
  end: Partial<Record<Peer, 'connected' | 'failed' | 'closed'>>;
  /** What the figure of this cell is, of those in {@link Figures}. */
  figure: 'afterHealMs' | 'outageMs' | 'silenceMs';
  goalMs: number | null;
}

const bothConnected = { a: 'connected', b: 'connected' } as const;

const during = (seconds: number, begin: (match: Match) => Promise<number>) => async (match: Match) => {
  const faultAtMs = await begin(match);
  await delay(seconds * 1_000);
  return { faultAtMs, healedAtMs: await match.lab.heal() };
};

const lasting = (begin: (match: Match) => Promise<number>) => async (match: Match) => {
  const faultAtMs = await begin(match);
  return { faultAtMs, healedAtMs: faultAtMs };
};

const peerToPeerCut = (seconds: number, browsers: Cell['browsers'], goalMs: number): Cell => ({
  name: `udp-${seconds}-${browsers}`,
  title: `(1) peer-to-peer UDP dropped for ${seconds} s`,
  browsers,
  fault: during(seconds, ({ lab }) => lab.cutPeerToPeerUdp()),
  end: bothConnected,
  figure: 'afterHealMs',
  goalMs,
});

const fullCut = (seconds: number, goalMs: number | null): Cell => ({
  name: `peer-${seconds}-cc`,
  title: `(2) one peer cut off entirely for ${seconds} s`,
  browsers: 'cc',
  fault: during(seconds, ({ lab }) => lab.cutPeer('a')),
  end: bothConnected,
  figure: 'afterHealMs',
  goalMs,
});

const withTurn = { withTurn: true } as const;

/** A reload is over when the page plays again: counted from its `connectToPeer`. */
const reload = async (match: Match): Promise<FaultTimes> => {
  const faultAtMs = Date.now();
  await match.reload('b');
  const connect = (await match.drive('b', 'records')).find(({ name }) => name === 'connect');
  return { faultAtMs, healedAtMs: connect?.wallMs ?? faultAtMs };
};

const leaving = (
  name: string,
  title: string,
  leave: (match: Match) => Promise<unknown>,
  end: Cell['end'],
): Cell => ({
  name,
  title,
  browsers: 'cc',
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

export const CELLS: readonly Cell[] = [
  ...[3, 8, 20, 40, 60].map((seconds) => peerToPeerCut(seconds, 'cc', 150)),
  peerToPeerCut(40, 'ff', 600),
  peerToPeerCut(40, 'cf', 600),
  ...[3, 8].map((seconds) => fullCut(seconds, null)),
  fullCut(20, 1_000),
  fullCut(40, 2_000),
  fullCut(60, 2_000),
  {
    name: 'address-cc',
    title: '(3) a new address on one peer, the other behind a stateful firewall',
    browsers: 'cc',
    fault: lasting(async ({ lab }) => {
      await lab.statefulFirewall('b');
      return lab.changeAddress('a');
    }),
    end: bothConnected,
    figure: 'outageMs',
    goalMs: 3_000,
  },
  {
    name: 'blocked-cc',
    title: '(4) direct path blocked for good, TURN reachable',
    browsers: 'cc',
    match: withTurn,
    fault: lasting(({ lab }) => lab.blockDirectForGood()),
    end: bothConnected,
    figure: 'outageMs',
    goalMs: 1_200,
  },
  {
    name: 'direct-again-cc',
    title: '(4) direct path back after a while on the relay: silence until direct again',
    browsers: 'cc',
    match: withTurn,
    manager: { directRetryMs: 4_000 },
    fault: async (match) => {
      await match.lab.blockDirectForGood();
      await match.until(['disconnected', 'restarting'], 10_000, ['a']);
      await match.until('connected', 10_000);
      // Long enough for ICE to forget the direct pairs: sooner, it finds back by itself.
      await delay(20_000);
      const healedAtMs = await match.lab.heal();
      await match.untilDirect(20_000);
      return { faultAtMs: healedAtMs, healedAtMs };
    },
    end: bothConnected,
    figure: 'silenceMs',
    goalMs: 200,
  },
  {
    name: 'turn-cc',
    title: '(5) TURN server back after 2 s on a relayed link',
    browsers: 'cc',
    match: withTurn,
    manager: { forceRelay: true },
    fault: async ({ lab }) => {
      const faultAtMs = Date.now();
      await lab.turn.stop();
      await delay(2_000);
      await lab.turn.start();
      return { faultAtMs, healedAtMs: Date.now() };
    },
    end: bothConnected,
    figure: 'outageMs',
    goalMs: 3_500,
  },
  {
    name: 'one-way-cc',
    title: '(6) UDP lost one way for 20 s',
    browsers: 'cc',
    fault: during(20, ({ lab }) => lab.oneWayLoss('a->b')),
    end: bothConnected,
    figure: 'afterHealMs',
    goalMs: null,
  },
  {
    name: 'reload-cc',
    title: '(7) a page reloads: playing again after it is back',
    browsers: 'cc',
    fault: reload,
    end: bothConnected,
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
    fault: async ({ lab }) => {
      const { at, back } = await lab.carrierLoss('a', 10_000);
      return { faultAtMs: at, healedAtMs: await back };
    },
    end: bothConnected,
    figure: 'afterHealMs',
    goalMs: null,
  },
  {
    name: 'relay-restart-cc',
    title: '(9) the relay server restarts during an outage of 20 s',
    browsers: 'cc',
    fault: async (match) => {
      const faultAtMs = await match.lab.cutPeerToPeerUdp();
      await delay(5_000);
      await match.lab.stopRelay();
      await delay(5_000);
      await match.lab.startRelay();
      await delay(10_000);
      return { faultAtMs, healedAtMs: await match.lab.heal() };
    },
    end: bothConnected,
    figure: 'afterHealMs',
    goalMs: null,
  },
  {
    name: 'flapping-cc',
    title: '(11) the link flaps every 2 s for 60 s',
    browsers: 'cc',
    fault: async ({ lab }) => {
      const faultAtMs = Date.now();
      for (let flap = 0; flap < 15; flap += 1) {
        await lab.cutPeerToPeerUdp();
        await delay(2_000);
        await lab.heal();
        await delay(2_000);
      }
      return { faultAtMs, healedAtMs: Date.now() };
    },
    end: bothConnected,
    figure: 'afterHealMs',
    goalMs: null,
  },
];

export interface Figures {
  cell: string;
  /** From the fault to the first end's `disconnected` (or `restarting`). */
  noticeMs: number | null;
  afterHealMs: number | null;
  /** The longest silence of either end. */
  outageMs: number;
  /** The same, where no outage is to be seen at all. */
  silenceMs: number;
  /** Messages older than 500 ms that were delivered after the cut, of either end. */
  stale: number;
  states: Partial<Record<Peer, string>>;
  attempts: number;
  /** What is wrong with the end or the announcements; empty in a good run. */
  faults: string[];
}

/** Longest wait for the end of a cell, after its fault has ended. */
const PATIENCE_MS = 60_000;
/** After the link is up, time for a late announcement to show. */
const AFTERMATH_MS = 1_500;

/** Runs a cell on a match and says what came of it. */
export async function play(cell: Cell, match: Match): Promise<Figures> {
  const { faultAtMs, healedAtMs } = await cell.fault(match);
  const present = PEERS.filter((peer) => cell.end[peer]);
  const ends = new Set(Object.values(cell.end));
  if (ends.has('connected')) {
    if (cell.figure === 'outageMs') await match.until(['disconnected', 'restarting'], PATIENCE_MS, ['a']);
    await match.until('connected', PATIENCE_MS);
    await match.untilFresh(Math.max(healedAtMs, cell.figure === 'outageMs' ? Date.now() : 0), PATIENCE_MS);
  }
  for (const peer of present) await match.until(cell.end[peer] ?? [], PATIENCE_MS, [peer]);
  await delay(AFTERMATH_MS);
  const accounts = await Promise.all(
    present.map(async (peer) => [peer, await match.account(peer, faultAtMs, healedAtMs)] as const),
  );
  const fresh = accounts.map(([, { freshMs }]) => freshMs);
  const silenceMs = Math.max(...accounts.map(([, { traffic }]) => traffic.longestSilenceMs));
  const notices = accounts.flatMap(([, account]) => noticeMs(account, faultAtMs) ?? []);
  return {
    cell: cell.name,
    noticeMs: notices.length === 0 ? null : Math.min(...notices),
    afterHealMs: fresh.some((ms) => ms === null) ? null : Math.max(...fresh.map(Number)),
    outageMs: silenceMs,
    silenceMs,
    stale: Math.max(...accounts.map(([, { traffic }]) => traffic.stale)),
    states: Object.fromEntries(accounts.map(([peer, { state }]) => [peer, state])),
    attempts: Math.max(...accounts.map(([, account]) => attemptsOf(account))),
    faults: accounts.flatMap(([peer, account]) => faultsOf(peer, account, cell.end[peer])),
  };
}

const named = ({ records }: Account, name: string) => records.filter((record) => record.name === name);

const stateOf = (record: { detail: unknown }) =>
  typeof record.detail === 'object' && record.detail !== null && 'state' in record.detail
    ? record.detail.state
    : null;

function noticeMs(account: Account, faultAtMs: number): number | null {
  const notice = named(account, 'state').find(
    (record) =>
      record.wallMs >= faultAtMs && ['disconnected', 'restarting'].includes(String(stateOf(record))),
  );
  return notice ? notice.wallMs - faultAtMs : null;
}

function attemptsOf(account: Account): number {
  const counts = named(account, 'state').map(({ detail }) =>
    typeof detail === 'object' && detail !== null && 'attempts' in detail ? Number(detail.attempts) : 0,
  );
  return Math.max(0, ...counts);
}

/** The end that was due, and callbacks strictly paired: every *lost* is followed by one *restored* or *failed*. */
function faultsOf(peer: Peer, account: Account, end: string | undefined): string[] {
  const faults: string[] = [];
  if (account.state !== end) faults.push(`${peer} ended ${account.state}, not ${end}`);
  let isLost = false;
  for (const { source, name } of account.records) {
    if (source !== 'callback') continue;
    if (name === 'onConnectionLost') {
      if (isLost) faults.push(`${peer} was told lost twice`);
      isLost = true;
    }
    if (name === 'onConnectionRestored' || name === 'onConnectionFailed') {
      if (!isLost && name === 'onConnectionRestored') faults.push(`${peer} was told restored without lost`);
      isLost = false;
    }
  }
  if (isLost && end !== 'closed') faults.push(`${peer} was told lost and nothing after it`);
  return faults;
}
