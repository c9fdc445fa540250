import type { Box, Line } from './graph';
import type { Point } from './route';

export interface Rect {
  x: number;
  y: number;
  width: number;
  height: number;
}

/** A box with its position, in px at the chart's natural size. */
export interface PlacedBox extends Omit<Box, 'boxes'>, Rect {
  hasBoxes: boolean;
  /** The place of its texts: the whole box, or, with nested boxes, an area that no arrow crosses. */
  head: Rect;
}

export interface PlacedLine extends Line {
  points: Point[];
  /** Null if the chart is too narrow for labels. */
  label: (Rect & { text: string }) | null;
}

/** A chart with positions, outer boxes first. It is JSON, so that it can be computed in advance and stored. */
export interface Layout {
  machine: string;
  width: number;
  height: number;
  boxes: PlacedBox[];
  lines: PlacedLine[];
  /** Arrows from the texts of a box to the nested box that is entered first. */
  initials: Point[][];
}

/** The available width: only a wide chart has labels at its arrows. */
export type Shape = 'wide' | 'narrow';
/** Only the outermost states, or all states. */
export type Detail = 'overview' | 'full';

export const SHAPES: readonly Shape[] = ['wide', 'narrow'];
export const DETAILS: readonly Detail[] = ['overview', 'full'];

/** Sizes in px, with widths of an average character in a common sans-serif font. Wider texts are squeezed when they are drawn. */
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
  /** Width of the attempt count beside a name: `2/3`. */
  badgeWidth: 30,
  /** Width of a countdown beside its name: `88.8 s`. */
  countdownWidth: 40,
} as const;

const isDelay = (event: string): boolean => event.startsWith('after ');

/** The label shows the first event; the tooltip lists all. A delay comes last, because the box already names it. */
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

/** Number of rows below the name: the nested state, the delays, the remarks. */
export const rowsOf = (box: Omit<Box, 'boxes'>): number =>
  Number(box.folded > 0) +
  box.maxDelays +
  Number(box.otherwise.length > 0) +
  Number(box.comesFrom.length > 0);
