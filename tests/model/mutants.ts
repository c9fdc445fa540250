import { type AnyStateMachine, type AnyStateNode, createMachine, not } from 'xstate';
import type { Chart } from '../machines/chart';
import { rowsOf } from './chart-model';
import {
  at,
  type Config,
  type Edge,
  type EdgeList,
  edgeListsOf,
  type Place,
  placesOf,
  toConfig,
} from './machine-config';

/** A machine with one defect. */
export interface Mutant {
  readonly kind: string;
  readonly name: string;
  /** Whether a row of the chart leads through what was changed: its paths are tried first. */
  isNear(row: string): boolean;
  build(): AnyStateMachine;
}

const innermost = (node: AnyStateNode): AnyStateNode => {
  const first = node.initial?.target[0];
  return first ? innermost(first) : node;
};

const without = <Item>(list: readonly Item[], index: number): Item[] =>
  list.filter((_item, each) => each !== index);

/** Makes every mutant of a machine's configuration. */
export class Mutator {
  readonly #machine: AnyStateMachine;
  readonly #chart: Chart;
  readonly #config: Config;
  readonly #leaves: string[];
  #others = Number.POSITIVE_INFINITY;

  constructor(machine: AnyStateMachine, chart: Chart) {
    this.#machine = machine;
    this.#chart = chart;
    this.#config = toConfig(machine.config);
    this.#leaves = Object.keys(chart.states);
  }

  /** Nothing changed: whatever kills this one proves nothing about the others. */
  unchanged(): AnyStateMachine {
    return this.#build(() => {});
  }

