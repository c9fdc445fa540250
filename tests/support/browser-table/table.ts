import type { AcceptedBrowser } from './laboratory';
import type { Seen, StoryName } from './stories';

/** A row of the browsers' table: what a browser is expected to do, without times. */
export interface Row {
  readonly title: string;
  readonly story: StoryName;
  /** Reads the answer from what the story saw. */
  readonly read: (seen: Partial<Seen>) => unknown;
  readonly expected: Partial<Record<AcceptedBrowser, unknown>>;
}

/** A row that is a time: the fake must lie in the measured range; for a real browser it is printed. Ranges in ms. */
export interface Figure {
  readonly title: string;
  readonly story: StoryName;
  readonly read: (seen: Partial<Seen>) => readonly (number | null)[];
  readonly rangeMs: Partial<Record<AcceptedBrowser, readonly [number, number]>>;
}

function present<Name extends StoryName>(seen: Partial<Seen>, name: Name): Seen[Name] {
  const story = seen[name];
  if (story === undefined) throw new Error(`the story of ${name} was not told to its end`);
  return story;
}

export const row = <Name extends StoryName>(
  story: Name,
  title: string,
  read: (seen: Seen[Name]) => unknown,
  expected: Row['expected'],
): Row => ({ title, story, read: (seen) => read(present(seen, story)), expected });

export const both = (value: unknown) => ({ chromium: value, firefox: value });

export const figure = <Name extends StoryName>(
  story: Name,
  title: string,
  read: (seen: Seen[Name]) => readonly (number | null)[],
  rangeMs: Figure['rangeMs'],
): Figure => ({ title, story, read: (seen) => read(present(seen, story)), rangeMs });

/** Stories that several rows read. */
export const FOR_GOOD = 'a cut for good, and a restart once the network is whole';
export const UNDER_TRAFFIC = 'a long cut under traffic';
export const INTO_DEATH = 'a restart into the dead network';
export const SUSPECT = 'a restart of a suspect link';
export const STIRRED = 'a cut through which both ends stir ICE';
export const BLACK_HOLE = 'a first connect into a black hole';
export const NO_CANDIDATE = 'no candidate ever';
export const LIVING = 'a link looked at, and restarted while it lives';
export const CLOSED = 'the other end closes its connection';
export const CLOSED_TAB = 'the other tab is closed';
export const NAVIGATION = 'the other page navigates away';
export const GLARE = 'two restarts at once';
export const SIDE = 'a negotiated channel on one side only';
export const FLOOD = 'too much at once';
export const RELAYED = 'a direct path that is blocked, and a relay';
