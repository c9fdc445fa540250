import fc from 'fast-check';
import type { Census } from './census';
import { commandsOf } from './commands';
import type { Model } from './deed';
import { end } from './ending';
import { type Promises, Violation } from './invariants';
import { type Setting, settings } from './setting';
import { Universe } from './universe';

/** One world that kept its promises. Times in ms of that world. */
export interface Played {
  seed: number;
  lastedMs: number;
  /** How long it took from a whole network to the verdict of both ends. */
  verdictTookMs: number;
}

/** How to replay a failed world in its smallest form. */
interface Replay {
  path?: string;
  replayPath?: string;
}

export interface Failed {
  seed: number;
  replay: Replay;
  /** What fast-check says: the promise, and the smallest world found that breaks it. */
  report: string;
  /** The commands of that world. */
  commands: readonly string[];
  /** What happened in it, line by line. */
  trace: readonly string[];
}

export interface PlayOptions extends Replay {
  /** Checked at every moment, besides the promises that always are. */
  promises?: Promises;
}

interface Last {
  universe: Universe | null;
  /** The smallest one that broke a promise so far. */
  failed: Universe | null;
  verdictTookMs: number;
}

type Commands = Iterable<fc.AsyncCommand<Model, Universe>>;

/** @throws Violation */
async function live(universe: Universe, commands: Commands): Promise<number> {
  const { setting, presence, faults } = universe;
  await universe.pass(setting.calmMs);
  const model: Model = {
    isHere: (page) => presence[page] === 'here',
    isAwake: (page) => presence[page] === 'here' && !faults.isAsleep(page),
    isUpstream: (page) => setting.upstream === page,
  };
  await fc.asyncModelRun(() => ({ model, real: universe }), commands);
  return end(universe);
}

/** Runs one world to its end, on its own clock. @throws Violation */
async function playOut(universe: Universe, commands: Commands, last: Last): Promise<void> {
  last.universe = universe;
  const uninstall = universe.time.install(universe.random);
  const onRejection = (reason: unknown) =>
    universe.broken(new Violation('nothingThrows', `unhandled rejection: ${String(reason)}`));
  process.on('unhandledRejection', onRejection);
  try {
    last.verdictTookMs = await live(universe, commands);
  } catch (error) {
    last.failed = universe;
    throw error;
  } finally {
    uninstall();
    process.off('unhandledRejection', onRejection);
  }
}

/** Runs the world of a seed; if it breaks a promise, finds the smallest similar world that does. */
export async function play(
  seed: number,
  census: Census,
  { path, replayPath, promises }: PlayOptions = {},
): Promise<Played | Failed> {
  const last: Last = { universe: null, failed: null, verdictTookMs: 0 };
  const world = fc.asyncProperty(settings, commandsOf(replayPath), (setting: Setting, commands) =>
    playOut(new Universe(setting, census, promises), commands, last),
  );
  const outcome = await fc.check(world, {
    ...{ seed, numRuns: 1, unbiased: true },
    ...(path !== undefined && { path }),
  });
  if (!outcome.failed)
    return { seed, lastedMs: last.universe?.time.nowMs ?? 0, verdictTookMs: last.verdictTookMs };
  const report = `${String(outcome.errorInstance)}\n${fc.defaultReportMessage(outcome)}`;
  return {
    ...{ seed, report },
    replay: {
      ...(outcome.counterexamplePath !== null && { path: outcome.counterexamplePath }),
      replayPath: /replayPath="([^"]*)"/.exec(report)?.[1] ?? '',
    },
    commands: [...(outcome.counterexample?.[1] ?? [])].map(String),
    trace: last.failed?.trace ?? [],
  };
}
