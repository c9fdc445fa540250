import { chartOf, eventNameOf, isRecord, type ShownState } from './chart';
import type { Line, WatchedActor } from './watched';

/** Parses JSON text; null if it is invalid. */
export function parse(text: string | undefined): unknown {
  try {
    return text === undefined ? null : JSON.parse(text);
  } catch {
    return null;
  }
}

/** A machine without states is what an inspector sends for an actor that is not a machine. */
export function chartIn(config: unknown): ShownState | null {
  const chart = chartOf(config);
  return chart && chart.states.length > 0 ? chart : null;
}

/** Rounded, because the decimals of browser clocks are noise. */
const inTenths = (_: string, value: unknown) =>
  typeof value === 'number' ? Math.round(value * 10) / 10 : value;

/** Formats an event as a line of the log. `sender` is a name, or empty. */
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
