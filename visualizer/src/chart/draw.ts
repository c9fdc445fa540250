import { setAttribute, svg } from '../dom';
import { drawBox, updateBox } from './draw-box';
import { drawHead, drawLine, lineClass, updateLeap } from './draw-line';
import { fitTexts, noteTexts } from './fit-text';
import type { DrawOptions, Highlight } from './highlight';
import type { Layout } from './layout';
import { roundedPath } from './route';
import { useRovingTabindex } from './roving-tabindex';

export interface Drawing {
  element: SVGSVGElement;
  /** The element must be in the page, because its texts are measured there. */
  update(highlight: Highlight): void;
}

/** Draws a layout once. Highlights can be updated any number of times. */
export function drawChart(layout: Layout, options: DrawOptions): Drawing {
  const lines = layout.lines.map((line) => ({ line, group: drawLine(line, options) }));
  const boxes = layout.boxes.map((box) => drawBox(box, options));
  const leap = { stroke: svg('path', { class: 'stroke' }), head: svg('path', { class: 'head' }) };
  const element = svg(
    'svg',
    {
      viewBox: `0 0 ${layout.width} ${layout.height}`,
      role: 'toolbar',
      'aria-orientation': 'vertical',
      'aria-label': `State machine ${layout.machine}`,
    },
    // Outer boxes are below the arrows into them; the other boxes are on top.
    ...boxes.filter(({ box }) => box.hasBoxes).map(({ group }) => group),
    ...layout.initials.map((points) =>
      svg(
        'g',
        { class: 'initial' },
        svg('path', { class: 'stroke', d: roundedPath(points) }),
        drawHead(points),
      ),
    ),
    ...lines.map(({ group }) => group),
    svg('g', { class: 'leap' }, leap.stroke, leap.head),
    ...boxes.filter(({ box }) => !box.hasBoxes).map(({ group }) => group),
  );
  // Each state, followed by the arrows that leave it.
  useRovingTabindex(
    element,
    boxes.flatMap(({ box, group }) => [
      group,
      ...lines.filter(({ line }) => line.source === box.id).map((drawn) => drawn.group),
    ]),
  );
  noteTexts(element);
  const update = (highlight: Highlight): void => {
    for (const drawn of boxes) updateBox(drawn, highlight, options);
    for (const { line, group } of lines) {
      setAttribute(group, 'class', lineClass(line, highlight));
      setAttribute(group, 'aria-expanded', String(highlight.picked === line.id));
    }
    updateLeap(leap, layout, highlight);
    fitTexts();
  };
  return { element, update };
}
