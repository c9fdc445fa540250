import type { Box, Line } from './graph';
import type { Point } from './route';

export interface Rect {
  x: number;
  y: number;
  width: number;
  height: number;
}

/** Where a box lies; units are px at the picture's own size. */
export interface PlacedBox extends Omit<Box, 'boxes'>, Rect {
  hasBoxes: boolean;
  /** Where its words stand: all of it, or, where boxes lie inside, a place that no arrow crosses. */
  head: Rect;
}

export interface PlacedLine extends Line {
  points: Point[];
  /** Null where the picture is too narrow for words. */
  label: (Rect & { text: string }) | null;
}

/** A picture of a machine, outer boxes first; JSON, so that it can be made ahead of time and kept. */
export interface Layout {
  machine: string;
  width: number;
  height: number;
  boxes: PlacedBox[];
  lines: PlacedLine[];
  /** Arrows from the words of a box to the box inside that is entered first. */
  initials: Point[][];
}

/** For the room that there is: words at the arrows only where they fit. */
export type Shape = 'wide' | 'narrow';
/** The outermost states alone, or all. */
export type Detail = 'overview' | 'full';

export const SHAPES: readonly Shape[] = ['wide', 'narrow'];
export const DETAILS: readonly Detail[] = ['overview', 'full'];

/** Widths of an average character in a common sans-serif; what is wider all the same is squeezed when it is drawn. */
export const METRICS = {
  nameHeight: 30,
  nameChar: 8,
  rowHeight: 16,
  rowChar: 5.6,
  labelChar: 5.7,
  labelHeight: 15,
  clockWidth: 13,
  padding: 9,
  minWidth: 88,
  /** What the count of attempts needs beside a name: `2/3`. */
  badgeWidth: 30,
  /** What a countdown needs beside its name: `88.8 s`. */
  countdownWidth: 40,
} as const;

const isDelay = (event: string): boolean => event.startsWith('after ');

/** The first event stands for all; the others are told when the arrow is pointed at. A delay is named in the box already. */
export function labelOf({ events }: Line): string {
  const first = events.find((event) => !isDelay(event)) ?? events[0] ?? '';
  return events.length > 1 ? `${first} +${events.length - 1}` : first;
}

/** Shown as a clock before the label. */
export const isTimed = ({ events }: Line): boolean => events.some(isDelay);

export const otherwiseText = (box: Pick<Box, 'otherwise'>): string =>
  box.otherwise.length > 0 ? `else ${box.otherwise.join(', ')}` : '';

export const comesFromText = (box: Pick<Box, 'comesFrom'>): string =>
  box.comesFrom.length > 0 ? `from ${box.comesFrom.length} states` : '';

/** Rows below the name: the state inside, the delays, the remarks. */
export const rowsOf = (box: Omit<Box, 'boxes'>): number =>
  Number(box.folded > 0) +
  box.mostDelays +
  Number(box.otherwise.length > 0) +
  Number(box.comesFrom.length > 0);
