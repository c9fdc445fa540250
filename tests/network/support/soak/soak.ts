import { setTimeout as delay } from 'node:timers/promises';
import { seededRandom } from '../../../../src/testing/random';
import { eventually } from '../../../support/browser-page';
import { SoakDiary } from './soak-diary.js';
import { SOAK_FAULTS } from './soak-faults.js';
import type { SoakPlayer } from './soak-player.js';
import { mebibytes } from './soak-print.js';
import { openScene, type SoakScene } from './soak-scene.js';

export interface SoakOptions {
  readonly minutes: number;
  readonly seed: number;
  /** Called for each round. */
  readonly say?: (line: string) => void;
}

export interface SoakResult {
  readonly seed: number;
  /** How often each kind occurred, in the order of the first. */
  readonly faults: ReadonlyMap<string, number>;
  readonly diaries: readonly SoakDiary[];
  readonly violations: readonly string[];
}

const PERIOD_MS = 20_000;
/** A fault and its aftermath fit into one period. */
const PATIENCE_MS = 15_000;
/** Faces of the UDP relay that have been unused for so long belong to closed connections. */
const IDLE_FACE_MS = 60_000;

/** Two Chromium pages keep playing, with a fault every 20 s. */
export async function soak({ minutes, seed, say = () => undefined }: SoakOptions): Promise<SoakResult> {
  const scene = await openScene(seed);
  try {
    return await run(scene, Math.max(1, Math.round((minutes * 60_000) / PERIOD_MS)), seed, say);
  } finally {
    await scene.close();
  }
}

async function run(
  { ground, players }: SoakScene,
  rounds: number,
  seed: number,
  say: (line: string) => void,
): Promise<SoakResult> {
  const next = shuffledForEver(SOAK_FAULTS, seededRandom(seed));
  const diaries = players.map((player) => new SoakDiary(player));
  const readAll = (round: number) => Promise.all(diaries.map((diary) => diary.read(round)));
  const faults = new Map<string, number>();
  const violations: string[] = [];
  const seen = players.map(() => 0);

  await readAll(0);
  for (let round = 1; round <= rounds; round += 1) {
    const period = delay(PERIOD_MS);
    const { kind, isSeenBy, strike } = next();
    faults.set(kind, (faults.get(kind) ?? 0) + 1);
    for (const page of isSeenBy) seen[page] = (seen[page] ?? 0) + 1;
    await strike(ground);
    await untilPlaying(players).catch((error: unknown) =>
      violations.push(`round ${round}, ${kind}: ${error}`),
    );
    const heaps = (await readAll(round)).map(({ heapBytes }) => mebibytes(heapBytes));
    say(`round ${round} of ${rounds}: ${kind}; heap ${heaps.join(' and ')}`);
    await ground.udp.forgetIdle(IDLE_FACE_MS);
    await period;
  }
  diaries.forEach((diary, index) => {
    const missed = (seen[index] ?? 0) - diary.outages.length;
    const own = diary.violations();
    if (missed > 0) own.push(`${missed} outages that it cannot have overlooked are not in the log`);
    violations.push(...own.map((violation) => `page ${index + 1}: ${violation}`));
  });
  return { seed, faults, diaries, violations };
}

/** Both connected, and each has received something that was sent from now on. */
async function untilPlaying(players: readonly SoakPlayer[]): Promise<void> {
  const since = Date.now();
  for (const player of players)
    await eventually(
      () => player.look(),
      ({ state, newestSentAtMs }) => state === 'connected' && newestSentAtMs > since,
      { timeoutMs: PATIENCE_MS, what: 'a link that plays' },
    );
}

/** Each item once before any comes again. */
function shuffledForEver<Item>(items: readonly Item[], random: () => number): () => Item {
  let left: Item[] = [];
  return () => {
    if (left.length === 0) left = [...items];
    const [item] = left.splice(Math.floor(random() * left.length), 1);
    if (item === undefined) throw new Error('nothing to choose from');
    return item;
  };
}
