import { chartOf, eventNameOf, isRecord, type ShownState } from './chart';
import type { Line, WatchedActor } from './watched';

/** JSON text, or null for what cannot be read. */
export function parse(text: string | undefined): unknown {
  try {
    return text === undefined ? null : JSON.parse(text);
  } catch {
    return null;
  }
}

/** A machine without states is a stand-in that an inspector makes for what is no machine. */
export function chartIn(config: unknown): ShownState | null {
  const chart = chartOf(config);
  return chart && chart.states.length > 0 ? chart : null;
}

/** Clocks of browsers have noise behind the point. */
const inTenths = (_: string, value: unknown) =>
  typeof value === 'number' ? Math.round(value * 10) / 10 : value;

/** An event as a line of the log. `sender` is a name, or empty. */
export function lineOf(atMs: number, event: unknown, sender: string): Omit<Line, 'kind'> {
  const { type, ...members } = isRecord(event) ? event : { type: event };
  const detail = Object.keys(members).length > 0 ? JSON.stringify(members, inTenths) : '';
  return {
    atMs,
    text: eventNameOf(String(type)),
    detail: [sender && `from ${sender}`, detail].filter(Boolean).join(' '),
  };
}

export function standingOf(snapshot: unknown): Pick<WatchedActor, 'status' | 'value' | 'context'> {
  const { status, value, context } = isRecord(snapshot) ? snapshot : {};
  return { status: typeof status === 'string' ? status : 'active', value, context };
}
