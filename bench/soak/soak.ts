import { cpus, loadavg } from 'node:os';
import { setTimeout as wait } from 'node:timers/promises';
import { scripts } from '../../server/package.json' with { type: 'json' };
import { quantile } from '../support/figures';
import type { AttackerOrder, AttackerReport, AttackerSettings } from './attackers';
import { type Child, start } from './child';
import type { HonestOrder, HonestReport, HonestSettings } from './honest';
import type { RelayOrder, RelayReport, RelaySettings } from './relay';

export interface SoakOptions {
  readonly seconds: number;
  readonly attackers: number;
  readonly games: number;
  readonly dataDir: string;
  print(line: string): void;
}

export interface Phase {
  readonly isAttacked: boolean;
  readonly seconds: number;
  readonly honest: HonestReport;
  readonly relay: RelayReport;
  /** Share of one core that the relay used. */
  readonly load: number;
  readonly frames: number;
  readonly connections: number;
  /** Attacking sockets that were open at the end. */
  readonly attackers: number;
}

export interface SoakResult {
  readonly phases: readonly Phase[];
  readonly dataDir: string;
  /** What the relay printed. */
  readonly printed: string;
}

/** Flags of Node, as in `npm start`. */
const RELAY_FLAGS = scripts.start.split(' ').filter((word) => /^--(v8|max)-/.test(word));
const ATTACKER_PROCESSES = 2;
/** Time at the start of a phase that is not counted, for the last packets of the previous phase and until the attackers are gone. */
const SETTLE_MS = 2_000;
const MAX_SETTLE_MS = 30_000;
/** Newcomers, and attackers whose end TCP has not reported yet. */
const SPARE_SOCKETS = 20;
const MAX_PHASE_S = 30;
const MIN_PAIRS = 3;

interface Cast {
  relay: Child<RelayOrder, RelayReport>;
  honest: Child<HonestOrder, HonestReport>;
  attackers: Child<AttackerOrder, AttackerReport>[];
}

/** Alternates quiet phases and attacks, with the same games. */
export async function startSoak(options: SoakOptions): Promise<SoakResult> {
  const { seconds, games, dataDir, print } = options;
  const pairs = Math.max(MIN_PAIRS, Math.round(seconds / (2 * MAX_PHASE_S)));
  const phaseS = seconds / (2 * pairs);
  const cast = await gather(options);
  try {
    print(
      `${cpus().length} cores, load ${loadavg()[0]?.toFixed(1)} before it began, Node ${process.version} ${RELAY_FLAGS.join(' ')}`,
    );
    print(
      `${games} honest games, ${options.attackers} attacking sockets, ${pairs} × (${phaseS} s quiet + ${phaseS} s attack)`,
    );
    const phases: Phase[] = [];
    for (let pair = 0; pair < pairs; pair += 1)
      for (const isAttacked of [false, true]) {
        const phase = await playPhase(cast, isAttacked, phaseS, games);
        phases.push(phase);
        print(describe(phase));
      }
    return { phases, dataDir, printed: cast.relay.printed() };
  } finally {
    await Promise.all([...cast.attackers, cast.honest].map((child) => child.end()));
    await cast.relay.end();
  }
}

async function gather({ attackers, games, dataDir }: SoakOptions): Promise<Cast> {
  const relay = start<RelayOrder, RelayReport>('relay', { dataDir } satisfies RelaySettings, RELAY_FLAGS);
  const { port } = await relay.ready;
  const count = Math.ceil(attackers / ATTACKER_PROCESSES);
  const hostile = Array.from({ length: ATTACKER_PROCESSES }, (_, index) =>
    start<AttackerOrder, AttackerReport>('attackers', {
      port,
      first: index * count,
      count,
    } satisfies AttackerSettings),
  );
  const honest = start<HonestOrder, HonestReport>('honest', { port, games } satisfies HonestSettings);
  await Promise.all([honest.ready, ...hostile.map(({ ready }) => ready)]);
  return { relay, honest, attackers: hostile };
}

async function playPhase(
  { relay, honest, attackers }: Cast,
  isAttacked: boolean,
  seconds: number,
  games: number,
): Promise<Phase> {
  const all = async (type: AttackerOrder['type']) =>
    sum(await Promise.all(attackers.map((each) => each.ask({ type }))));
  const before = await all(isAttacked ? 'begin' : 'rest');
  await wait(SETTLE_MS);
  if (!isAttacked) await untilGone(relay, 2 * games + SPARE_SOCKETS);
  const { cpuMs } = await relay.ask('glance');
  await honest.ask({ type: 'phase' });
  const beganMs = performance.now();
  await wait(seconds * 1_000);
  const measured = await honest.ask({ type: 'phase' });
  const passedMs = performance.now() - beganMs;
  const { cpuMs: cpuAfterMs } = await relay.ask('glance');
  const report = await relay.ask('report');
  const after = await all('report');
  return {
    isAttacked,
    seconds,
    honest: measured,
    relay: report,
    load: (cpuAfterMs - cpuMs) / passedMs,
    frames: after.frames - before.frames,
    connections: after.connections - before.connections,
    attackers: after.open,
  };
}

async function untilGone(relay: Cast['relay'], sockets: number): Promise<void> {
  const deadlineMs = performance.now() + MAX_SETTLE_MS;
  while ((await relay.ask('glance')).sockets > sockets && performance.now() < deadlineMs) await wait(500);
}

const sum = (reports: readonly AttackerReport[]) => ({
  frames: reports.reduce((total, { frames }) => total + frames, 0),
  connections: reports.reduce((total, { connections }) => total + connections, 0),
  open: reports.reduce((total, { open }) => total + open, 0),
});

function describe({
  isAttacked,
  honest,
  relay,
  load,
  frames,
  connections,
  seconds,
  attackers,
}: Phase): string {
  const [p50, p99] = [quantile(honest.latencies, 0.5), quantile(honest.latencies, 0.99)];
  const { newcomers } = honest;
  return [
    isAttacked ? 'attack' : 'quiet ',
    `p50 ${p50.toFixed(2)} ms p99 ${p99.toFixed(2)} ms`,
    `${honest.latencies.length} of ${honest.sent} signals, ${honest.refused} refused, ${honest.dropped} dropped`,
    `newcomers ${newcomers.served} of ${newcomers.begun} (slowest ${newcomers.slowestMs.toFixed(0)} ms)`,
    `relay ${(100 * load).toFixed(0)} % CPU, heap ${mebi(relay.heapBytes)}, rss ${mebi(relay.rssBytes)}, ${relay.sockets} sockets, ${relay.games} games`,
    ...(isAttacked
      ? [
          `${attackers} attackers open, ${(frames / seconds).toFixed(0)} hostile frames/s, ${(connections / seconds).toFixed(0)} connections/s`,
        ]
      : []),
  ].join('; ');
}

export const mebi = (bytes: number): string => `${(bytes / 2 ** 20).toFixed(1)} MiB`;
