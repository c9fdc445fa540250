import type { AnyMachineSnapshot } from 'xstate';
import { getShortestPaths } from 'xstate/graph';
import type { Step } from './chart-model';
import { delaysOf, leafOf, toStep } from './observed';
import type { Subject } from './subjects';

export interface Path {
  readonly steps: readonly Step[];
}

/** Whether an event may come in a state; paths leave it out if not. */
export type IsPossible = (leaf: string, step: Step, context: unknown) => boolean;

/**
 * The shortest way to each state that the subject distinguishes, and from there each event. Each accepted event has its own path, because it
 * leads away; all refused events share one path, because they must change nothing.
 */
export function generatePaths(
  { machine, input, events, keyOf }: Subject,
  isPossible: IsPossible = () => true,
): Path[] {
  const alphabet = [...events, ...delaysOf(machine)];
  const ways = getShortestPaths(machine, {
    input,
    events: alphabet,
    serializeState: keyOf,
    stopWhen: (snapshot: AnyMachineSnapshot) => snapshot.status !== 'active',
    filterEvents: (snapshot: AnyMachineSnapshot, event: Step) =>
      snapshot.can(event) && isPossible(leafOf(snapshot), toStep(event), snapshot.context),
  } as Parameters<typeof getShortestPaths>[1]);
  return ways.flatMap(({ state, steps }) => {
    const end: AnyMachineSnapshot = state;
    const way = steps.map(({ event }) => toStep(event)).filter(({ type }) => type !== 'xstate.init');
    if (end.status !== 'active') return [{ steps: way }];
    const taken = alphabet.filter(
      (event) => end.can(event) && isPossible(leafOf(end), toStep(event), end.context),
    );
    const refused = events.filter((event) => !taken.includes(event));
    return [[...refused], ...taken.map((event) => [event])].map((rest) => ({
      steps: [...way, ...rest.map(toStep)],
    }));
  });
}