  /** Leads each edge to another state and exchanges each delay for another one; if thorough, for all others. */
  all(isThorough: boolean): Mutant[] {
    this.#others = isThorough ? Number.POSITIVE_INFINITY : 1;
    const places = placesOf(this.#config);
    return [
      ...places.flatMap((place) => edgeListsOf(this.#config, place)).flatMap((list) => this.#ofEdges(list)),
      ...places.flatMap((place) => this.#ofState(place)),
      ...this.#leaves.flatMap((leaf) => this.#undeclared(leaf)),
      ...Object.keys(this.#machine.implementations.delays).map((name) => this.#lateDelay(name)),
    ];
  }

  #ofEdges(list: EdgeList): Mutant[] {
    const { on, place } = list;
    const isDelay = on.startsWith('after ');
    const dropped = this.#mutant(isDelay ? 'delay dropped' : 'event dropped', list, '', (copy) =>
      list.drop(copy),
    );
    return [
      dropped,
      ...(isDelay ? this.#exchangedDelays(list) : []),
      ...list
        .of(this.#config)
        .flatMap((edge, index) => this.#ofEdge(list, edge, index, this.#targetOf(place, on, index))),
    ];
  }

  #ofEdge(list: EdgeList, edge: Edge, index: number, target: AnyStateNode | null): Mutant[] {
    const which = `#${index + 1}`;
    const change = (kind: string, detail: string, act: (edge: Edge) => void) =>
      this.#mutant(kind, list, `${which} ${detail}`.trim(), (copy) => {
        const changed = list.of(copy)[index];
        if (changed) act(changed);
      });
    const leaf = target && innermost(target).path.join('.');
    const isInside = target?.path.join('.').startsWith(list.place.join('.')) ?? false;
    return [
      this.#mutant('edge removed', list, which, (copy) => list.of(copy).splice(index, 1)),
      ...this.#leaves
        .filter((other) => other !== leaf && !(target === null && this.#isBare(other, list.place)))
        .slice(0, this.#others)
        .map((other) =>
          change('edge retargeted', `to ${other}`, (copy) => {
            copy.target = this.#idOf(other);
            copy.reenter = true;
          }),
        ),
      ...(target ? [change('edge retargeted', 'to nowhere', (copy) => delete copy.target)] : []),
      ...(edge.guard === undefined
        ? []
        : [
            change('guard flipped', nameOfGuard(edge.guard), (copy) => {
              copy.guard = not(edge.guard as never) as object;
            }),
            change('guard removed', nameOfGuard(edge.guard), (copy) => delete copy.guard),
          ]),
      ...(isInside
        ? [
            change('re-entry flipped', '', (copy) => {
              copy.reenter = !copy.reenter;
            }),
          ]
        : []),
      ...edge.actions.map((action, each) =>
        change('action removed', action, (copy) => copy.actions.splice(each, 1)),
      ),
    ];
  }

  #exchangedDelays(list: EdgeList): Mutant[] {
    const name = list.on.replace('after ', '');
    const names = Object.keys(this.#machine.implementations.delays);
    return names
      .filter((other) => other !== name)
      .slice(0, this.#others)
      .map((other) =>
        this.#mutant('delay exchanged', list, `for ${other}`, (copy) => {
          const { after } = at(copy, list.place);
          const edges = after[name] ?? [];
          delete after[name];
          after[other] = [...(after[other] ?? []), ...edges];
        }),
      );
  }

  #ofState(place: Place): Mutant[] {
    const state = at(this.#config, place);
    const list = { place, on: '' };
    const change = (kind: string, detail: string, act: (state: Config) => void) =>
      this.#mutant(kind, list, detail, (copy) => act(at(copy, place)));
    return [
      ...(['entry', 'exit'] as const).flatMap((when) =>
        state[when].map((action, index) =>
          change(`${when} action removed`, action, (copy) => {
            copy[when] = without(copy[when], index);
          }),
        ),
      ),
      ...state.invoke.map(({ src }, index) =>
        change('invoke removed', src, (copy) => {
          copy.invoke = without(copy.invoke, index);
        }),
      ),
      ...Object.keys(state.states)
        .filter((key) => key !== state.initial)
        .map((key) =>
          change('initial state changed', `to ${key}`, (copy) => {
            copy.initial = key;
          }),
        ),
      ...(state.type === 'final' ? [change('final state goes on', '', (copy) => delete copy.type)] : []),
    ];
  }

  /** Mutants that do what the chart does not name. */
  #undeclared(leaf: string): Mutant[] {
    const { chart, machine } = { chart: this.#chart, machine: this.#machine };
    if (chart.final.includes(leaf)) return [];
    const place = leaf.split('.');
    const rows = rowsOf(chart);
    const elsewhere = this.#leaves.filter((other) => other !== leaf).at(-1) ?? leaf;
    const refused = machine.events
      .map(String)
      .filter((event) => !event.startsWith('xstate.'))
      .filter(
        (event) =>
          !rows.some((row) => row === `${leaf} | ${event}` || row.startsWith(`${leaf} | ${event} [`)),
      );
    const invocable = Object.keys(machine.implementations.actors).filter(
      (actor) => ![...chart.invokes, ...(chart.states[leaf] ?? [])].includes(actor),
    );
    return [
      ...refused.map((event) =>
        this.#mutant('edge added', { place, on: event }, `to ${elsewhere}`, (copy) => {
          at(copy, place).on[event] = [{ target: this.#idOf(elsewhere), actions: [] }];
        }),
      ),
      ...invocable.map((src) =>
        this.#mutant('invoke added', { place, on: '' }, src, (copy) =>
          at(copy, place).invoke.push({ src, id: src }),
        ),
      ),
    ];
  }

  #lateDelay(name: string): Mutant {
    const { implementations } = this.#machine;
    const lasts = implementations.delays[name];
    const late = (...args: unknown[]) =>
      1 + Number(typeof lasts === 'function' ? Reflect.apply(lasts, undefined, args) : lasts);
    return {
      kind: 'delay lasts 1 ms longer',
      name,
      isNear: (row) => row.includes(`after ${name}`),
      build: () =>
        createMachine(this.#machine.config, {
          ...implementations,
          delays: { ...implementations.delays, [name]: late },
        }),
    };
  }

  #mutant(
    kind: string,
    { place, on }: { place: Place; on: string },
    detail: string,
    change: (copy: Config) => unknown,
  ): Mutant {
    const state = place.join('.');
    const isWithin = (leaf: string) => state === '' || leaf === state || leaf.startsWith(`${state}.`);
    return {
      kind,
      name: [`${state || 'anywhere'}${on && ` | ${on}`}`, detail].filter(Boolean).join(' '),
      isNear: (row) => {
        const [leaf = '', what = ''] = row.split(' | ');
        return isWithin(leaf) && (on === '' || what.replace(/ \[.*/, '') === on);
      },
      build: () => this.#build(change),
    };
  }

  #build(change: (copy: Config) => unknown): AnyStateMachine {
    const copy = toConfig(this.#machine.config);
    change(copy);
    return createMachine(copy as Parameters<typeof createMachine>[0], this.#machine.implementations as never);
  }

  /** A state that does nothing when it is entered or left, so that staying and entering it again are the same. */
  #isBare(leaf: string, place: Place): boolean {
    const { entry, exit, invoke, after } = at(this.#config, place);
    return leaf === place.join('.') && [entry, exit, invoke, Object.keys(after)].flat().length === 0;
  }

  #idOf(leaf: string): string {
    return `#${this.#machine.id}.${leaf}`;
  }

  #targetOf(place: Place, on: string, index: number): AnyStateNode | null {
    const node = place.reduce<AnyStateNode | undefined>(
      (inner, key) => inner?.states[key],
      this.#machine.root,
    );
    const key = on.startsWith('after ') ? `xstate.after.${on.replace('after ', '')}.${node?.id}` : on;
    const edges = on === 'always' ? node?.always : node?.transitions.get(key);
    return edges?.[index]?.target?.[0] ?? null;
  }
}

const nameOfGuard = (guard: string | object) =>
  typeof guard === 'string' ? guard : String(Reflect.get(guard, 'type'));
