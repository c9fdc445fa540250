/** The configuration of a machine, with every shorthand written out: mutants are made from it. */

export interface Edge {
  target?: string;
  guard?: string | object;
  actions: string[];
  reenter?: boolean;
}

/** The configuration of a state, with every shorthand written out. */
export interface Config {
  initial?: string;
  type?: string;
  entry: string[];
  exit: string[];
  invoke: { src: string; id: string }[];
  on: Record<string, Edge[]>;
  after: Record<string, Edge[]>;
  always: Edge[];
  states: Record<string, Config>;
}

type Untyped = Readonly<Record<string, unknown>>;

const listOf = (value: unknown): unknown[] => (value === undefined ? [] : [value].flat());
const namesOf = (value: unknown): string[] => listOf(value).map(String);
const mapOf = <Value>(value: unknown, map: (inner: unknown) => Value): Record<string, Value> =>
  Object.fromEntries(Object.entries(Object(value)).map(([key, inner]) => [key, map(inner)]));

const toEdge = (value: unknown): Edge => {
  const edge: Untyped = typeof value === 'string' ? { target: value } : Object(value);
  return { ...edge, actions: namesOf(edge.actions) };
};

const toEdges = (value: unknown): Edge[] => listOf(value).map(toEdge);

export function toConfig(value: unknown): Config {
  const config: Untyped = Object(value);
  return {
    ...config,
    entry: namesOf(config.entry),
    exit: namesOf(config.exit),
    invoke: listOf(config.invoke).map((invoke) => ({ ...Object(invoke) })),
    on: mapOf(config.on, toEdges),
    after: mapOf(config.after, toEdges),
    always: toEdges(config.always),
    states: mapOf(config.states, toConfig),
  };
}

export type Place = readonly string[];

export const placesOf = (config: Config, place: Place = []): Place[] => [
  place,
  ...Object.entries(config.states).flatMap(([key, inner]) => placesOf(inner, [...place, key])),
];

export function at(config: Config, place: Place): Config {
  return place.reduce((inner, key) => {
    const next = inner.states[key];
    if (!next) throw new Error(`no state ${place.join('.')}`);
    return next;
  }, config);
}

/** A list of a state's edges: those of an event, of a delay, or those that need neither. */
export interface EdgeList {
  readonly place: Place;
  /** Its name in the rows of the chart. */
  readonly on: string;
  of(config: Config): Edge[];
  drop(config: Config): void;
}

export const edgeListsOf = (config: Config, place: Place): EdgeList[] => {
  const { on, after, always } = at(config, place);
  const keyed = (kind: 'on' | 'after', key: string): EdgeList => ({
    place,
    on: kind === 'on' ? key : `after ${key}`,
    of: (copy) => at(copy, place)[kind][key] ?? [],
    drop: (copy) => delete at(copy, place)[kind][key],
  });
  const eventless: EdgeList = {
    place,
    on: 'always',
    of: (copy) => at(copy, place).always,
    drop: (copy) => at(copy, place).always.splice(0),
  };
  return [
    ...Object.keys(on).map((key) => keyed('on', key)),
    ...Object.keys(after).map((key) => keyed('after', key)),
    ...(always.length > 0 ? [eventless] : []),
  ];
};
