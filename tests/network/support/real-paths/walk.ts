import type { RealPath } from './choose-paths';
import { playForReal } from './real-causes';
import { type Lane, openLane, RealStage, type Role } from './real-stage';
import { World } from './world';

/** Paths wait more than they work, so that two cores can run several at once. */
export const LANES = 4;
/** A real network sometimes takes another way, which the chart judges, too; the path is then started again. */
const MAX_PLAYS = 4;

export interface Walk {
  plays: number;
  /** Arrows of the connection that were taken, on the paths and beside them, as the chart writes them. */
  readonly taken: Set<string>;
  readonly leaves: Set<string>;
  /** What a machine did that its chart does not contain. */
  readonly offences: string[];
  /** Paths that did not reach their end, with where each run left them. */
  readonly astray: string[];
}

/** The lower id offers first: whether that is our page decides which signals it can get. */
const likelyRole = ({ steps }: RealPath): Role =>
  steps.some(({ type }) => ['remote.offer', 'remote.rejoin', 'ice.failed'].includes(type))
    ? 'answerer'
    : 'offerer';

const nameOf = ({ steps, maxIceRestarts }: RealPath) =>
  `${steps.map(({ type }) => type).join(', ')} (${maxIceRestarts} attempts)`;

/** Leads real pages along the paths, the long ones first. */
export async function walk(paths: readonly RealPath[]): Promise<Walk> {
  const done: Walk = { plays: 0, taken: new Set(), leaves: new Set(), offences: [], astray: [] };
  const queue = [...paths].sort((one, other) => other.costMs - one.costMs);
  const world = await World.open();
  try {
    const lanes = await Promise.all(Array.from({ length: LANES }, () => openLane(world)));
    await Promise.all(lanes.map((lane) => walkOn(lane, queue, done)));
    for (const { ours, theirs } of lanes) done.offences.push(...ours.errors, ...theirs.errors);
    await Promise.all(lanes.map(({ gate }) => gate.close()));
  } finally {
    await world.close();
  }
  return done;
}

async function walkOn(lane: Lane, queue: RealPath[], done: Walk): Promise<void> {
  for (let path = queue.shift(); path; path = queue.shift()) {
    const roles: Role[] = likelyRole(path) === 'offerer' ? ['offerer', 'answerer'] : ['answerer', 'offerer'];
    const losses: string[] = [];
    while (losses.length < MAX_PLAYS) {
      const role = roles[losses.length % roles.length] ?? 'offerer';
      const loss = await play(path, role, lane, done);
      if (loss === null) break;
      losses.push(`as ${role}: ${loss}`);
    }
    if (losses.length === MAX_PLAYS) done.astray.push(`${nameOf(path)}: ${losses.join('; ')}`);
  }
}

async function play(path: RealPath, role: Role, lane: Lane, done: Walk): Promise<string | null> {
  done.plays += 1;
  const stage = await RealStage.open(path, role, lane);
  const loss = await playForReal(stage);
  await stage.close();
  const { arrows, leaves, undeclared, watched } = stage.witness;
  for (const arrow of arrows) done.taken.add(arrow);
  for (const leaf of leaves) done.leaves.add(leaf);
  for (const offence of [...undeclared, ...watched.mismatches])
    done.offences.push(`${nameOf(path)}: ${offence}`);
  const missed = path.arrows.filter((arrow) => !arrows.has(arrow));
  return loss ?? (missed.length === 0 ? null : `never took ${missed.join(', ')}`);
}
