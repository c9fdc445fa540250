import type { AnyMachineSnapshot } from 'xstate';
import type { Step } from './chart-model';
import { generatePaths, type IsPossible } from './paths';
import { connectionWith } from './subjects';

/** A way to a row of the chart, for a link that may make this many attempts. */
export interface Route {
  readonly steps: readonly Step[];
  readonly maxIceRestarts: number;
}

const isFirst = (leaf: string) => leaf.startsWith('checking');
const isUp = (leaf: string) => leaf.startsWith('connected');
const BREAKS = ['channel.closed', 'ice.failed', 'gathering.empty', 'after connectTimeout'];
const isBroken = (leaf: string, type: string) => isFirst(leaf) && BREAKS.includes(type);

/** A world may hardly ever take the shortest way to a state, so each row is searched for on ways of several kinds. */
const WAYS: readonly ((leaf: string, type: string) => boolean)[] = [
  // A link that was up falls silent, and may come back: a Holdfast peer rebuilds, an upstream one restarts.
  ...['remote.restart', 'remote.rebuild'].map(
    (unlikely) => (leaf: string, type: string) =>
      !isBroken(leaf, type) &&
      !['remote.rejoin', ...(isUp(leaf) ? ['channel.closed'] : [unlikely])].includes(type),
  ),
  // The other page is reloaded.
  (leaf, type) => !isBroken(leaf, type) && !(isUp(leaf) && type === 'channel.closed'),
  // A link that was up loses its channel.
  (leaf, type) =>
    !isBroken(leaf, type) &&
    !(isUp(leaf) && ['ice.disconnected', 'life.silent', 'remote.rejoin'].includes(type)),
  // A first connect is never answered.
  (leaf, type) => !isBroken(leaf, type) || type === 'after connectTimeout',
  () => true,
];

/** The routes that end with each row, by the row's name; the likeliest first. */
export function findRoutes(isCausable: IsPossible): Map<string, Route[]> {
  const routes = new Map<string, Route[]>();
  // Two as well, because a failed attempt counts and some rows need another one left.
  for (const maxIceRestarts of [1, 0, 2]) {
    const plain = connectionWith(maxIceRestarts);
    const subject = {
      ...plain,
      keyOf: (snapshot: AnyMachineSnapshot) => plain.keyOf(snapshot) + snapshot.context.evidence.wasUp,
    };
    for (const isOnWay of WAYS) {
      const found = new Set<string>();
      const paths = generatePaths(
        subject,
        (leaf, step, context) => isCausable(leaf, step, context) && isOnWay(leaf, step.type),
      );
      for (const { steps } of paths.sort((a, b) => a.steps.length - b.steps.length)) {
        const model = subject.model();
        const rows = steps.map((step) => model.take(step)?.rows ?? []).at(-1) ?? [];
        for (const row of rows.filter((each) => !found.has(each))) {
          found.add(row);
          routes.set(row, [...(routes.get(row) ?? []), { steps, maxIceRestarts }]);
        }
      }
    }
  }
  return routes;
}
