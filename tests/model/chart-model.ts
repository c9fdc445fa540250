import type { Chart, Doing, Row } from '../machines/chart';

/** An event, or a delay that is over: `after connectTimeout`. */
export interface Step {
  readonly type: string;
  readonly [member: string]: unknown;
}

export interface Scene<Context> {
  context: Context;
  event: Step;
}

/** What the names in a chart mean, written by hand like the chart. */
export interface Meaning<Context> {
  guards: Readonly<Record<string, (scene: Scene<Context>) => boolean>>;
  /** What a row keeps: the context before and after. */
  keeps: Readonly<Record<string, (scene: Scene<Context>) => Context>>;
  /** In ms. */
  delays: Readonly<Record<string, (scene: Scene<Context>) => number>>;
}

/** What a step visibly does. */
export interface Reaction {
  /** The innermost states that are entered, or returned to, in order. */
  entered: string[];
  announces: string[];
  commands: string[];
  /** The rows that were followed, as `from | on [guard]`. */
  rows: string[];
}

interface Timer {
  owner: string;
  dueMs: number;
}

const ancestors = (leaf: string): string[] =>
  leaf.split('.').map((_part, index, parts) => parts.slice(0, index + 1).join('.'));

const isWithin = (leaf: string, state: string) => leaf === state || leaf.startsWith(`${state}.`);

/** `from | on [guard]`: the name of a row, for the leaf that it is followed from. */
export const nameOfRow = (leaf: string, on: string, guard = '') => `${leaf} | ${on}${guard && ` [${guard}]`}`;

/** Every row of a chart by name. */
export const rowsOf = ({ rows, states }: Chart): string[] =>
  rows.flatMap(({ from, on, guard }) =>
    Object.keys(states)
      .filter((leaf) => [from].flat().some((state) => isWithin(leaf, state)))
      .flatMap((leaf) => [on].flat().map((each) => nameOfRow(leaf, each, guard))),
  );

const delayIndices = new WeakMap<Chart, Map<string, Set<string>>>();

/** The delays that each state starts when it is entered, by name. */
function delaysOf(chart: Chart): ReadonlyMap<string, ReadonlySet<string>> {
  const known = delayIndices.get(chart);
  if (known) return known;
  const delays = new Map<string, Set<string>>();
  for (const { from, on } of chart.rows) {
    const names = [on].flat().flatMap((each) => /^after (.*)/.exec(each)?.[1] ?? []);
    for (const state of [from].flat()) delays.set(state, new Set([...(delays.get(state) ?? []), ...names]));
  }
  delayIndices.set(chart, delays);
  return delays;
}

const indices = new WeakMap<Chart, Map<string, readonly Row[]>>();

/** The rows of a leaf and an event, in order; each pair is looked up once. */
function lookUp(chart: Chart, leaf: string, on: string): readonly Row[] {
  const index = indices.get(chart) ?? new Map<string, readonly Row[]>();
  indices.set(chart, index);
  const key = `${leaf} | ${on}`;
  const rows =
    index.get(key) ??
    chart.rows.filter(
      (row) => [row.on].flat().includes(on) && [row.from].flat().some((from) => isWithin(leaf, from)),
    );
  index.set(key, rows);
  return rows;
}

/** A running chart, with any context. */
export interface Oracle {
  readonly chart: Chart;
  readonly context: unknown;
  readonly leaf: string;
  readonly isOver: boolean;
  /** The delays that run, by name, and when each is over. */
  readonly timers: Record<string, number>;
  /** The delay that is over next, and when. */
  readonly next: { type: string; dueMs: number } | null;
  nowMs: number;
  /** When a running delay is over. */
  dueMs(type: string): number | null;
  accepts(event: Step): boolean;
  /** Follows a row, and then those that need no event. @returns null if the chart has none: nothing may happen then. */
  take(event: Step): Reaction | null;
}

/** A running chart: the oracle of a machine, and independent of it. Its clock stands until `nowMs` is set. */
export class ChartModel<Context> implements Oracle {
  context: Context;
  leaf: string;
  nowMs = 0;
  readonly chart: Chart;
  readonly #meaning: Meaning<Context>;
  readonly #timers = new Map<string, Timer>();
  readonly #delays: ReadonlyMap<string, ReadonlySet<string>>;

