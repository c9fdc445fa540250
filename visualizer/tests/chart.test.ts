import { createConnectionMachine, outageMachine } from 'holdfast/machines';
import { beforeAll, describe, expect, it } from 'vitest';
import type { AnyStateNode } from 'xstate';
import { withElkCache } from '../plugins/elk-cache';
import { libraryMachines, type Precomputed, precomputed } from '../plugins/precomputed';
import { detailsOf } from '../src/chart/details';
import { layoutKey } from '../src/chart/elk-input';
import { type Box, graphOf, lineId, toItself, toOutermost } from '../src/chart/graph';
import { DETAILS, type Layout, SHAPES } from '../src/chart/layout';
import { headPath, type Point, roundedPath } from '../src/chart/route';

/** Elk gets six questions of some seconds each unless a build has asked them before. */
const ELK_MS = 120_000;

const machines = libraryMachines();
const roots: Record<string, AnyStateNode> = {
  connection: createConnectionMachine().root,
  outage: outageMachine.root,
};

/** Every arrow with a target, read from the machine itself, however the page got it. */
function edgesOf(node: AnyStateNode): { source: string; target: string }[] {
  const own = [...node.transitions.values()].flat().concat(node.always ?? []);
  const edges = own.flatMap(({ target }) =>
    target?.[0] ? [{ source: node.path.join('.'), target: target[0].path.join('.') }] : [],
  );
  return [...edges, ...Object.values(node.states).flatMap(edgesOf)];
}

const flatten = (boxes: readonly Box[]): Box[] => boxes.flatMap((box) => [box, ...flatten(box.boxes)]);

describe.each(['connection', 'outage'] as const)('the chart of the machine %s', (name) => {
  const definition = machines[name];
  const root = roots[name];

  it.each([
    ['overview', toOutermost],
    ['full', toItself],
  ] as const)('has every state and every arrow of the machine: %s', (_detail, fold) => {
    const graph = graphOf(definition, fold);
    const boxes = flatten(graph.boxes);
    const told = new Set([
      ...graph.lines.map(({ id }) => id),
      ...boxes.flatMap(({ id, otherwise }) => otherwise.map((target) => lineId(id, target))),
      ...boxes.flatMap(({ id, comesFrom }) => comesFrom.map((source) => lineId(source, id))),
    ]);
    if (!root) throw new Error('both machines are here');
    const outer = Object.values(root.states).filter(({ type }) => type !== 'final');
    const wanted = edgesOf(root).flatMap(({ source, target }) => {
      const sources = source === '' ? outer.map(({ key }) => key) : [fold(source)];
      return sources.filter((from) => from !== fold(target)).map((from) => lineId(from, fold(target)));
    });
    expect(new Set(wanted)).toEqual(told);
    const states = (node: AnyStateNode): string[] =>
      Object.values(node.states).flatMap((state) => [state.path.join('.'), ...states(state)]);
    expect(new Set(boxes.map(({ id }) => id))).toEqual(new Set(states(root).map(fold)));
  });

  it('lists all events of a state, and all that take an arrow', () => {
    const [first] = definition.root.states;
    const details = first && detailsOf(definition, first.path, toOutermost);
    expect(details?.arrows.map(({ event }) => event)).toEqual(
      expect.arrayContaining(first?.arrows.map(({ event }) => event) ?? []),
    );
    for (const line of graphOf(definition, toItself).lines)
      expect(detailsOf(definition, line.id, toItself)?.arrows.length).toBeGreaterThanOrEqual(
        line.events.length,
      );
    expect(detailsOf(definition, 'nowhere', toItself)).toBeNull();
  });
});

describe('the overview of the link', () => {
  const graph = graphOf(machines.connection, toOutermost);
  const box = (id: string) => graph.boxes.find((each) => each.id === id);

  it('has the seven states in the order of the chart', () => {
    expect(graph.boxes.map(({ id }) => id)).toEqual([
      'new',
      'checking',
      'connected',
      'disconnected',
      'restarting',
      'failed',
      'closed',
    ]);
  });

  it('names the delays of a state, including those of nested states', () => {
    expect(box('disconnected')?.delays).toEqual(['disconnectTimeout']);
    expect(box('restarting')?.delays).toContain('attemptTimeout');
    expect(box('restarting')?.maxDelays).toBeLessThan(box('restarting')?.delays.length ?? 0);
  });

  it('says in words where a guard diverts an arrow, and where nearly every state leads', () => {
    expect(box('connected')?.otherwise).toEqual(['failed']);
    expect(box('closed')?.comesFrom).toHaveLength(6);
    expect(graph.lines.filter(({ target }) => target === 'closed')).toEqual([]);
  });
});

