import type { ArrowDefinition, MachineDefinition, StateDefinition } from 'holdfast/inspect';
import { eventLabel, type Fold, flatten, lineId } from './graph';

/** Details of a state or an arrow, as the machine declares it. */
export interface Details {
  title: string;
  /** Named lists: invoked actors, actions on entry and exit, nested states. */
  facts: [name: string, value: string][];
  arrows: { from: string; event: string; guard: string; target: string; actions: string }[];
}

/** The details of a state by its path, or of an arrow by the id of its line. Null if the machine has no such state or arrow. */
export function detailsOf({ root }: MachineDefinition, picked: string, fold: Fold): Details | null {
  const states = flatten(root);
  const state = states.find(({ path }) => path === picked);
  if (state) return detailsOfState(state, root);
  const arrows = states.flatMap((each) =>
    each.arrows
      .filter(({ target }) => target !== null && lineId(fold(each.path), fold(target)) === picked)
      .map((arrow) => describe(each, arrow)),
  );
  const [source = '', target = ''] = picked.split('>');
  return arrows.length > 0 ? { title: `${source} → ${target}`, facts: [], arrows } : null;
}

function detailsOfState(state: StateDefinition, root: StateDefinition): Details {
  const inside = flatten(state);
  const above = state.type === 'final' ? [] : [root];
  const facts: [string, string][] = [
    ['invokes', state.invoke.map(({ id }) => id).join(', ')],
    ['on entry', state.entry.join(', ')],
    ['on exit', state.exit.join(', ')],
    ['nested states', state.states.map(({ key }) => key).join(', ')],
  ];
  return {
    title: state.path.replaceAll('.', ' · '),
    facts: facts.filter(([, value]) => value !== ''),
    arrows: [...inside, ...above].flatMap((each) => each.arrows.map((arrow) => describe(each, arrow))),
  };
}

const describe = (state: StateDefinition, arrow: ArrowDefinition): Details['arrows'][number] => ({
  from: state.path === '' ? 'the root' : state.path,
  event: eventLabel(arrow),
  guard: arrow.guard ?? '',
  target: arrow.target ?? 'stays',
  actions: arrow.actions.join(', '),
});