  constructor(chart: Chart, meaning: Meaning<Context>, context: Context) {
    this.chart = chart;
    this.#meaning = meaning;
    this.context = context;
    this.leaf = Object.keys(chart.states)[0] ?? '';
    this.#delays = delaysOf(chart);
  }

  get isOver(): boolean {
    return this.chart.final.includes(this.leaf);
  }

  get timers(): Record<string, number> {
    return Object.fromEntries([...this.#timers].map(([name, { dueMs }]) => [name, dueMs]));
  }

  get next(): { type: string; dueMs: number } | null {
    const [first] = [...this.#timers].sort(([, a], [, b]) => a.dueMs - b.dueMs);
    return first ? { type: `after ${first[0]}`, dueMs: first[1].dueMs } : null;
  }

  dueMs(type: string): number | null {
    return this.#timers.get(type.replace('after ', ''))?.dueMs ?? null;
  }

  accepts(event: Step): boolean {
    return !this.isOver && this.#rowFor(event.type, event) !== null;
  }

  take(event: Step): Reaction | null {
    const reaction: Reaction = { entered: [], announces: [], commands: [], rows: [] };
    if (event.type.startsWith('after ')) this.#timers.delete(event.type.replace('after ', ''));
    if (this.isOver || !this.#follow(event.type, event, reaction)) return null;
    while (!this.isOver && this.#follow('always', event, reaction));
    return reaction;
  }

  #rowFor(on: string, event: Step): Row | null {
    const { guards } = this.#meaning;
    const isOpen = ({ guard }: Row) =>
      guard === undefined || guard === 'else' || known(guards, guard)({ context: this.context, event });
    return lookUp(this.chart, this.leaf, on).find(isOpen) ?? null;
  }

  #follow(on: string, event: Step, reaction: Reaction): boolean {
    const row = this.#rowFor(on, event);
    if (!row) return false;
    const { left, entered } = this.#crossed(row);
    reaction.rows.push(nameOfRow(this.leaf, on, row.guard));
    for (const state of left) this.#do(this.chart.exits[state], event, reaction);
    for (const [name, { owner }] of this.#timers) if (left.includes(owner)) this.#timers.delete(name);
    this.#do(row, event, reaction);
    for (const state of entered) {
      this.#do(this.chart.entries[state], event, reaction);
      this.#startTimers(state, event);
    }
    reaction.announces.push(...(row.announces ?? []));
    this.leaf = row.to ?? this.leaf;
    reaction.entered.push(this.leaf);
    return true;
  }

  /** States that are left, innermost first, and entered. A row to the leaf itself leaves it and enters it again. */
  #crossed({ to, reenters }: Row): { left: string[]; entered: string[] } {
    if (to === undefined) return { left: [], entered: [] };
    const isAnew = (state: string) => state === to || (reenters !== undefined && isWithin(state, reenters));
    const isAround = (state: string) => isWithin(this.leaf, state) && isWithin(to, state) && !isAnew(state);
    return {
      left: ancestors(this.leaf)
        .filter((state) => !isAround(state))
        .reverse(),
      entered: ancestors(to).filter((state) => !isAround(state)),
    };
  }

  #do(doing: Doing | undefined, event: Step, reaction: Reaction): void {
    reaction.commands.push(...(doing?.commands ?? []));
    for (const name of doing?.keeps ?? [])
      this.context = known(this.#meaning.keeps, name)({ context: this.context, event });
  }

  #startTimers(state: string, event: Step): void {
    for (const name of this.#delays.get(state) ?? []) {
      const lastsMs = known(this.#meaning.delays, name)({ context: this.context, event });
      this.#timers.set(name, { owner: state, dueMs: this.nowMs + lastsMs });
    }
  }
}

function known<Value>(values: Readonly<Record<string, Value>>, name: string): Value {
  const value = values[name];
  if (value === undefined) throw new Error(`the chart uses ${name}, which nobody explained`);
  return value;
}
