import { Census } from './census';
import { type Failed, type Played, type PlayOptions, play } from './play';

export interface Run {
  census: Census;
  played: Played[];
  /** The first world that broke a promise: the run ends there. */
  failed: Failed | null;
  cpuMs: number;
}

export interface RunOptions {
  /** The seed of the first world; the next one has the next seed. */
  from: number;
  count: number;
  options?: PlayOptions;
  /** After how many worlds `tell` is called; also after the last. */
  every: number;
  tell(line: string): void;
}

const isFailed = (outcome: Played | Failed): outcome is Failed => 'report' in outcome;

/** Runs worlds one after the other until one breaks a promise. */
export async function runWorlds({ from, count, options, every, tell }: RunOptions): Promise<Run> {
  const census = new Census();
  const played: Played[] = [];
  const began = process.cpuUsage();
  for (let seed = from; seed < from + count; seed += 1) {
    const outcome = await play(seed, census, options);
    if (isFailed(outcome)) return { census, played, failed: outcome, cpuMs: cpuMsSince(began) };
    played.push(outcome);
    if (played.length % every === 0 || played.length === count)
      tell(`seeds ${from} to ${seed}: ${played.length} worlds kept their promises; next --from ${seed + 1}`);
  }
  return { census, played, failed: null, cpuMs: cpuMsSince(began) };
}

function cpuMsSince(began: NodeJS.CpuUsage): number {
  const { user, system } = process.cpuUsage(began);
  return (user + system) / 1_000;
}
