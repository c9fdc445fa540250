import { connectionChart } from '../../../machines/chart';
import { linesOfChart } from '../../../machines/edges';
import type { Step } from '../../../model/chart-model';
import type { IsPossible } from '../../../model/paths';
import { findRoutes, type Route } from '../../../model/routes';
import { connectionWith } from '../../../model/subjects';
import { DELAYS_MS } from './pace';

/** A generated path along which a page can be led. */
export interface RealPath extends Route {
  /** The state after each step, and the arrows on the way, as the chart writes them. */
  readonly leaves: readonly string[];
  readonly arrows: readonly string[];
  readonly costMs: number;
}

/** What a world around a page cannot cause, or only after the next state is gone. */
const UNCAUSABLE: readonly RegExp[] = [
  // There is no TURN server in this world, and these browsers refuse no answer.
  / \| (credentials\.expiring|attempt\.failed|peer\.learned)/,
  // A browser reports *disconnected* before *failed*.
  /^(connected|restarting)\S* \| ice\.failed/,
  // A path that worked is checked for longer than a test can wait.
  /^disconnected \| ice\.failed/,
  /^(connected|restarting)\S* \| remote\.offer/,
  /^connected\S* \| life\.back/,
  // Over a dead path nobody hears that a channel closes; and when it opens, the first echo follows within a millisecond.
  /^(new|checking|disconnected|restarting|failed)\S* \| channel\.closed/,
  // A page that fails to connect to a known peer creates the connection again.
  /^checking\S* \| remote\.restart/,
  // Nothing can be done between an open channel and the link that comes with it.
  /^checking\S* \| channel\.opened/,
  /^(restarting\.waiting|disconnected|failed)\S* \| link\.up/,
  /^restarting\.(waiting\.backoff|attempting)\S* \| (signaling\.up|environment\.awake)/,
];

/** Each of these takes a browser long to report, or leaves nothing to connect with: the ways to other arrows avoid them. */
const DETOURS = ['ice.disconnected', 'ice.failed', 'gathering.empty'];

/** Here it matters whether signaling went down or the page fell asleep. */
const ACTIVE = /^restarting\.(waiting\.backoff|attempting)/;

/** What the server reports or carries; once it is gone it cannot go again. */
const SIGNALLED = /^(remote\.|signaling\.down)/;
const HEALABLE = ['life.silent', 'ice.disconnected', 'network.changed', 'restart'];

export const isWaking = ({ type, slept }: Step) => type === 'environment.awake' || slept === true;

const isCausable: IsPossible = (leaf, { type, slept }, context) => {
  const { evidence, cause, failure } = Object(context);
  const began = failure?.cause ?? cause;
  if (UNCAUSABLE.some((row) => row.test(`${leaf} | ${type}`))) return false;
  // The page froze before it woke, which was reported.
  if (slept) return leaf === 'restarting.waiting.reach' && !evidence.awake;
  if (type === 'environment.asleep') return evidence.awake;
  if (evidence.signaling === 'down' && SIGNALLED.test(type)) return false;
  // The old path exists only for an end that suspected it.
  if (type === 'life.back') return leaf === 'disconnected' || HEALABLE.includes(began);
  // A reloaded page has nothing to rebuild; one whose channel closed restarts nothing.
  const isFirst = leaf.startsWith('checking');
  if (type === 'remote.rebuild' && (!(evidence.wasUp || isFirst) || began === 'remote.rejoin')) return false;
  if (type === 'remote.restart' && began === 'channel.closed') return false;
  return type !== 'remote.offer' || !evidence.wasUp;
};

const COSTS_MS: Readonly<Record<string, number>> = {
  ...DELAYS_MS,
  'ice.disconnected': 6_500,
  'ice.failed': 16_000,
  'life.silent': 1_200,
  'remote.rebuild': 900,
};
const STEP_MS = 80;
const BEGIN_MS = 500;

/** The arrows of the chart by the part before the target. */
export const LINES: ReadonlyMap<string, string> = new Map(
  linesOfChart(connectionChart).map((line) => [line.split(' → ')[0] ?? '', line]),
);

/** A frozen page can only wake, and one that gathers nothing never connects. An offline page has lost its socket before it reports so. */
function isDeadEnd(leaf: string, { type }: Step, following: Step | undefined): boolean {
  const isFreezing = type === 'environment.asleep' && ACTIVE.test(leaf);
  if (!following || (isFreezing && isWaking(following))) return false;
  return isFreezing || type === 'gathering.empty';
}

/** @returns null if a step has no cause, or the chart refuses it. */
function toRealPath(route: Route): RealPath | null {
  const model = connectionWith(route.maxIceRestarts).model();
  const leaves: string[] = [];
  const arrows: string[] = [];
  let costMs = BEGIN_MS;
  for (const [index, step] of route.steps.entries()) {
    const before = model.leaf;
    if (isDeadEnd(before, step, route.steps[index + 1]) || !isCausable(before, step, model.context))
      return null;
    const reaction = model.take(step);
    if (!reaction) return null;
    const opened =
      before.startsWith('checking') && step.type === 'link.up' ? [`${before} | channel.opened`] : [];
    for (const row of [...opened, ...reaction.rows]) arrows.push(LINES.get(row) ?? row);
    leaves.push(model.leaf);
    costMs += COSTS_MS[step.type] ?? STEP_MS;
  }
  return { ...route, leaves, arrows, costMs };
}

/** Every generated path whose events have a real cause, once, the likeliest ways first. */
function realPaths(): RealPath[] {
  const quick: IsPossible = (leaf, step, context) =>
    isCausable(leaf, step, context) && !DETOURS.includes(step.type);
  const calm: IsPossible = (leaf, step, context) =>
    quick(leaf, step, context) && !(step.type === 'environment.asleep' && ACTIVE.test(leaf));
  const routes = [calm, quick, isCausable].flatMap((possible) => [...findRoutes(possible).values()].flat());
  const unique = new Map(
    routes.map((route) => [JSON.stringify([route.steps, route.maxIceRestarts]), route] as const).reverse(),
  );
  return [...unique.values()].reverse().flatMap((route) => toRealPath(route) ?? []);
}

export interface Choice {
  readonly chosen: readonly RealPath[];
  /** The time that they take together, one after the other. */
  readonly costMs: number;
  /** Arrows that are on no path, or on none within the budget. */
  readonly leftOver: readonly string[];
}

/** A greedy cover: repeatedly the path with the most wanted arrows for its cost, until all are covered or the budget is spent. */
export function choosePaths(wanted: readonly string[], budgetMs: number): Choice {
  const open = new Set(wanted);
  const chosen: RealPath[] = [];
  let costMs = 0;
  const gain = (path: RealPath) =>
    costMs + path.costMs > budgetMs
      ? 0
      : new Set(path.arrows.filter((each) => open.has(each))).size / path.costMs;
  const paths = realPaths();
  for (;;) {
    const best = paths.reduce((one, other) => (gain(other) > gain(one) ? other : one));
    if (gain(best) === 0) break;
    chosen.push(best);
    costMs += best.costMs;
    for (const arrow of best.arrows) open.delete(arrow);
  }
  return { chosen, costMs, leftOver: [...open] };
}
