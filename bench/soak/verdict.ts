import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { median, quantile } from '../support/figures';
import { PLANTED } from './attacks';
import { mebi, type Phase, type SoakResult } from './soak';

/** Goal for the relay's p99 under attack relative to the same games without it, and the limit above which even a short run on a busy machine shows a defect. */
const GOAL_RATIO = 3;
const MAX_SHORT_RATIO = 15;
/**
 * Without an attack a signal takes a few milliseconds. If it takes longer, the machine is busy with other work, and an attack would then measure
 * its scheduler and not the relay. Service is then printed but not judged.
 */
const MAX_QUIET_P99_MS = 20;
/** Minimum share of honest signals and newcomers that are served. */
const MIN_SERVED = 0.99;
/** How much more memory the relay may hold at the end than early on. Its stores are bounded, but full only after two minutes (held seats). */
const MAX_GROWTH_BYTES = 64 * 2 ** 20;
/** With more quiet phases than this, the memory in the middle is compared with the last, because the stores are full by then and nothing may grow. */
const LONG = 8;
const MAX_LONG_GROWTH_BYTES = 8 * 2 ** 20;

interface Check {
  readonly what: string;
  readonly isMet: boolean;
}

/** Prints the figures and their limits. @returns whether all limits are met. */
export async function judge(result: SoakResult, print: (line: string) => void): Promise<boolean> {
  const [quiet, attacked] = [false, true].map((is) =>
    result.phases.filter(({ isAttacked }) => isAttacked === is),
  );
  const service = [...checkLatency(quiet ?? [], attacked ?? [], print), ...checkService(result.phases)];
  const checks = [checkMemory(quiet ?? []), ...(await checkSecrets(result, print))];
  const isBusy = p99Of(quiet ?? []) > MAX_QUIET_P99_MS;
  if (isBusy)
    print(`THE MACHINE IS TOO BUSY TO JUDGE SERVICE: ${MAX_QUIET_P99_MS} ms is the limit of the quiet p99`);
  for (const { what, isMet } of [...service, ...checks]) print(`${isMet ? 'ok    ' : 'FAILED'} ${what}`);
  return [...(isBusy ? [] : service), ...checks].every(({ isMet }) => isMet);
}

const isLong = (quiet: readonly Phase[]): boolean => quiet.length > LONG;

const p99Of = (phases: readonly Phase[]): number =>
  quantile(
    phases.flatMap(({ honest }) => honest.latencies),
    0.99,
  );

function checkLatency(
  quiet: readonly Phase[],
  attacked: readonly Phase[],
  print: (line: string) => void,
): Check[] {
  const [calm, under] = [p99Of(quiet), p99Of(attacked)];
  const ratio = under / calm;
  print(`relay latency p99: quiet ${calm.toFixed(2)} ms, under attack ${under.toFixed(2)} ms`);
  print(`ratio ${ratio.toFixed(2)} (goal ${GOAL_RATIO}: ${ratio <= GOAL_RATIO ? 'reached' : 'MISSED'})`);
  const limit = isLong(quiet) ? GOAL_RATIO : MAX_SHORT_RATIO;
  return [{ what: `the ratio is at most ${limit}`, isMet: ratio <= limit }];
}

function checkService(phases: readonly Phase[]): Check[] {
  const total = (of: (phase: Phase) => number) => phases.reduce((sum, phase) => sum + of(phase), 0);
  const sent = total(({ honest }) => honest.sent);
  const arrived = total(({ honest }) => honest.latencies.length);
  const begun = total(({ honest }) => honest.newcomers.begun);
  const served = total(({ honest }) => honest.newcomers.served);
  const dropped = total(({ honest }) => honest.dropped);
  const refused = total(({ honest }) => honest.refused);
  return [
    { what: `honest signals arrive: ${arrived} of ${sent}`, isMet: sent > 0 && arrived / sent >= MIN_SERVED },
    { what: `none is refused: ${refused}`, isMet: refused === 0 },
    { what: `no honest player is disconnected: ${dropped}`, isMet: dropped === 0 },
    { what: `newcomers are served: ${served} of ${begun}`, isMet: served >= begun * MIN_SERVED - 1 },
  ];
}

/** Each sample is taken after an attack and after garbage collection, so it shows only live memory. */
function checkMemory(quiet: readonly Phase[]): Check {
  const held = quiet.slice(1).map(({ relay }) => relay.heapBytes + relay.externalBytes);
  const wasLong = isLong(quiet);
  const middle = Math.floor(held.length / 2);
  const early = wasLong ? median(held.slice(middle - 2, middle + 1)) : (held[0] ?? Number.NaN);
  const late = wasLong ? median(held.slice(-3)) : (held.at(-1) ?? Number.NaN);
  const limit = wasLong ? MAX_LONG_GROWTH_BYTES : MAX_GROWTH_BYTES;
  const what = `memory is flat: ${mebi(early)} ${wasLong ? 'in the middle' : 'after the first attack'}, ${mebi(late)} at the end`;
  return { what, isMet: late - early <= limit };
}

async function checkSecrets(
  { dataDir, printed }: SoakResult,
  print: (line: string) => void,
): Promise<Check[]> {
  const names = await readdir(dataDir);
  let bytes = 0;
  const leaks = new Set<string>();
  const look = (where: string, text: string) => {
    bytes += text.length;
    for (const [kind, secret] of Object.entries(PLANTED))
      if (text.includes(secret)) leaks.add(`${kind} in ${where}`);
    if (/\bv=0\b|a=ice-pwd|127\.\d+\.\d+\.\d+/.test(text))
      leaks.add(`a description or an address in ${where}`);
  };
  look('the log', printed);
  for (const name of names)
    look('a research file', `${name}\n${await readFile(join(dataDir, name), 'utf8')}`);
  const lines = printed.split('\n').length - 1;
  print(`the relay logged ${lines} lines (${mebi(printed.length)}), and ${names.length} research files`);
  return [
    {
      what: `nothing secret in ${mebi(bytes)} of logs: ${[...leaks].join(', ') || 'none'}`,
      isMet: leaks.size === 0,
    },
  ];
}