interface Rect {
  x: number;
  y: number;
  width: number;
  height: number;
}

const overlap = (a: Rect, b: Rect): boolean =>
  a.x < b.x + b.width && b.x < a.x + a.width && a.y < b.y + b.height && b.y < a.y + a.height;

/** Each straight piece of a line as a rectangle without width. */
const pieces = (points: readonly Point[]): Rect[] =>
  points.slice(1).map((to, index) => {
    const from = points[index] ?? to;
    return {
      x: Math.min(from.x, to.x),
      y: Math.min(from.y, to.y),
      width: Math.abs(to.x - from.x),
      height: Math.abs(to.y - from.y),
    };
  });

/** A rectangle without size counts only if a point of it lies strictly inside. */
const crosses = (piece: Rect, { x, y, width, height }: Rect): boolean =>
  piece.x < x + width && piece.x + piece.width > x && piece.y < y + height && piece.y + piece.height > y;

describe('the layouts', () => {
  let made: Precomputed;
  beforeAll(async () => {
    made = await withElkCache(precomputed);
  }, ELK_MS);

  const cases = (['connection', 'outage'] as const).flatMap((machine) =>
    DETAILS.flatMap((detail) => SHAPES.map((shape) => [machine, detail, shape] as const)),
  );
  const layoutOf = (...[machine, detail, shape]: (typeof cases)[number]): Layout => {
    const graph = graphOf(machines[machine], detail === 'overview' ? toOutermost : toItself);
    const layout = made.layouts[layoutKey(graph, detail, shape)];
    if (!layout) throw new Error('not made');
    return layout;
  };

  it.each(cases)('keep text apart from arrows, boxes and other text: %s, %s, %s', (...which) => {
    const { boxes, lines } = layoutOf(...which);
    const labels = lines.flatMap(({ label }) => (label ? [label] : []));
    const heads = boxes.map(({ head }) => head);
    const routes = lines.flatMap(({ points }) => pieces(points));
    const words = [...labels, ...heads];
    expect(words.flatMap((word) => routes.filter((piece) => crosses(piece, word)))).toEqual([]);
    const apart = words.flatMap((word, index) =>
      words.slice(index + 1).filter((other) => overlap(word, other)),
    );
    expect(apart).toEqual([]);
  });

  it.each(cases)('lead every arrow from edge to edge, inside the picture: %s, %s, %s', (...which) => {
    const { width, height, boxes, lines } = layoutOf(...which);
    for (const { id, source, target, points, label } of lines) {
      const ends = [points[0], points.at(-1)];
      for (const [index, boxId] of [source, target].entries()) {
        const [end, box] = [ends[index], boxes.find((each) => each.id === boxId)];
        if (!end || !box) throw new Error(`${id} has no end`);
        const isOnEdge =
          Math.min(
            Math.abs(end.x - box.x),
            Math.abs(end.x - box.x - box.width),
            Math.abs(end.y - box.y),
            Math.abs(end.y - box.y - box.height),
          ) < 1;
        expect([id, isOnEdge]).toEqual([id, true]);
      }
      for (const rect of [...pieces(points), ...(label ? [label] : [])])
        expect(
          rect.x >= 0 && rect.y >= 0 && rect.x + rect.width <= width && rect.y + rect.height <= height,
        ).toBe(true);
    }
  });

  it('fit their screens: a wide one as a band, a phone in its width', () => {
    const band = layoutOf('connection', 'overview', 'wide');
    expect(band.width / band.height).toBeGreaterThan(4);
    expect(layoutOf('connection', 'overview', 'narrow').width).toBeLessThan(366);
  });
});

describe('a route', () => {
  const points = [
    { x: 0, y: 0 },
    { x: 20, y: 0 },
    { x: 20, y: 2 },
    { x: 40, y: 2 },
  ];

  it('is drawn through its points, with bends that fit the room', () => {
    expect(roundedPath(points)).toBe('M 0 0 L 15 0 Q 20 0 20 1 L 20 1 Q 20 2 25 2 L 40 2');
    expect(roundedPath([])).toBe('');
  });

  it('ends in a head that points in its direction', () => {
    expect(headPath(points)).toBe('M 33 5 L 40 2 L 33 -1 z');
    expect(headPath([])).toBe('');
  });
});
