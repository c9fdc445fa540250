import { setTimeout as delay } from 'node:timers/promises';
import type { DriverRecord } from '../../support/page-driver.js';
import type { Cell, FaultTimes } from './cell.js';
import { Lab } from './lab.js';
import { Loopback } from './loopback.js';
import { type Account, Match, type MatchOptions, PEERS, suspicions } from './match.js';
import type { Peer } from './namespaces.js';

export interface Figures {
  cell: string;
  /** From the fault to the first end's `disconnected` (or `restarting`). */
  noticeMs: number | null;
  afterHealMs: number | null;
  /** The longest silence of either end. */
  outageMs: number;
  /** The same, if no outage is visible at all. */
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

export interface Staged {
  readonly match: Match;
  /** Causes the fault and returns its outcome. */
  play(): Promise<Figures>;
}

/** Opens the cell's ground, with two connected players on it. The caller closes the match. */
export async function stage(cell: Cell, preset: 'default' | 'rollback'): Promise<Staged> {
  const options: MatchOptions = {
    ...cell.match,
    browsers: cell.browsers,
    manager: { preset, ...cell.manager },
  };
  if (cell.on === 'lab') {
    const match = await Match.open(await Lab.open(), options);
    return { match, play: () => play(cell, match, () => cell.fault(match)) };
  }
  const match = await Match.open(await Loopback.open(), options);
  return { match, play: () => play(cell, match, () => cell.fault(match)) };
}

async function play(cell: Cell, match: Match, fault: () => Promise<FaultTimes>): Promise<Figures> {
  const { faultAtMs, healedAtMs } = await fault();
  await untilEnded(cell, match, faultAtMs, healedAtMs);
  await delay(AFTERMATH_MS);
  const present = PEERS.filter((peer) => cell.end[peer]);
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
    faults: accounts.flatMap(([peer, account]) => faultsOf(peer, account, cell, faultAtMs)),
  };
}

async function untilEnded(cell: Cell, match: Match, faultAtMs: number, healedAtMs: number): Promise<void> {
  if (Object.values(cell.end).includes('connected')) {
    const endsOutOfSight = cell.figure === 'outageMs';
    if (endsOutOfSight) await match.untilNoticed(faultAtMs, PATIENCE_MS);
    await match.until('connected', PATIENCE_MS);
    // An idle game also has to prove its link at the end.
    if (cell.match?.hz === 0) await Promise.all(PEERS.map((peer) => match.drive(peer, 'startSending')));
    await match.untilFresh(endsOutOfSight ? Date.now() : healedAtMs, PATIENCE_MS);
  }
  for (const peer of PEERS) {
    const end = cell.end[peer];
    if (end) await match.until(end, PATIENCE_MS, [peer]);
  }
}

const named = ({ records }: Account, name: string) => records.filter((record) => record.name === name);

function noticeMs(account: Account, faultAtMs: number): number | null {
  const notice = suspicions(account.records).find(({ wallMs }) => wallMs >= faultAtMs);
  return notice ? notice.wallMs - faultAtMs : null;
}

function attemptsOf(account: Account): number {
  const counts = named(account, 'state').map(({ detail }) =>
    typeof detail === 'object' && detail !== null && 'attempts' in detail ? Number(detail.attempts) : 0,
  );
  return Math.max(0, ...counts);
}

/** What differs from the cell: the end, the announcements, and what it forbids. */
function faultsOf(peer: Peer, account: Account, { end, forbids }: Cell, faultAtMs: number): string[] {
  const faults = pairingFaultsOf(account.records, end[peer] === 'closed');
  if (account.state !== end[peer]) faults.push(`ended ${account.state}, not ${end[peer]}`);
  if (account.unheardRestores > 0) faults.push('was told restored, and nothing came');
  const since = account.records.filter(({ wallMs }) => wallMs >= faultAtMs);
  const losses = since.filter(({ name }) => name === 'onConnectionLost').length;
  if (forbids && losses > 0) faults.push(`was told lost ${losses} times`);
  const doubts = suspicions(since).length;
  if (forbids === 'suspicion' && doubts > 0) faults.push(`suspected the link ${doubts} times`);
  return faults.map((fault) => `${peer} ${fault}`);
}

/** Callbacks are strictly paired: every *lost* is followed by one *restored* or *failed*. */
function pairingFaultsOf(records: readonly DriverRecord[], endsClosed: boolean): string[] {
  const faults: string[] = [];
  let isLost = false;
  for (const { source, name } of records) {
    if (source !== 'callback') continue;
    if (name === 'onConnectionLost') {
      if (isLost) faults.push('was told lost twice');
      isLost = true;
    }
    if (name === 'onConnectionRestored' || name === 'onConnectionFailed') {
      if (!isLost && name === 'onConnectionRestored') faults.push('was told restored without lost');
      isLost = false;
    }
  }
  if (isLost && !endsClosed) faults.push('was told lost and nothing after it');
  return faults;
}
