import type { Graph } from './graph';
import type { LogLine } from './watched';

const EMPTY = '–';

function html(name: string, className: string, ...children: (Node | string)[]): HTMLElement {
  const made = document.createElement(name);
  if (className) made.className = className;
  made.append(...children);
  return made;
}

function textOf(value: unknown): string {
  if (value === null || value === undefined) return EMPTY;
  if (typeof value === 'boolean') return value ? 'yes' : 'no';
  return typeof value === 'object' ? JSON.stringify(value) : String(value);
}

/** Reads a member of what arrived from elsewhere. */
function memberOf(value: unknown, key: string): unknown {
  return typeof value === 'object' && value !== null ? Reflect.get(value, key) : undefined;
}

export function showFacts(list: Element, facts: Record<string, unknown>): void {
  const rows = Object.entries(facts).map(([name, value]) =>
    html('div', '', html('dt', '', name), html('dd', value === false ? 'off' : '', textOf(value))),
  );
  list.replaceChildren(...rows);
}

/** The lines of the status list: what a reader asks first. */
export function statusOf(path: readonly string[], context: Record<string, unknown>): Record<string, unknown> {
  const { attempts, timings, plan, cause, failure } = context;
  const seconds = (key: string) => `${Number(memberOf(plan, key)) / 1_000} s`;
  const planned = plan
    ? `${textOf(memberOf(plan, 'kind'))}: back-off ${seconds('delayMs')}, deadline ${seconds('deadlineMs')}, renewed each ${seconds('renewMs')}`
    : null;
  const why = memberOf(failure, 'reason');
  return {
    state: path.join(' · '),
    attempts: `${textOf(attempts)} of ${textOf(memberOf(timings, 'maxIceRestarts'))}`,
    cause,
    plan: planned,
    ...(why ? { failure: `${textOf(why)}: ${textOf(memberOf(failure, 'advice'))}` } : {}),
  };
}

/** Each event that the state hears, with where it may lead. */
export function eventsOf(graph: Graph, state: string): { event: string; targets: string[] }[] {
  const found = new Map<string, string[]>();
  for (const { from, to, events } of [...graph.arrows, ...graph.inner]) {
    if (from !== state) continue;
    for (const event of events) found.set(event, [...(found.get(event) ?? []), to === state ? 'stays' : to]);
  }
  return [...found].map(([event, targets]) => ({ event, targets }));
}

/** `press` makes a button of an event, or null where it only is listed. */
export function showEvents(
  list: Element,
  rows: readonly { event: string; targets: string[] }[],
  press: (event: string) => (() => void) | null,
): void {
  list.replaceChildren(
    ...rows.map(({ event, targets }) => {
      const act = press(event);
      const label = act ? html('button', '', event) : html('span', 'plain', event);
      if (act) label.addEventListener('click', act);
      return html('li', '', label, html('span', 'target', targets.join(' or ')));
    }),
  );
}

const timeOf = (at: number): string => {
  const date = new Date(at);
  const two = (part: number) => String(part).padStart(2, '0');
  return `${two(date.getHours())}:${two(date.getMinutes())}:${two(date.getSeconds())}.${String(date.getMilliseconds()).padStart(3, '0')}`;
};

/** Newest first, so that a phone shows what happens. */
export function showLog(list: Element, lines: readonly LogLine[]): void {
  list.replaceChildren(
    ...[...lines]
      .reverse()
      .map(({ at, tone, text, detail }) =>
        html('li', tone, html('time', '', timeOf(at)), html('b', '', text), html('span', '', detail)),
      ),
  );
}
