/** A chart as sent by both inspectors: the config of xstate 5 or the definition of xstate 4, as JSON. */

export interface ShownArrow {
  event: string;
  guard: string | null;
  /** Empty if the transition does not leave the state. */
  targets: string[];
  actions: string[];
}

export interface ShownState {
  key: string;
  /** `restarting.waiting.backoff`; empty for the root. */
  path: string;
  entry: string[];
  exit: string[];
  invokes: string[];
  arrows: ShownArrow[];
  states: ShownState[];
}

type Json = Record<string, unknown>;

export const isRecord = (value: unknown): value is Json =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const listOf = (value: unknown): unknown[] =>
  Array.isArray(value) ? value : value === undefined || value === null ? [] : [value];

const textOf = (value: unknown): string | null => (typeof value === 'string' ? value : null);

const nameOf = (value: unknown): string | null =>
  isRecord(value) ? (textOf(value.type) ?? textOf(value.name)) : textOf(value);

/** Leaves out the actions that the libraries themselves add for delays and child actors. */
const isOwnAction = (name: string) => !/^xstate\./.test(name);

const namesOf = (value: unknown): string[] =>
  listOf(value)
    .flatMap((each) => nameOf(each) ?? [])
    .filter(isOwnAction);

/** Readable names of delays, `done` and `error` events, which the two libraries spell differently. */
export const eventNameOf = (type: string): string =>
  type
    .replace(/^xstate\.init$/, 'start')
    .replace(/^xstate\.after[.(]([^.)]+).*$/, 'after $1')
    .replace(/^(?:xstate\.)?(done|error)\.(?:actor|invoke|platform)\.([^.]+).*$/, '$1: $2');

/** Converts `#connection.restarting.attempting` and `.closed` to paths; a plain name is a sibling. */
function targetOf(target: string): string {
  return target.replace(/^#[^.]+\.?/, '').replace(/^\./, '') || target.replace(/^#/, '');
}

function arrowsOf(event: string, value: unknown): ShownArrow[] {
  return listOf(value).map((arrow) => {
    if (!isRecord(arrow)) return { event, guard: null, targets: namesOf(arrow).map(targetOf), actions: [] };
    const { target, actions, guard, cond } = arrow;
    return {
      event,
      guard: nameOf(guard ?? cond),
      targets: namesOf(target).map(targetOf),
      actions: namesOf(actions),
    };
  });
}

const arrowsIn = (value: unknown, nameEvent: (key: string) => string): ShownArrow[] =>
  isRecord(value) ? Object.entries(value).flatMap(([key, arrows]) => arrowsOf(nameEvent(key), arrows)) : [];

function invokeOf(value: unknown): string | null {
  if (!isRecord(value)) return textOf(value);
  return textOf(value.id) ?? nameOf(value.src);
}

/** @returns null if the value is not a chart. */
export function chartOf(config: unknown, key = '', path = ''): ShownState | null {
  if (!isRecord(config)) return null;
  const inside = isRecord(config.states) ? Object.entries(config.states) : [];
  return {
    key,
    path,
    entry: namesOf(config.entry),
    exit: namesOf(config.exit),
    invokes: listOf(config.invoke).flatMap((each) => invokeOf(each) ?? []),
    arrows: [
      ...arrowsIn(config.on, eventNameOf),
      ...arrowsIn(config.after, (delay) => `after ${delay}`),
      ...arrowsOf('always', config.always),
    ],
    states: inside.flatMap(([name, state]) => chartOf(state, name, path ? `${path}.${name}` : name) ?? []),
  };
}

/** `{restarting: {waiting: 'backoff'}}` as `['restarting', 'restarting.waiting', 'restarting.waiting.backoff']`. */
export function livePathsOf(value: unknown, above = ''): string[] {
  const join = (key: string) => (above ? `${above}.${key}` : key);
  if (typeof value === 'string') return value ? [join(value)] : [];
  if (!isRecord(value)) return [];
  return Object.entries(value).flatMap(([key, inner]) => [join(key), ...livePathsOf(inner, join(key))]);
}

/** The innermost live states. */
export function stateOf(value: unknown): string {
  const paths = livePathsOf(value);
  return paths.filter((path) => !paths.some((other) => other.startsWith(`${path}.`))).join(' + ');
}
